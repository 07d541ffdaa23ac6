/// What a network wants its pictures' bytes turned into.
///
/// It belongs to the weights as the cfg does, and Darknet's files have no place for it.
public enum InputScale: String, Hashable, Sendable, CaseIterable, Codable {
  /// Divided by 255, `0...1`: Darknet's own, and the rule.
  case by255 = "255"
  /// Divided by 256: exact in fixed point.
  case by256 = "256"
  /// Divided by 256, doubled, less one, `-1..<1`; such networks' `leaky` has the slope 0.25
  /// (docs/formulas.md 1.7).
  case maxabs

  /// What values in `0...1` are multiplied by.
  public var factor: Double {
    switch self {
    case .by255: 1
    case .by256: 255.0 / 256
    case .maxabs: 2 * 255.0 / 256
    }
  }

  /// What is added then.
  public var offset: Double { self == .maxabs ? -1 : 0 }

  /// The slope of `leaky` below zero.
  public var leakySlope: Double { self == .maxabs ? 0.25 : 0.1 }
}
