import Boxes

/// Everything that decides what `detect` finds and writes.
public struct DetectRecipe: Recipe {
  /// The network.
  public var pair: PairRecipe
  /// Pictures, videos, folders, patterns, lists, camera numbers, addresses.
  public var sources: [String]
  /// A file with the names of the classes; those beside the cfg unless given.
  public var names: String?
  /// A `.data` file to take the names from.
  public var data: String?
  /// Classes to keep, by number or name; all where there are none.
  public var classes: [String] = []
  /// What becomes of the boxes.
  public var boxes = BoxRecipe(confidence: Detection.usualConfidence)
  /// Whether inputs are as small as a picture's proportions and the network's stride allow.
  public var savesPadding = false
  /// Whether a label file is written for each picture and frame.
  public var savesText = false
  /// Whether all detections are written as COCO results.
  public var savesResults = false
  /// Four letters of the codec of videos.
  public var codec = "mp4v"
  /// What it runs on.
  public var machine = MachineRecipe()

  /// A recipe for a pair and what it is to look at.
  public init(_ pair: PairRecipe, sources: [String]) {
    (self.pair, self.sources) = (pair, sources)
  }
}
