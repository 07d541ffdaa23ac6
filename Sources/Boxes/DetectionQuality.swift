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
  /// The average precision at an overlap of 0.5 of each class; nil of one without an object. Nil in
  /// files of earlier versions.
  public var classes: [Double?]?

  /// mAP@0.5 below which a detector misses most objects, or most of its boxes are wrong.
  public static let poorMap50 = 0.2
  /// mAP@0.5 from which on a detector is of use, as a rule.
  public static let usefulMap50 = 0.5

  /// What a detector is good for.
  public enum Worth: String, Codable, CaseIterable, Sendable {
    /// Too poor to be used: below ``poorMap50``.
    case poor
    /// Of little use: below ``usefulMap50``.
    case low
    /// Of use.
    case useful

    /// What an mAP@0.5 stands for.
    public init(map50: Double) {
      self =
        map50 < DetectionQuality.poorMap50
        ? .poor : map50 < DetectionQuality.usefulMap50 ? .low : .useful
    }
  }

  /// Figures of an evaluation.
  public init(
    map50: Double, map: Double, precision: Double, recall: Double, confidence: Double,
    classes: [Double?]? = nil
  ) {
    (self.map50, self.map, self.classes) = (map50, map, classes)
    (self.precision, self.recall, self.confidence) = (precision, recall, confidence)
  }

  /// What the detector is good for.
  public var worth: Worth { Worth(map50: map50) }

  /// ``confidence`` as it is asked for.
  public var usedConfidence: Double { Self.rounded(confidence: confidence) }

  /// A confidence rounded down, so that nothing which it takes is lost: to two digits, three below 0.1,
  /// or four below 0.01.
  public static func rounded(confidence: Double) -> Double {
    let unit = confidence < 0.01 ? 10_000.0 : confidence < 0.1 ? 1000 : 100
    return (confidence * unit + 1e-9).rounded(.down) / unit
  }

  /// Whether the detector is too poor to be used.
  public var isPoor: Bool { worth == .poor }
}

extension EvaluationResult {
  /// Points that another detector is below this one on the same pictures: of mAP@0.5 or mAP@0.5:0.95,
  /// of whichever it lost more.
  public func points(lostBy other: EvaluationResult) -> Double {
    100 * max(map50 - other.map50, map - other.map)
  }

  /// The figures that say whether the detector is of use; nil where there was nothing to find.
  public var quality: DetectionQuality? {
    guard instances > 0 else { return nil }
    return DetectionQuality(
      map50: map50, map: map, precision: precision, recall: recall, confidence: confidence,
      classes: perClass.map { $0.instances > 0 ? $0.ap50 : nil })
  }
}
