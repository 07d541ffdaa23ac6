import Boxes
import Commands
import Darknet
import Datasets
import Reports

/// What a data set's boxes are measured for: an input size, and heads with anchors where a cfg is
/// given.
struct FittedNetwork {
  let width: Int
  let height: Int
  let spec: NetworkSpec?

  init(_ options: FittedNetworkOptions) throws {
    spec = try options.cfg.map { try NetworkSpec(contentsOf: $0) }
    let own = spec.map { ($0.net.width, $0.net.height) } ?? (416, 416)
    (width, height) = options.size ?? own
    try spec?.checkInput(width: width, height: height)
    guard let spec, spec.anchorCount == 0 else { return }
    throw EngineError.unusableOperand(
      spec.configuration.path, reason: "has no detection head with anchors")
  }

  /// The cfg's own anchors; nil without a cfg.
  var anchors: [BoxSize]? {
    guard let spec else { return nil }
    var anchors = [BoxSize](
      repeating: BoxSize(width: 0, height: 0), count: spec.anchorCount)
    for head in spec.headAnchors {
      for (index, anchor) in zip(head.mask, head.anchors) {
        anchors[index] = BoxSize(width: anchor.width, height: anchor.height)
      }
    }
    return anchors
  }
}

extension AnchorFit {
  /// Anchors with at most two decimals, as they are printed.
  static func rounded(_ anchors: [BoxSize]) -> [BoxSize] {
    anchors.map {
      BoxSize(
        width: max(($0.width * 100).rounded() / 100, 0.01),
        height: max(($0.height * 100).rounded() / 100, 0.01))
    }
  }

  /// "10,13,16,30,33.5,23": as Darknet's cfgs and `config new --anchors` have them.
  var text: String {
    anchors.map { "\(short($0.width)),\(short($0.height))" }.joined(separator: ",")
  }

  /// "best possible recall 0.9987, mean IoU 0.7312".
  var summary: String {
    "best possible recall \(Figures.fixed(bestPossibleRecall, 4)), mean IoU "
      + Figures.fixed(meanIoU, 4)
  }

  /// Pairs of width and height, for JSON.
  var pairs: JSONValue {
    .array(anchors.map { .array([$0.width.json, $0.height.json]) })
  }

  private func short(_ value: Float) -> String { Figures.significant(Double(value), 6) }
}
