import Boxes
import Darknet
import Datasets
import Storage
import Terminal

/// Two sets of figures that are not of the same pictures.
public struct OtherPictures: Error, CustomStringConvertible {
  /// The first one's name, and how many pictures its figures are of.
  public let first: (name: String, count: Int)
  /// The same of the other.
  public let second: (name: String, count: Int)
  /// How many of these are the same.
  public let shared: Int
  /// The part of the data set that the stored predictions are of, where there is one.
  public let split: DatasetSplit?

  /// Looks for two sets that cannot stand side by side; nil where there are none.
  ///
  /// - Parameters:
  ///   - predictions: each one's name, what was predicted, and whether that was stored before.
  ///   - data: the data set that the others were measured on.
  init?(
    _ predictions: [(name: String, value: StoredPredictions, isStored: Bool)], data: String?
  ) {
    let sets = predictions.map { Set($0.value.images.map(\.path)) }
    guard let first = sets.first, let other = sets.firstIndex(where: { $0 != first }) else {
      return nil
    }
    self.first = (predictions[0].name, first.count)
    second = (predictions[other].name, sets[other].count)
    shared = first.intersection(sets[other]).count
    let stored = zip(predictions, sets).filter(\.0.isStored).map(\.1)
    split = data.flatMap { Self.split(of: $0, with: stored) }
  }

  /// The part of a data set that all pictures are of.
  private static func split(of data: String, with stored: [Set<String>]) -> DatasetSplit? {
    guard let file = try? DataFile(contentsOf: data), let wanted = stored.first,
      stored.allSatisfy({ $0 == wanted })
    else { return nil }
    let paths = Set(wanted.map(resolvedPath))
    let lists = [(DatasetSplit.test, file.test), (.valid, file.valid), (.train, file.train)]
    return lists.first { _, list in
      guard let list, let entries = try? DataFile.pictures(inList: list) else { return false }
      return paths.isSubset(of: Set(entries.map(resolvedPath)))
    }?.0
  }

  /// What is wrong, and the way out.
  public var description: String {
    let remedy =
      split.map { "add '--split \($0.rawValue)'" }
      ?? "measure both on the same list of pictures ('pare test --save-predictions')"
    return "the figures are of different pictures, \(grouped(first.count)) of \(first.name) and "
      + "\(grouped(second.count)) of \(second.name), \(grouped(shared)) of them the same, so they do "
      + "not compare; \(remedy)"
  }
}
