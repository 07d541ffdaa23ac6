import Boxes
import Commands
import Reports
import Terminal

extension BootstrapResult {
  /// One line: the difference that was observed and the interval around it, in points, and what
  /// the interval means.
  package func line(_ candidate: String, minus baseline: String) -> String {
    let name = metric == .map50 ? "mAP@0.5" : "mAP@0.5:0.95"
    return "\(candidate) - \(baseline), \(name): \(points) points, "
      + "\(Figures.percent(level, 0)) interval \(points(interval.lowerBound)) to "
      + "\(points(interval.upperBound)) "
      + "(\(grouped(resamples)) resamples of \(counted(images, "picture")))"
      + (showsDifference ? ": zero is outside: " : ": it holds zero: ") + verdict
  }

  /// What the difference amounts to, in the words that all commands have for it.
  package var verdict: String {
    switch judgement {
    case .gain: return "a gain is shown"
    case .nothingToLose: return "next to nothing was found before, so nothing can be lost"
    case .noDifference: return "no difference is shown"
    // No difference shown is then no sign that there is none.
    case .unclear:
      let pictures = counted(images, "picture") + (images == 1 ? " is" : " are")
      return "no difference is shown, but \(pictures) too few to show one below about "
        + "\(Figures.fixed(100 * reach, 0)) points"
    case .smallLoss: return "a small loss is shown"
    case .loss: return "a loss is shown"
    }
  }

  package var json: JSONValue {
    .members([
      "metric": metric.rawValue, "baseline": self.baseline, "candidate": self.candidate,
      "difference": difference, "mean": meanDifference, "lower": interval.lowerBound,
      "upper": interval.upperBound, "level": level, "resamples": resamples,
      "isShown": showsDifference, "judgement": judgement.rawValue,
    ])
  }

  /// The observed difference in points, with a sign.
  package var points: String { points(difference) }

  /// Hundredths, with a sign.
  private func points(_ difference: Double) -> String {
    (difference >= 0 ? "+" : "") + Figures.fixed(100 * difference, 2)
  }
}
