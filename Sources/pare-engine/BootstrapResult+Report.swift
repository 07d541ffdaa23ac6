import Boxes
import Commands
import Reports

extension PairedBootstrap {
  /// The differences of mAP@0.5 and mAP@0.5:0.95, with intervals.
  static func differences(
    _ baseline: StoredPredictions, _ candidate: StoredPredictions, style: EvaluationStyle,
    resamples: Int, level: Double = 0.95, seed: UInt64
  ) throws(BoxesError) -> [BootstrapResult] {
    try [Metric.map50, .map].map { (metric) throws(BoxesError) in
      try PairedBootstrap(metric: metric, resamples: resamples, level: level, seed: seed)(
        baseline: baseline, candidate: candidate, style: style)
    }
  }
}

extension BootstrapResult {
  /// One line: the mean of the difference and its interval, in points.
  func line(_ candidate: String, minus baseline: String) -> String {
    let name = metric == .map50 ? "mAP@0.5" : "mAP@0.5:0.95"
    return "\(candidate) − \(baseline), \(name): mean \(points(meanDifference)) points, "
      + "\(Figures.percent(level, 0)) interval \(points(lower)) to \(points(upper)) "
      + "(\(resamples) resamples of \(images) pictures)"
  }

  var json: JSONValue {
    .members([
      "metric": metric.rawValue, "baseline": self.baseline, "candidate": self.candidate,
      "mean": meanDifference, "lower": lower, "upper": upper, "level": level,
      "resamples": resamples,
    ])
  }

  /// Hundredths, with a sign.
  private func points(_ difference: Double) -> String {
    (difference >= 0 ? "+" : "") + Figures.fixed(100 * difference, 2)
  }
}
