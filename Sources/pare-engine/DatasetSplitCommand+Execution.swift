import Commands
import Darknet
import Datasets
import Foundation
import Runs
import Terminal

extension DatasetSplitCommand: Executable {
  package func execute() throws {
    let json = try JSONOutput(report, in: folder.output)
    let dataFile = try DataFile(contentsOf: data.data)
    let output = try OutputFolder(folder.output, overwrite: folder.overwrite, kind: "split")
    var splitter = try DatasetSplitter(dataFile)
    Console.list(splitter.problems, what: "entries skipped")
    let progress = CountedProgress("looking for copies", isQuiet: report.quiet)
    splitter.keepCopiesTogether(
      workers: ProcessInfo.processInfo.activeProcessorCount, progress: progress.update)
    progress.finish()
    let lists: [(name: String, DatasetSplitter.Lists)]
    if let folds {
      lists = try splitter.folds(folds, validationShare: validationShare).enumerated()
        .map { ("fold-\($0)", $1) }
    } else if keepTest {
      lists = [
        (
          "split",
          try splitter.ratiosKeepingTest(
            train: ratios[0], valid: ratios[1], seed: seed, isStratified: stratified)
        )
      ]
    } else {
      lists = [
        (
          "split",
          try splitter.ratios(
            train: ratios[0], valid: ratios[1], test: ratios.count > 2 ? ratios[2] : 0, seed: seed,
            isStratified: stratified)
        )
      ]
    }
    // The folder may be the data set's own: what is there stays.
    try output.fill(adding: true) { place in
      for (name, lists) in lists {
        try splitter.write(lists, name: name, to: place, of: output.path)
      }
    }
    let files = lists.map { "\(output.path)/\($0.name).data" }
    // Of those that equal a test picture, when the test pictures stay as they are.
    let left = keepTest ? splitter.pictures.count - lists[0].1.count : 0
    if report.printsTables {
      for (file, (_, lists)) in zip(files, lists) {
        let counts = [("train", lists.train), ("valid", lists.valid), ("test", lists.test)]
          .filter { !$0.1.isEmpty }.map { "\($0.0) \($0.1.count)" }
        try Console.print("\(file): \(counts.joined(separator: ", "))")
      }
      if folds == nil, case let first = lists[0].1 {
        let wanted = [
          ("valid", first.valid, ratios[1]), ("test", first.test, ratios.dropFirst(2).first ?? 0),
        ]
        let empty = wanted.filter { $0.1.isEmpty && $0.2 > 0 }.map(\.0)
        if !empty.isEmpty {
          try Console.print("too few pictures: none is in \(empty.joined(separator: " and "))")
        }
      }
      if dataFile.test != nil, !keepTest, lists.allSatisfy(\.1.test.isEmpty) {
        try Console.print(
          "the test pictures of \(data.data) are in train and valid now; --keep-test leaves them")
      }
      if splitter.copyCount > 0 {
        let kept = "\(counted(splitter.copyCount, "picture")) "
        try Console.print(
          kept + (splitter.copyCount == 1 ? "is a copy" : "are copies")
            + " of another, and in the same split as that one"
            + (left == 0 ? "" : "; \(grouped(left)) of a test picture, and in no split"))
      }
    }
    try json.write(
      .members([
        "images": splitter.pictures.count,
        "boxes": splitter.pictures.reduce(0) { $0 + $1.labels.count },
        "copies": splitter.copyCount, "leftOut": left, "files": files.map(absolute),
        "lists": JSONValue.array(
          lists.map {
            .members([
              "train": $0.1.train.count, "valid": $0.1.valid.count, "test": $0.1.test.count,
            ])
          }),
      ]))
    if let first = files.first {
      let next = NextCommand.network(
        for: first, madeOf: data.data, classes: dataFile.classes)
      try report.next(next.purpose, next.command)
    }
  }
}
