import Boxes
import Commands
import Reports
import Runs

extension AnchorFit {
  /// "10,13,16,30,33.5,23": as Darknet's cfgs and `config new --anchors` have them.
  package var text: String { Self.text(of: anchors) }

  /// The same of any anchors.
  static func text(of anchors: [BoxSize]) -> String {
    func short(_ value: Float) -> String { Figures.significant(Double(value), 6) }
    return anchors.map { "\(short($0.width)),\(short($0.height))" }.joined(separator: ",")
  }

  /// "best possible recall 0.9987, mean IoU 0.7312".
  package var summary: String {
    "best possible recall \(Figures.fixed(bestPossibleRecall, 4)), mean IoU "
      + Figures.fixed(meanIoU, 4)
  }

  /// Pairs of width and height, for JSON.
  package var pairs: JSONValue {
    .array(anchors.map { .array([$0.width.json, $0.height.json]) })
  }
}

extension AnchorVerdict {
  /// Whether to take the others, with the figures and the limits that this goes by.
  package func words(cfg: String) -> String {
    let gain = "mean IoU \(signed(gainOfMeanIoU)), best possible recall \(signed(gainOfRecall))"
    let limits = "+\(Self.leastGainOfMeanIoU) or +\(Self.leastGainOfRecall)"
    return isWorthwhile
      ? "verdict: take the new anchors, they are much better (\(gain); it takes \(limits))"
      : "verdict: go on with \(cfg), its own anchors are \(isAlike ? "as good" : "good enough") (the new "
        + "ones: \(gain); it takes \(limits) to be worth it)"
  }

  /// Whether it hardly matters which are taken: a fifth of what makes others worth it.
  private var isAlike: Bool {
    gainOfMeanIoU < Self.leastGainOfMeanIoU / 5 && gainOfRecall < Self.leastGainOfRecall / 5
  }

  private func signed(_ value: Double) -> String {
    (value < 0 ? "" : "+") + Figures.fixed(value, 4)
  }
}
