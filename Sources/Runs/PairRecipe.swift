import Boxes
import Darknet
import Inference
import Torch
import Training
import Vision

/// A pair of cfg and weights, and how pictures are shown to it.
public struct PairRecipe: Codable, Hashable, Sendable {
  /// The network's cfg.
  public var cfg: String
  /// Its weights, in any form that is read.
  public var weights: String
  /// What pixel values become before the first layer; the pair's own unless given.
  public var inputScale: InputScale?
  /// How its pictures are shown to it.
  public var feeding = FeedingRecipe()

  /// A pair as it is.
  public init(cfg: String, weights: String) { (self.cfg, self.weights) = (cfg, weights) }

  /// The same with absolute paths, so that it means the same from everywhere.
  var withAbsolutePaths: PairRecipe {
    var pair = self
    (pair.cfg, pair.weights) = (absolute(cfg), absolute(weights))
    return pair
  }

  /// Reads the pair.
  func model(_ observer: any RunObserver) throws -> Model {
    try observer.tellProgress(ofWeights: weights)
    let model = try Model(cfg: cfg, weights: weights, scale: inputScale, warn: observer.warn)
    model.warnOfOtherAnchors(observer)
    return model
  }
}

/// What is asked for in place of what a pair says of its pictures.
public struct FeedingRecipe: Codable, Hashable, Sendable {
  /// Width of the input in pixels; the pair's own unless given, with ``height``.
  public var width: Int?
  /// Height of the input in pixels; the pair's own unless given, with ``width``.
  public var height: Int?
  /// How pictures are brought to the input; the pair's own unless given.
  public var resize: PictureFit?
  /// How overlapping boxes are thinned out; the pair's own unless given.
  public var nms: NonMaximumSuppression.Method?

  /// Everything as the pair says.
  public init() {}

  /// The same as the pair's wishes are overruled by.
  var wishes: Feeding.Wishes {
    Feeding.Wishes(
      size: width.flatMap { width in height.map { (width, $0) } }, fit: resize, method: nms)
  }
}

/// What becomes of a network's boxes.
public struct BoxRecipe: Codable, Hashable, Sendable {
  /// What the score of a detection is above, `0...1`.
  public var confidence: Float
  /// The IoU above which two boxes are taken for one object, `0...1`.
  public var overlap: Float = 0.6
  /// Whether boxes of different classes compete too.
  public var isAgnostic = false
  /// Whether a box counts for its best class alone.
  public var bestClassOnly = false
  /// Whether each picture is also looked at mirrored and smaller.
  public var augments = false

  /// The usual suppression at a threshold.
  public init(confidence: Float) { self.confidence = confidence }

  /// The settings for a network that is fed so.
  ///
  /// - Parameter classes: those to report; all where there are none.
  func settings(_ feeding: Feeding, classes: [Int] = []) -> DetectionSettings {
    var settings = feeding.detection(
      confidence: confidence, overlap: overlap, isAgnostic: isAgnostic)
    settings.bestClassOnly = bestClassOnly
    settings.augments = augments
    settings.classes = classes.isEmpty ? nil : Set(classes)
    return settings
  }
}

/// What a network runs on.
public struct MachineRecipe: Codable, Hashable, Sendable {
  /// What runs it.
  public var engine = EngineKind.torch
  /// The arithmetic of its layers.
  public var precision = DType.float32
  /// `auto`, `cpu`, `cuda` or `cuda:N`.
  public var device = "auto"
  /// CPU threads of tensor operations; set by the work unless given.
  public var threads: Int?

  /// This machine.
  public init() {}
}
