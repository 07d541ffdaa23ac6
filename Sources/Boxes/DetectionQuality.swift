/// The figures of an evaluation that say whether a detector is of use.
public struct DetectionQuality: Codable, Hashable, Sendable {
  /// mAP at an overlap of 0.5, `0...1`.
  public var map50: Double
  /// mAP over overlaps of 0.5 to 0.95, `0...1`.
  public var map: Double
  /// The share of the boxes that are right at ``confidence``, `0...1`.
  public var precision: Double
  /// The share of the objects that are found at ``confidence``, `0...1`.
  public var recall: Double
  /// The confidence at which the detector is best: where the mean F1 of the classes is highest.
  public var confidence: Double

  /// mAP@0.5 below which a detector misses most objects, or most of its boxes are wrong.
  public static let poorMap50 = 0.2

  /// Figures of an evaluation.
  public init(
    map50: Double, map: Double, precision: Double, recall: Double, confidence: Double
  ) {
    (self.map50, self.map) = (map50, map)
    (self.precision, self.recall, self.confidence) = (precision, recall, confidence)
  }

  /// Whether the detector is too poor to be used.
  public var isPoor: Bool { map50 < Self.poorMap50 }
}

extension EvaluationResult {
  /// The figures that say whether the detector is of use; nil where there was nothing to find.
  public var quality: DetectionQuality? {
    guard instances > 0 else { return nil }
    return DetectionQuality(
      map50: map50, map: map, precision: precision, recall: recall, confidence: confidence)
  }
}
