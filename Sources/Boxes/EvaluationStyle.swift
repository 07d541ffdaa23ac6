/// How detections are matched with ground truths, and how average precision is integrated.
///
/// A ground truth is found at most once; a second detection of it is wrong. The styles differ in:
///
/// | style | match | area under the curve | not counted |
/// |---|---|---|---|
/// | coco | best ground truth still free, IoU ≥ t | 101 recall points | crowd, all after 100 |
/// | voc07 | best ground truth, IoU ≥ t | 11 recall points | difficult, crowd |
/// | voc12 | best ground truth, IoU ≥ t | every recall step | difficult, crowd |
/// | legacy | best ground truth, IoU > t | 101 points, joined by lines | nothing |
/// | darknet | best ground truth, IoU > t | every recall step | nothing |
///
/// All styles are computed at the ten thresholds 0.5, 0.55 … 0.95.
public enum EvaluationStyle: String, CaseIterable, Hashable, Codable, Sendable {
  /// COCO's, equal to pycocotools.
  case coco
  /// Pascal VOC's up to 2009 (`VOCevaldet.m`), but for the pixel that the development kit adds to
  /// each side: a box from 10 to 20 is 10 wide here.
  case voc07
  /// Pascal VOC's from 2010 on, with the same remark.
  case voc12
  /// That of the earlier Python programs (docs/formulas.md 8.3): predictions are clipped to the
  /// picture, and a perfect detector reaches 0.995, because the curve ends at precision 0.
  case legacy
  /// That of `darknet detector map`, whose points are 0 by default: the area under the curve, and a
  /// mean over all classes of the network, where one without ground truth counts as 0.
  case darknet

  /// Whether a match needs more overlap than the threshold, and difficult ones and crowds count as
  /// any other.
  var isStrict: Bool { self == .legacy || self == .darknet }

  /// The overlaps that a match must have, 0.5 first; rounded as NumPy's `linspace` does.
  static let iouThresholds: [Double] = {
    let step: Double = (0.95 - 0.5) / 9
    return (0..<9).map { Double($0) * step + 0.5 } + [0.95]
  }()
}
