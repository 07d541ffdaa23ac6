import Commands
import Darknet
import Datasets
import Foundation
import Reports
import Vision

extension DatasetCheckCommand: Executable {
  package func execute() throws {
    let json = try JSONOutput(report)
    let dataFile = try DataFile(contentsOf: data.data)
    var problems: [DatasetProblem] = []
    var pictures: Set<String> = []
    var boxes = 0
    for split in DatasetSplit.allCases where dataFile.list(split) != nil {
      let dataset = try DetectionDataset(dataFile, split: split, allowsNoLabels: true)
      problems += dataset.problems
      let progress = ConsoleProgress(
        "check \(split.rawValue)", total: dataset.pictures.count, isQuiet: report.quiet)
      for (index, picture) in dataset.pictures.enumerated() {
        progress.update(index + 1)
        guard pictures.insert(picture.path).inserted else { continue }
        boxes += picture.labels.count
        do {
          _ = try Image(contentsOf: picture.path)
        } catch {
          // The path stands before the reason in both.
          let reason = "\(error)".dropFirst(picture.path.count + 2)
          problems.append(DatasetProblem(path: picture.path, reason: String(reason)))
        }
      }
      progress.finish()
    }
    if report.printsTables {
      for problem in problems { try Console.print("\(problem)") }
      try Console.print(
        "\(pictures.count) pictures, \(boxes) boxes, \(problems.count) problems")
    }
    try json.write(
      .members([
        "problems": JSONValue.array(
          problems.map {
            .members(["path": absolute($0.path), "line": $0.line, "reason": $0.reason])
          }),
        "images": pictures.count, "boxes": boxes,
      ]))
    guard problems.isEmpty else { throw EngineError.problemsFound(problems.count) }
  }
}
