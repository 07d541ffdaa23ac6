import Darknet
import Datasets
import Training

/// Everything that decides how a data set is divided anew.
public struct SplitRecipe: Recipe {
  /// How the pictures are divided.
  public enum Division: Codable, Hashable, Sendable {
    /// Shares of all lists, which sum to 1; a list of share 0 is not written.
    case shares(train: Double, valid: Double, test: Double)
    /// The test pictures stay; shares of the others, which sum to 1.
    case keepingTest(train: Double, valid: Double)
    /// So many folds, each the test list of a `.data` file of its own; the share of the other folds
    /// that is set aside for validation.
    case folds(Int, validationShare: Double)
  }

  /// The `.data` file.
  public var data: String
  /// How the pictures are divided.
  public var division: Division
  /// Whether each class is spread evenly over the lists; folds are not.
  public var isStratified = true
  /// Seed of the order in which pictures are given out.
  public var seed: UInt64 = 0

  /// A recipe for a data set.
  public init(data: String, _ division: Division) { (self.data, self.division) = (data, division) }
}

/// A division of a data set's pictures into lists; equal pictures go into one.
///
/// ```swift
/// let recipe = SplitRecipe(data: "set.data", .shares(train: 0.7, valid: 0.2, test: 0.1))
/// let run = try SplitRun(recipe)
/// try run().write(to: "splits")
/// ```
public struct SplitRun {
  /// What was asked for.
  public let recipe: SplitRecipe
  /// The data set.
  public let data: DataFile

  private let splitter: DatasetSplitter
  private let observer: any RunObserver

  /// Lists by the name that their files have.
  public struct Outcome: Sendable {
    /// "split", or "fold-0" and so on.
    public let lists: [(name: String, lists: DatasetSplitter.Lists)]
    /// How many pictures there are.
    public let pictures: Int
    /// How many boxes they have.
    public let boxes: Int
    /// Pictures that equal another one, and are in the same list.
    public let copies: Int
    /// Of those that equal a test picture, where the test pictures stay: they are in no list.
    public let leftOut: Int
    /// Whether the test pictures that there were are in other lists now.
    public let mixesTest: Bool

    /// Lists of one division that have a share and got no picture.
    public let empty: [DatasetSplit]

    fileprivate let splitter: DatasetSplitter

    /// Writes lists, `.data` files and names.
    ///
    /// - Parameter place: the folder that the files will be moved to; nil where they stay.
    public func write(to folder: String, of place: String? = nil) throws {
      for (name, lists) in lists { try splitter.write(lists, name: name, to: folder, of: place) }
    }
  }

  /// Reads the labels.
  ///
  /// - Parameter observer: is told what happens; nobody is unless given.
  /// - Throws: an error of the files.
  public init(_ recipe: SplitRecipe, observer: any RunObserver = SilentObserver()) throws {
    try recipe.check()
    (self.recipe, self.observer) = (recipe, observer)
    data = try DataFile(contentsOf: recipe.data)
    splitter = try DatasetSplitter(data)
    tellSkipped(splitter.listProblems, splitter.labelProblems, of: "lists", observer)
  }

  /// Finds pictures that are equal, and divides. Nothing is written.
  ///
  /// - Throws: ``DatasetError`` of shares or folds that cannot be had.
  public func callAsFunction() throws -> Outcome {
    var splitter = splitter
    observer.watch("looking for copies") {
      splitter.keepCopiesTogether(workers: processorCount, progress: $0)
    }
    let lists = try lists(splitter)
    let keepsTest = if case .keepingTest = recipe.division { true } else { false }
    return Outcome(
      lists: lists, pictures: splitter.pictures.count,
      boxes: splitter.pictures.reduce(0) { $0 + $1.labels.count }, copies: splitter.copyCount,
      leftOut: keepsTest ? splitter.pictures.count - lists[0].lists.count : 0,
      mixesTest: data.test != nil && !keepsTest && lists.allSatisfy(\.lists.test.isEmpty),
      empty: empty(lists[0].lists), splitter: splitter)
  }

  private func empty(_ lists: DatasetSplitter.Lists) -> [DatasetSplit] {
    let shares =
      switch recipe.division {
      case .folds: (valid: 0.0, test: 0.0)
      case .keepingTest(_, let valid): (valid: valid, test: 0.0)
      case .shares(_, let valid, let test): (valid: valid, test: test)
      }
    return (shares.valid > 0 && lists.valid.isEmpty ? [.valid] : [])
      + (shares.test > 0 && lists.test.isEmpty ? [.test] : [])
  }

  private func lists(
    _ splitter: DatasetSplitter
  ) throws -> [(name: String, lists: DatasetSplitter.Lists)] {
    let (seed, isStratified) = (recipe.seed, recipe.isStratified)
    switch recipe.division {
    case .folds(let count, let share):
      return try splitter.folds(count, validationShare: share).enumerated()
        .map { ("fold-\($0)", $1) }
    case .keepingTest(let train, let valid):
      let lists = try splitter.ratiosKeepingTest(
        train: train, valid: valid, seed: seed, isStratified: isStratified)
      return [("split", lists)]
    case .shares(let train, let valid, let test):
      let lists = try splitter.ratios(
        train: train, valid: valid, test: test, seed: seed, isStratified: isStratified)
      return [("split", lists)]
    }
  }
}
