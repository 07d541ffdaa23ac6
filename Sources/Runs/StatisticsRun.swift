import Darknet
import Datasets
import Training

/// Everything that decides what is counted of a data set, and which of its pictures are shown.
public struct StatisticsRecipe: Recipe {
  /// The `.data` file.
  public var data: String
  /// How many pictures are chosen to be shown; labelled ones go first.
  public var pictures = 24
  /// Seed that chooses them.
  public var seed: UInt64 = 0

  /// A recipe for a data set.
  public init(data: String) { self.data = data }
}

/// What a data set's pictures and boxes are like.
///
/// ```swift
/// let outcome = try StatisticsRun(StatisticsRecipe(data: "set.data"))()
/// print(outcome.statistics.images, outcome.statistics.boxes)
/// ```
public struct StatisticsRun {
  /// What was asked for.
  public let recipe: StatisticsRecipe
  /// The data set.
  public let data: DataFile
  /// Its class names, by class number.
  public let names: [String]

  private let observer: any RunObserver

  /// One list of the set.
  public struct Split: Sendable {
    /// Which one.
    public let split: DatasetSplit
    /// The split that has the same list, and counts; nil of one that counts itself.
    public let sameAs: DatasetSplit?
    /// Its pictures; none of one that does not count.
    public let pictures: Int
    /// Their boxes.
    public let boxes: Int
    /// Pictures without a box.
    public let background: Int
    /// Boxes of each class.
    public let classCounts: [Int]
  }

  /// What was counted.
  public struct Outcome: Sendable {
    /// The lists that the set has.
    public let splits: [Split]
    /// Of all pictures that can be read.
    public let statistics: DatasetStatistics
    /// Those that were chosen to be shown, in the order of the lists.
    public let shown: [DetectionDataset.Picture]

    /// What the lists hold.
    public var parts: DatasetParts {
      DatasetParts(
        Dictionary(
          splits.filter { $0.sameAs == nil }.map { ($0.split, $0.pictures) },
          uniquingKeysWith: +))
    }
  }

  /// Reads the names.
  ///
  /// - Parameter observer: is told what happens; nobody is unless given.
  /// - Throws: an error of the files.
  public init(_ recipe: StatisticsRecipe, observer: any RunObserver = SilentObserver()) throws {
    try recipe.check()
    (self.recipe, self.observer) = (recipe, observer)
    data = try DataFile(contentsOf: recipe.data)
    names = try data.classNames()
  }

  /// Reads all labels and the sizes of all pictures.
  ///
  /// - Throws: an error of the files.
  public func callAsFunction() throws -> Outcome {
    var statistics = DatasetStatistics(names: names)
    var readable: [DetectionDataset.Picture] = []
    var splits: [Split] = []
    var lists: [String: DatasetSplit] = [:]
    for split in DatasetSplit.allCases {
      guard let list = data.list(split) else { continue }
      // A list that serves as two counts once.
      let same = lists[list]
      let dataset =
        same == nil ? try DetectionDataset(data, split: split, allowsNoLabels: true) : nil
      splits.append(
        Split(
          split: split, sameAs: same, pictures: dataset?.pictures.count ?? 0,
          boxes: dataset?.labelCount ?? 0, background: dataset?.backgroundCount ?? 0,
          classCounts: dataset?.classCounts ?? []))
      guard let dataset else { continue }
      lists[list] = split
      tellSkipped(dataset.listProblems, dataset.labelProblems, of: list, observer)
      for (picture, size) in sizes(of: dataset, split) {
        statistics.add(picture.labels, of: size)
        readable.append(picture)
      }
    }
    return Outcome(splits: splits, statistics: statistics, shown: chosen(readable))
  }

  /// The pictures of a list whose size can be read.
  private func sizes(
    of dataset: DetectionDataset, _ split: DatasetSplit
  ) -> [(DetectionDataset.Picture, PictureSize)] {
    observer.begin("stats \(split.rawValue)", pictures: dataset.pictures.count)
    let sizes = dataset.pictureSizes(workers: processorCount) { observer.advance(to: $0) }
    observer.end()
    let all = zip(dataset.pictures, sizes)
    observer.list(
      all.filter { $0.1 == nil }.map(\.0.path), what: "pictures cannot be read and do not count",
      one: "picture cannot be read and does not count")
    return all.compactMap { picture, size in size.map { (picture, $0) } }
  }

  /// So many pictures, labelled ones first, in the order of the lists.
  private func chosen(_ pictures: [DetectionDataset.Picture]) -> [DetectionDataset.Picture] {
    var random = SampleRandom(seed: recipe.seed)
    let order = random.permutation(pictures.count)
    let labelled = order.filter { !pictures[$0].labels.isEmpty }
    let others = order.filter { pictures[$0].labels.isEmpty }
    return (labelled + others).prefix(recipe.pictures).sorted().map { pictures[$0] }
  }
}
