import Commands
import Darknet
import Datasets
import Foundation

extension DatasetSplitCommand: Executable {
  package func execute() throws {
    let json = try JSONOutput(report, in: folder.output)
    let dataFile = try DataFile(contentsOf: data.data)
    _ = try OutputFolder.make(folder.output, overwrite: folder.overwrite, kind: "split")
    let splitter = try DatasetSplitter(dataFile)
    Console.list(splitter.problems, what: "entries skipped")
    var files: [String] = []
    if let folds {
      for (k, lists) in try splitter.folds(folds, validationShare: validationShare).enumerated() {
        files.append(
          try splitter.write(lists, name: "fold-\(k)", to: folder.output))
      }
    } else {
      let lists = try splitter.ratios(
        train: ratios[0], valid: ratios[1], test: ratios.count > 2 ? ratios[2] : 0, seed: seed,
        isStratified: stratified)
      files.append(
        try splitter.write(lists, name: "split", to: folder.output))
    }
    if report.printsTables { for file in files { try Console.print(file) } }
    try json.write(
      .members([
        "images": splitter.pictures.count,
        "boxes": splitter.pictures.reduce(0) { $0 + $1.labels.count },
        "files": files.map(absolute),
      ]))
  }
}
