import Reports

/// The figures of a validation that a run goes by.
public struct ValidationFigures: Codable, Hashable, Sendable {
  /// mAP at an overlap of 0.5, `0...1`.
  public var map50: Double
  /// mAP over overlaps of 0.5 to 0.95, `0...1`.
  public var map: Double
  /// Share of right detections at the threshold of the best F1, `0...1`.
  public var precision: Double
  /// Share of objects found at that threshold, `0...1`.
  public var recall: Double
  /// Harmonic mean of precision and recall.
  public var f1: Double

  /// The figures of a validation.
  public init(map50: Double, map: Double, precision: Double, recall: Double, f1: Double) {
    (self.map50, self.map) = (map50, map)
    (self.precision, self.recall, self.f1) = (precision, recall, f1)
  }

  /// "mAP@0.5 0.4450, mAP@0.5:0.95 0.2100".
  public var mapInWords: String {
    "mAP@0.5 \(Figures.fixed(map50, 4)), mAP@0.5:0.95 \(Figures.fixed(map, 4))"
  }
}
