import Boxes
import Darknet
import Datasets

/// Everything that decides what a measurement on labelled pictures comes to.
public struct TestRecipe: Recipe {
  /// The network.
  public var pair: PairRecipe
  /// The `.data` file of the pictures.
  public var data: String
  /// A file with the names of the classes; the data set's unless given.
  public var names: String?
  /// Whether all classes count as one.
  public var isSingleClass = false
  /// The list that is measured on.
  public var split = DatasetSplit.valid
  /// Pictures a pass through the network.
  public var batchSize = 16
  /// Whether batches are of pictures of like proportions, with little padding.
  public var savesPadding = false
  /// What becomes of the boxes.
  public var boxes = BoxRecipe(confidence: 0.001)
  /// The definition of average precision.
  public var averagePrecision = EvaluationStyle.coco
  /// Whether a label file is written for each picture.
  public var savesText = false
  /// Whether all detections are written as COCO results.
  public var savesResults = false
  /// What it runs on.
  public var machine = MachineRecipe()

  /// A recipe for a pair and the pictures that judge it.
  public init(_ pair: PairRecipe, data: String) { (self.pair, self.data) = (pair, data) }
}
