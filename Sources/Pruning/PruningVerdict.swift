/// What the scales of batch normalisation say before anything is removed.
///
/// Pruning without damage needs scales near zero: sparse training makes them. What counts as near
/// is what the figures of a sparse training count too, 0.01. Whether a channel can go is held
/// against the scales that are at work, whose size differs from run to run.
public struct PruningVerdict: Hashable, Sendable {
  /// What to do.
  public enum Advice: Hashable, Sendable {
    /// No channel is to go by its scale.
    case notJudged
    /// What is to go does next to nothing.
    case ready
    /// A share of what is to go is at work, `0...1`.
    case trainSparser(atWork: Double)
    /// Nearly all are: what matters can no longer be told from what does not.
    case strengthTooLarge
    /// None are; few classes.
    case denseWithFewClasses
    /// None are; many classes.
    case denseWithManyClasses
  }

  /// A layer's share of scales near zero.
  public struct LayerShare: Hashable, Sendable {
    /// Index of the layer in the cfg.
    public var layer: Int
    /// `0...1`.
    public var share: Double
  }

  /// What counts as near zero.
  public static let silence: Float = 0.01
  /// What a channel that can go reaches at most, as a share of the mean scale at work: Σγ² / Σ|γ|.
  private static let harmlessShare: Float = 0.02
  /// How many of the channels that are to go may exceed it, as a share of them, and how far.
  private static let (tolerance, largestExcess) = (0.01, Float(5))
  /// The share of scales near zero that makes a network sparse.
  private static let sparseShare = 0.05
  /// The shares at which ``quantiles`` are taken.
  public static let shares = [0.1, 0.25, 0.5, 0.7, 0.85, 0.95]

  /// Quantiles of |γ| over all layers.
  public let quantiles: [Float]
  /// The share of scales near zero.
  public let silentShare: Double
  /// Whether enough scales are near zero for them to tell anything.
  public var isSparse: Bool { silentShare >= Self.sparseShare }
  /// The share of scales near zero of every layer that has some, by index in the cfg.
  public let silentShares: [LayerShare]
  /// One line of advice.
  public let advice: Advice

  /// Judges a network.
  ///
  /// - Parameters:
  ///   - scales: |γ| by layer; empty for layers without.
  ///   - classes: how many the network tells apart; nil when its heads differ.
  ///   - going: |γ| of the channels that are to go; empty where none does, infinite for a channel
  ///     without a scale.
  public init(scales: [[Float]], classes: Int?, going: [Float]) {
    let sorted = scales.joined().sorted()
    let silent = Double(sorted.count { $0 < Self.silence }) / Double(max(sorted.count, 1))
    quantiles =
      sorted.isEmpty
      ? []
      : Self.shares.map { sorted[min(Int(Double(sorted.count) * $0), sorted.count - 1)] }
    silentShare = silent
    silentShares = scales.enumerated().compactMap { layer, own in
      own.isEmpty
        ? nil
        : LayerShare(
          layer: layer, share: Double(own.count { $0 < Self.silence }) / Double(own.count))
    }
    let squares = sorted.reduce(0) { $0 + $1 * $1 }
    let atWork = squares / max(sorted.reduce(0, +), .leastNormalMagnitude)
    let limit = min(Self.silence, Self.harmlessShare * atWork)
    let share = Double(going.count { $0 > limit }) / Double(max(going.count, 1))
    advice =
      if silent > 0.95 {
        .strengthTooLarge
      } else if going.isEmpty {
        .notJudged
      } else if share <= Self.tolerance, going.max() ?? 0 <= Self.largestExcess * limit {
        .ready
      } else if silent >= Self.sparseShare {
        .trainSparser(atWork: share)
      } else if let classes, classes <= 5 {
        .denseWithFewClasses
      } else if let classes, classes > 10 {
        .denseWithManyClasses
      } else {
        .trainSparser(atWork: share)
      }
  }
}

extension PruningVerdict.Advice: CustomStringConvertible {
  /// One line.
  public var description: String {
    switch self {
    case .notJudged: "no channels are to go by their scales"
    case .ready: "ready: what is to go does next to nothing"
    case .trainSparser(let share):
      "train sparser: \(max(Int(100 * share), 1)) % of what is to go is at work"
    case .strengthTooLarge:
      "the sparsity was too strong: nearly all scales are near zero, none tells what matters"
    case .denseWithFewClasses:
      "not sparse: the scales do not tell what matters"
    case .denseWithManyClasses:
      "not sparse: the scales do not tell what matters"
    }
  }
}
