import Boxes
import Commands
import Reports
import Terminal

extension BootstrapResult {
  /// One line: the difference that was observed and the interval around it, in points, and what
  /// the interval means.
  func line(_ candidate: String, minus baseline: String) -> String {
    let name = metric == .map50 ? "mAP@0.5" : "mAP@0.5:0.95"
    return "\(candidate) - \(baseline), \(name): \(points) points, "
      + "\(Figures.percent(level, 0)) interval \(points(interval.lowerBound)) to "
      + "\(points(interval.upperBound)) "
      + "(\(grouped(resamples)) resamples of \(counted(images, "picture")))"
      + (showsDifference
        ? ": zero is outside, so it is more than chance"
        : ": it holds zero, so no difference is shown" + tooFew)
  }

  /// Where the interval is wide, what it could not have shown: no difference shown is then no sign that
  /// there is none.
  private var tooFew: String {
    let reach = (interval.upperBound - interval.lowerBound) / 2
    guard reach > Self.widestReach else { return "" }
    let pictures = counted(images, "picture") + (images == 1 ? " is" : " are")
    return "; \(pictures) too few to show one below about \(Figures.fixed(100 * reach, 0)) points"
  }

  /// Half of an interval, in mAP, from which on it says little.
  private static let widestReach = 0.03

  var json: JSONValue {
    .members([
      "metric": metric.rawValue, "baseline": self.baseline, "candidate": self.candidate,
      "difference": difference, "mean": meanDifference, "lower": interval.lowerBound,
      "upper": interval.upperBound, "level": level, "resamples": resamples,
      "isShown": showsDifference,
    ])
  }

  /// The observed difference in points, with a sign.
  var points: String { points(difference) }

  /// Hundredths, with a sign.
  private func points(_ difference: Double) -> String {
    (difference >= 0 ? "+" : "") + Figures.fixed(100 * difference, 2)
  }
}
