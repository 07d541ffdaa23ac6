import Commands
import Darknet
import Datasets
import Runs
import Storage
import Terminal

extension SplitRun.Outcome {
  /// What is told of a data set that was divided.
  ///
  /// - Parameters:
  ///   - data: the set that it was.
  ///   - folder: where the lists are.
  package func summary(of data: DataFile, in folder: String) -> Summary {
    let files = lists.map { "\(folder)/\($0.name).data" }
    var summary = Summary()
    for (file, (_, lists)) in zip(files, lists) {
      let counts = [("train", lists.train), ("valid", lists.valid), ("test", lists.test)]
        .filter { !$0.1.isEmpty }.map { "\($0.0) \($0.1.count)" }
      summary.lines.add("\(file): \(counts.joined(separator: ", "))")
    }
    if lists.count > 1 {
      summary.lines.add(
        "each of the \(lists.count) sets is trained once, and tested once on its fold: "
          + "so every picture is tested by a network that never saw it")
    }
    if !empty.isEmpty {
      let names = empty.map(\.rawValue).joined(separator: " and ")
      summary.lines.add("too few pictures: none is in \(names)")
    }
    if empty.isEmpty, lists.allSatisfy({ $0.lists.valid.isEmpty && $0.lists.test.isEmpty }) {
      summary.lines.add(
        "no pictures are left to measure on, as asked: nothing will tell how good a network is, or which "
          + "epoch is best; '--ratios 0.7 0.2 0.1' leaves some")
    }
    if mixesTest {
      summary.lines.add(
        "the test pictures of \(data.path) are in train and valid now; --keep-test leaves them")
    }
    if files.contains(where: { resolvedPath($0) == resolvedPath(data.path) }) {
      summary.lines.add(
        "\(data.path) was divided in its place: networks that were trained on the old lists have seen "
          + "pictures that are to judge now, and are to be trained anew, unless the lists came out the same"
      )
    }
    if copies > 0 {
      summary.lines.add(
        "\(counted(copies, "picture")) \(copies == 1 ? "is a copy" : "are copies")"
          + " of another, and in the same split as that one"
          + (leftOut == 0 ? "" : "; \(grouped(leftOut)) of a test picture, and in no split"))
    }
    summary.json = .members([
      "images": pictures, "boxes": boxes, "copies": copies, "leftOut": leftOut,
      "files": files.map(absolute),
      "lists": JSONValue.array(
        lists.map {
          .members([
            "train": $0.lists.train.count, "valid": $0.lists.valid.count,
            "test": $0.lists.test.count,
          ])
        }),
    ])
    if let first = files.first {
      var step = NextCommand.network(for: first, madeOf: data.path, classes: data.classes)
      if lists.count > 1, step.command.words.first == "train" {
        step.purpose += ", then the other folds alike"
      }
      summary.next = [step]
    }
    return summary
  }
}
