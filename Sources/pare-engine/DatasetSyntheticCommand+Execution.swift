import Commands
import Datasets
import Foundation
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
    let progress = ConsoleProgress(
      "drawing", total: images + validation + test, isQuiet: report.quiet)
    let result = try drawing.draw { done, _ in progress.update(done) }
    progress.finish()
    let network = { NextCommand.network(for: result.data, classes: result.classes.count) }
    let steps = DatasetParts(result.splitCounts).next(result.data, else: network)
    try report.tell(result, result.summary(next: steps), json)
  }
}
