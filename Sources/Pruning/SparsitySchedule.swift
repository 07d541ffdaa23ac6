/// How the strength of sparse training changes over a run (docs/formulas.md 6.3).
public enum SparsitySchedule: Hashable, Sendable {
  /// It does not.
  case constant
  /// After half of the epochs a hundredth is left.
  case globalDecay
  /// After a share of the epochs a hundredth is left for the largest scales: those at and above a
  /// quantile of |γ|, found anew at each step. The small ones go on shrinking while the large ones,
  /// which will stay, recover.
  case localDecay(after: Double, quantile: Double)
  /// It is steered by validation, within a band of points of mAP@0.5 (``SparsityControl``).
  case automatic(band: Double)

  /// ``localDecay(after:quantile:)`` from 0.4 of the epochs on, for the largest 35 % of the scales.
  public static let localEarly = localEarly(keep: 0.35)

  /// The same for another share of the largest scales, `0...1`.
  public static func localEarly(keep: Double) -> SparsitySchedule {
    .localDecay(after: 0.4, quantile: 1 - keep)
  }

  /// What decay leaves of the strength.
  static let remainder = 0.01

  /// The factor on every scale's strength by the epoch alone, and the quantile of |γ| from which on
  /// a hundredth is left; nil when all are treated alike.
  func values(epoch: Int, epochs: Int) -> (factor: Double, quantile: Double?) {
    switch self {
    case .constant, .automatic: return (1, nil)
    case .globalDecay: return (Double(epoch) > 0.5 * Double(epochs) ? Self.remainder : 1, nil)
    case .localDecay(let after, let quantile):
      return (1, Double(epoch) > after * Double(epochs) ? quantile : nil)
    }
  }
}

/// How the penalty acts on γ.
public enum SparsityUpdate: String, Hashable, Codable, Sendable {
  /// Strength · sign(γ) is added to the gradient, as published: γ comes near zero and swings around
  /// it.
  case subgradient
  /// After the optimizer's step |γ| loses learning rate · strength and stops at zero (iterative
  /// shrinkage, arXiv 1802.00124): exact zeros. Momentum does not carry this pull on, so it takes
  /// about 1 / (1 − momentum) times the strength for the same effect.
  case proximal
}
