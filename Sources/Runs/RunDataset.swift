import Darknet
import Inference
import Storage
import Training

/// What the record of a run says of its data set, for commands that are given no other.
package enum RunDataset: Hashable, Sendable {
  /// Nothing.
  case unknown
  /// A file that is not there any more.
  case gone(String)
  /// The `.data` file, and whether all its classes count as one.
  case known(data: String, isSingleClass: Bool)

  /// Reads the record of a run folder; of one that `prune` wrote without pictures, that of the
  /// network that was pruned.
  package init(ofRun folder: String) { self.init(RunFolder.line(of: folder)) }

  /// Reads the records of the runs that a pair comes from.
  package init(ofPair cfg: String, _ weights: String) {
    self.init(RunFolder.line(cfg: cfg, weights: weights))
  }

  private init(_ line: [RunFolder]) {
    let named = line.compactMap(\.dataset)
    if let there = named.first(where: { fileExists($0.data) }) {
      self = .known(data: displayed(there.data), isSingleClass: there.isSingleClass)
    } else {
      self = named.first.map { .gone(displayed($0.data)) } ?? .unknown
    }
  }

  /// The `.data` file, where it is known and there.
  package var path: String? { if case .known(let data, _) = self { data } else { nil } }
}

/// That networks of so many classes cannot be measured on one data set.
package func networksOfDifferentClasses(_ counts: [Int]) -> String {
  let words = counts.map(String.init)
  return "networks of different classes (\(words.dropLast().joined(separator: ", ")) and "
    + "\(words.last ?? "")) cannot be compared on one data set"
}

/// What the records of several runs say of their data sets.
package struct RunDatasets {
  /// The runs, in their order.
  package let records: [(folder: String, known: RunDataset)]
  /// The different data sets that they know, each with the first run that does.
  package let found: [(folder: String, data: String, isSingleClass: Bool)]

  /// Reads the records of those of some folders and files that are run folders.
  package init(of operands: [String]) {
    records = operands.filter { fileExists(RunFolder(path: $0).cfgPath) }
      .map { ($0, RunDataset(ofRun: $0)) }
    var found: [(folder: String, data: String, isSingleClass: Bool)] = []
    for case (let folder, .known(let data, let isSingleClass)) in records
    where !found.contains(where: { resolvedPath($0.data) == resolvedPath(data) }) {
      found.append((folder, data, isSingleClass))
    }
    self.found = found
  }

  /// That the data sets have different numbers of classes, so that none of them can measure all runs;
  /// nil where they have as many, or do not say.
  package var disagreement: String? {
    let counts = found.map { (try? DataFile(contentsOf: $0.data))?.classes }
    let known = counts.compactMap(\.self)
    guard known.count == counts.count, Set(known).count > 1,
      !found.contains(where: \.isSingleClass)
    else { return nil }
    return networksOfDifferentClasses(known)
  }
}
