import Commands
import Datasets
import Foundation
import Runs
import Summaries

extension DatasetSyntheticCommand: Executable {
  package func execute() throws {
    let json = try JSONOutput(report, in: folder.output)
    var drawing = SyntheticDataset(output: folder.output)
    drawing.classCount = classes
    (drawing.train, drawing.valid, drawing.test) = (images, validation, test)
    drawing.side = size
    drawing.seed = seed
    drawing.workers = ProcessInfo.processInfo.activeProcessorCount
    drawing.overwrites = folder.overwrite
    let observer = ConsoleObserver(report)
    observer.remark(drawing.announcement)
    let result = try observer.watch("drawing") { try drawing.draw(progress: $0) }
    let network = { NextCommand.network(for: result.data, classes: result.classes.count) }
    let steps = DatasetParts(result.splitCounts).next(result.data, else: network)
    try report.tell(result, result.summary(next: steps), json)
  }
}
