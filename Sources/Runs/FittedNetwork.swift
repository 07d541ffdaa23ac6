import Boxes
import Darknet
import Inference
import Vision

/// What a data set's boxes are measured for: an input size, and heads with anchors where a cfg is
/// given.
public struct FittedNetwork {
  /// Width of the input in pixels.
  public let width: Int
  /// Height of the input in pixels.
  public let height: Int
  /// How training brings pictures to the input.
  public let fit: PictureFit
  /// The cfg, where one is given.
  public let spec: NetworkSpec?

  /// Reads the cfg.
  ///
  /// - Parameter size: of the input in pixels; the cfg's own, or 416, unless given.
  /// - Throws: ``ConfigurationError``, ``RunError`` where no head has anchors.
  public init(cfg: String?, size: (width: Int, height: Int)? = nil) throws {
    spec = try cfg.map { try NetworkSpec(contentsOf: $0) }
    let own = spec.map { ($0.net.width, $0.net.height) } ?? (416, 416)
    (width, height) = size ?? own
    try spec?.checkInput(width: width, height: height)
    guard let spec, let cfg else {
      fit = .letterbox
      return
    }
    fit = try Feeding(of: spec, cfg: cfg, weights: nil, scale: nil) { _ in }.trainingFit(
      of: spec, isOurs: ModelDescription.find(cfg: cfg, weights: nil) != nil)
    guard spec.anchorCount == 0 else { return }
    throw RunError.unusable(
      spec.configuration.path, reason: "has no detection head with anchors")
  }

  /// The cfg's own anchors; nil without a cfg.
  public var anchors: [BoxSize]? { spec?.anchorSizes }
}

extension Feeding {
  /// How a training that begins with a pair which is fed so brings pictures to the input. A pair of
  /// ours goes on as it was; what Darknet trained is trained in our way, with a letterbox, unless its
  /// cfg says otherwise.
  func trainingFit(of spec: NetworkSpec, isOurs: Bool) -> PictureFit {
    isOurs || spec.net.raw["letter_box"] != nil ? fit : .letterbox
  }
}

extension NetworkSpec {
  /// The anchors of all heads by their numbers in the cfg, in pixels of its input.
  var anchorSizes: [BoxSize] {
    var anchors = [BoxSize](repeating: BoxSize(width: 0, height: 0), count: anchorCount)
    for head in headAnchors {
      for (index, anchor) in zip(head.mask, head.anchors) {
        anchors[index] = BoxSize(width: anchor.width, height: anchor.height)
      }
    }
    return anchors
  }
}
