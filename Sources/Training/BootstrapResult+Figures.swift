import Boxes
import Reports

extension PairedBootstrap.Metric {
  /// As tables call it.
  package var title: String { self == .map50 ? "mAP@0.5" : "mAP@0.5:0.95" }
}

extension BootstrapResult {
  /// Both figures and their difference: "0.6540 → 0.0040 (-65.00 points)".
  package var change: String {
    "\(Figures.fixed(baseline, 4)) → \(Figures.fixed(candidate, 4)) "
      + "(\(Self.points(difference)) points)"
  }

  /// Hundredths of a difference of mAP, with a sign.
  package static func points(_ difference: Double) -> String {
    (difference >= 0 ? "+" : "") + Figures.fixed(100 * difference, 2)
  }
}
