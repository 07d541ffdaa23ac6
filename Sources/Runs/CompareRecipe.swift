import Boxes
import Darknet
import Datasets

/// Everything that decides what a comparison of networks comes to.
public struct CompareRecipe: Recipe {
  /// Networks or stored predictions, as `pare compare` takes them; the others are compared with the
  /// first.
  public var operands: [String]
  /// The `.data` file of the pictures that networks are measured on; they are not unless given.
  public var data: String?
  /// The list that is measured on.
  public var split = DatasetSplit.valid
  /// Whether all classes count as one.
  public var isSingleClass = false
  /// How pictures are shown to the networks.
  public var feeding = FeedingRecipe()
  /// The definition of average precision.
  public var averagePrecision = EvaluationStyle.coco
  /// Draws of pictures that intervals of the differences are made of; none unless given.
  public var resamples: Int?
  /// The share of the differences that an interval holds.
  public var level = 0.95
  /// Seed of the draws.
  public var seed: UInt64 = 0
  /// What they run on.
  public var machine = MachineRecipe()

  /// A recipe for networks or stored predictions.
  public init(_ operands: [String]) { self.operands = operands }
}
