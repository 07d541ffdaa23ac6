/// The size of a prior box.
public struct Anchor: Hashable, Sendable {
  /// Width: input pixels, or grid cells in a `[region]`.
  public var width: Float
  /// Height: input pixels, or grid cells in a `[region]`.
  public var height: Float

  /// A prior box of `width` × `height`.
  public init(width: Float, height: Float) {
    self.width = width
    self.height = height
  }
}

/// A detection head of YOLOv3 and later. Keys that only Darknet's own training reads are kept in
/// the configuration.
///
/// Its input has `mask.count × (5 + classes)` channels; for each anchor x, y, width, height,
/// objectness, then the classes.
public struct YoloSpec: Hashable, Sendable {
  /// The box loss (`iou_loss`).
  public enum BoxLoss: String, Hashable, Sendable, CaseIterable {
    case mse, iou, giou, diou, ciou
  }

  /// The non-maximum suppression that the cfg's author meant (`nms_kind`).
  public enum NMSKind: String, Hashable, Sendable, CaseIterable {
    case standard = "default"
    case greedy = "greedynms"
    case diou = "diounms"
    case corners = "cornersnms"
  }

  /// Number of classes, at least 1.
  public var classes: Int
  /// All anchors of the network, in input pixels.
  public var anchors: [Anchor]
  /// Which of the anchors this head predicts.
  public var mask: [Int]
  /// Stretch of the cell offset, `σ(t)·s − (s − 1)/2` (`scale_x_y`), 1 for none.
  public var scaleXY: Float
  /// Whether the head's sizes are `(2σ(t))²·anchor` and its input went through a logistic
  /// activation already (`new_coords`), as in Scaled-YOLOv4.
  public var newCoords: Bool
  /// The box loss.
  public var iouLoss: BoxLoss
  /// Weight of the box loss (`iou_normalizer`).
  public var iouNormalizer: Float
  /// Weight of the objectness loss (`obj_normalizer`).
  public var objectnessNormalizer: Float
  /// Weight of the class loss (`cls_normalizer`).
  public var classNormalizer: Float
  /// IoU above which an unmatched prediction is not punished (`ignore_thresh`).
  public var ignoreThreshold: Float
  /// IoU above which an unmatched prediction is matched (`truth_thresh`), 1 for never.
  public var truthThreshold: Float
  /// IoU of an anchor from which it predicts a box beside the best one (`iou_thresh`), 1 for never.
  public var iouThreshold: Float
  /// Label smoothing (`label_smooth_eps`).
  public var labelSmoothing: Float
  /// Whether the objectness of an unmatched prediction that covers a target better than
  /// ``ignoreThreshold`` learns its IoU (`objectness_smooth`).
  public var objectnessSmooth: Bool
  /// The suppression meant for inference.
  public var nmsKind: NMSKind
  /// The exponent of Darknet's DIoU suppression (`beta_nms`).
  public var betaNMS: Float
  /// The limit of the box gradient (`max_delta`), nil for none.
  public var maxDelta: Float?
  /// Strength of random crops (`jitter`), a fraction of the side.
  public var jitter: Float
  /// Range of random sizes (`resize`), 1 for none.
  public var resize: Float
  /// Whether the training size changes at random (`random`).
  public var multiScale: Bool
  /// The heads' convolutions that are mixed for this head (`from`, the extension ASFF), absolute,
  /// in the order of the heads; empty for an ordinary head.
  public var fusionSources: [Int]
  /// Which of ``fusionSources`` is this head's own: the head's rank among the file's heads.
  public var fusionRank: Int

  /// The anchors that this head predicts, in the order of its channels.
  public var maskedAnchors: [Anchor] { mask.map { anchors[$0] } }

  /// The convolution that an ASFF head reads in place of the previous layer, or nil.
  public var ownSource: Int? { fusionSources.isEmpty ? nil : fusionSources[fusionRank] }

  /// Channels that the head reads: `mask.count × (5 + classes)`, and one a source with ASFF.
  public var inChannels: Int { mask.count * (5 + classes) + fusionSources.count }
}

/// A detection head with an uncertainty for each coordinate (Choi et al., 2019).
///
/// Its input has `mask.count × (9 + classes)` channels; for each anchor the four coordinates, each
/// followed by its uncertainty, then objectness and the classes.
public struct GaussianYoloSpec: Hashable, Sendable {
  /// The point of the box that a cell predicts (`yolo_point`).
  public enum Point: String, Hashable, Sendable, CaseIterable {
    case center
    case leftTop = "left_top"
    case rightBottom = "right_bottom"
  }

  /// What it shares with an ordinary head; ``YoloSpec/inChannels`` does not hold here.
  public var yolo: YoloSpec
  /// Weight of the coordinates' loss (`uc_normalizer`).
  public var uncertaintyNormalizer: Float
  /// The point of the box that a cell predicts.
  public var point: Point

  /// Channels that the head reads, `mask.count × (9 + classes)`.
  public var inChannels: Int { yolo.mask.count * (9 + yolo.classes) }
}

/// The detection head of YOLOv2.
///
/// Its input has `anchors.count × (5 + classes)` channels.
public struct RegionSpec: Hashable, Sendable {
  /// Number of classes, at least 1.
  public var classes: Int
  /// The anchors, in grid cells.
  public var anchors: [Anchor]
  /// Whether class scores are a softmax instead of logistic.
  public var softmax: Bool
  /// Whether objectness learns the IoU (`rescore`).
  public var rescore: Bool
  /// Whether a target belongs to the anchor nearest in shape (`bias_match`), rather than to the
  /// prediction.
  public var biasMatch: Bool
  /// IoU above which an unmatched prediction is not punished (`thresh`).
  public var threshold: Float
  /// Weight of the loss where an object is (`object_scale`).
  public var objectScale: Float
  /// Weight of the loss where none is (`noobject_scale`).
  public var noObjectScale: Float
  /// Weight of the class loss (`class_scale`).
  public var classScale: Float
  /// Weight of the box loss (`coord_scale`).
  public var coordinateScale: Float
  /// Strength of random crops (`jitter`).
  public var jitter: Float
  /// Whether the training size changes at random (`random`).
  public var multiScale: Bool

  /// Channels that the head reads, `anchors.count × (5 + classes)`.
  public var inChannels: Int { anchors.count * (5 + classes) }
}
