/// What an import did.
public struct DatasetImport: Hashable, Sendable {
  /// Pictures written to the lists.
  public var images = 0
  /// Boxes written to the label files.
  public var boxes = 0
  /// Pictures of each list.
  public var splitCounts: [DatasetSplit: Int] = [:]
  /// The classes in the order of their numbers, and how many boxes each has.
  public var classes: [ClassCount] = []
  /// Boxes that were left out because they are marked difficult.
  public var difficult = 0
  /// What was left out, and why.
  public var skipped: [DatasetProblem] = []
  /// What was taken, but looks odd.
  public var warnings: [DatasetProblem] = []
  /// The path of the `.data` file.
  public var data = ""

  /// A class and its boxes.
  public struct ClassCount: Hashable, Sendable {
    /// As in the `.names` file.
    public var name: String
    /// How many boxes.
    public var boxes: Int
  }
}
