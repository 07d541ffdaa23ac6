/// A pruning method: one row of a table. Whatever differs between the published methods is a
/// column here; everything else is done by one ``Pruner``.
public struct PruningMethod: Hashable, Codable, Sendable {
  /// Which scores stay, against the threshold. A score of exactly 0 never does: what is worth
  /// nothing goes even where, with most of them 0, the threshold is 0 too.
  public enum Comparison: String, Hashable, Codable, Sendable {
    /// Those at the threshold and above.
    case atLeast
    /// Those above the threshold.
    case above

    func keeps(_ score: Float, threshold: Float) -> Bool {
      switch self {
      case .atLeast: score >= threshold && score != 0
      case .above: score > threshold
      }
    }
  }

  /// What is held against a threshold, and what the threshold is a quantile of.
  public enum Judgement: String, Hashable, Codable, Sendable {
    /// Classes of tied channels by their merged scores; the quantile counts every channel with the
    /// worth of its class, so the share that goes is the share that was asked for.
    case classes
    /// Every channel by its own score, against the quantile of all of them; then verdicts are
    /// merged.
    case channels
    /// As `classes`, but the quantile counts every class once: with ``ParallelMerge/leader`` it is
    /// that of the leaders of tied channels and of the channels that are tied to none.
    case leaders
    /// As `channels`, with a quantile for each range of layers.
    case ranges
    /// No channel by itself.
    case nothing
    /// Every layer keeps a random share, its best channels (EagleEye, arXiv 2007.02491).
    case random

    /// Whether one share of channels says how much goes.
    public var takesOneShare: Bool { [.classes, .channels, .leaders].contains(self) }
  }

  /// How channels that are added together are judged as one.
  public enum ParallelMerge: String, Hashable, Codable, Sendable, CaseIterable {
    /// They stay when any of them would.
    case union
    /// They stay when the first of them in the cfg would.
    case leader
    /// They stay when at least half of them would.
    case vote
    /// They stay when the one of the layer that would keep the fewest channels would.
    case least
    /// Their scores are added, then judged.
    case sum
  }

  /// How the width of a layer becomes a multiple of a number.
  public enum Rounding: String, Hashable, Codable, Sendable {
    /// It does not.
    case none
    /// Up, at least once the number; never above the layer's own width.
    case up
    /// To the nearest multiple, halves up, at least once the number; never above the own width.
    case nearest
  }

  /// What every layer keeps, whatever the threshold. Its best channel in any case, after merging.
  public enum Floor: Hashable, Codable, Sendable {
    /// Nothing more.
    case best
    /// Before merging, a share of the layer's channels; `fallback` where the share rounds down to
    /// none.
    case share(fallback: Int)
  }

  /// The name on the command line.
  public var name: String
  /// The scope of the system that the method comes from (`--scope legacy`).
  public var legacyScope: PruningScope
  /// What a channel is worth.
  public var score: ImportanceScore
  /// What is held against a threshold.
  public var judgement: Judgement
  /// Which scores stay.
  public var comparison: Comparison
  /// How channels that are added together are judged.
  public var parallelMerge: ParallelMerge
  /// How widths are rounded.
  public var rounding: Rounding
  /// What every layer keeps.
  public var floor: Floor
  /// Whether whole residual blocks go then, those whose branches are worth least.
  public var removesBlocks = false

  /// Network slimming (arXiv 1708.06519; docs/formulas.md 7.4): the channels with the smallest |γ|
  /// of the whole network go.
  public static let normal = PruningMethod(
    name: "normal", legacyScope: .normal, score: .scaleMagnitude, judgement: .classes,
    comparison: .atLeast, parallelMerge: .union, rounding: .none, floor: .best)

  /// As ``normal``, with widths that hardware likes (docs/formulas.md 7.5).
  public static let regular = PruningMethod(
    name: "regular", legacyScope: .normal, score: .scaleMagnitude, judgement: .classes,
    comparison: .atLeast, parallelMerge: .union, rounding: .up, floor: .best)

  /// Residual chains follow their first convolution (docs/formulas.md 7.6).
  public static let shortcut = PruningMethod(
    name: "shortcut", legacyScope: .shortcut, score: .scaleMagnitude, judgement: .leaders,
    comparison: .atLeast, parallelMerge: .leader, rounding: .none, floor: .best)

  /// Residual chains keep what any of their convolutions would keep (docs/formulas.md 7.7).
  public static let slim = PruningMethod(
    name: "slim", legacyScope: .shortcut, score: .scaleMagnitude, judgement: .channels,
    comparison: .above, parallelMerge: .union, rounding: .none, floor: .share(fallback: 1))

  /// A ratio for each range of layers, residual chains by majority (docs/formulas.md 7.8).
  public static let group = PruningMethod(
    name: "group", legacyScope: .shortcut, score: .scaleMagnitude, judgement: .ranges,
    comparison: .above, parallelMerge: .vote, rounding: .none, floor: .share(fallback: 16))

  /// Whole residual blocks go (docs/formulas.md 7.9).
  public static let layer = PruningMethod(
    name: "layer", legacyScope: .layer, score: .scaleMagnitude, judgement: .nothing,
    comparison: .atLeast, parallelMerge: .union, rounding: .none, floor: .best,
    removesBlocks: true)

  /// ``slim``, then ``layer`` (docs/formulas.md 7.10).
  public static let layerChannel = PruningMethod(
    name: "layer-channel", legacyScope: .shortcut, score: .scaleMagnitude, judgement: .channels,
    comparison: .above, parallelMerge: .union, rounding: .none, floor: .share(fallback: 1),
    removesBlocks: true)

  /// ``shortcut`` with the rounding of ``regular``, then ``layer`` (docs/formulas.md 7.10).
  public static let layerChannelRegular = PruningMethod(
    name: "layer-channel-regular", legacyScope: .shortcut, score: .scaleMagnitude,
    judgement: .leaders, comparison: .atLeast, parallelMerge: .leader, rounding: .up,
    floor: .best, removesBlocks: true)

  /// Random shares, of which the best on pictures is taken (docs/formulas.md 7.11).
  public static let eagleEyeNormal = PruningMethod(
    name: "eagleeye", legacyScope: .normal, score: .filterNorm1, judgement: .random,
    comparison: .atLeast, parallelMerge: .union, rounding: .none, floor: .best)

  /// ``eagleEyeNormal`` over residual chains too.
  public static let eagleEyeSlim = PruningMethod(
    name: "eagleeye", legacyScope: .shortcut, score: .filterNorm1, judgement: .random,
    comparison: .atLeast, parallelMerge: .union, rounding: .none, floor: .best)

  /// ``eagleEyeSlim`` with rounded widths; of a rounded union the channels with the most votes
  /// stay.
  public static let eagleEyeRegular = PruningMethod(
    name: "eagleeye", legacyScope: .shortcut, score: .filterNorm1, judgement: .random,
    comparison: .atLeast, parallelMerge: .union, rounding: .nearest, floor: .best)

  /// What is pruned until a figure is reached: everything, by added scores.
  public static let target = PruningMethod(
    name: "target", legacyScope: .shortcut, score: .scaleMagnitude, judgement: .classes,
    comparison: .atLeast, parallelMerge: .sum, rounding: .up, floor: .best)

  /// Every row, in the order of the help.
  public static let all: [PruningMethod] = [
    normal, regular, shortcut, slim, layer, layerChannel, layerChannelRegular, group,
    eagleEyeNormal, eagleEyeSlim,
    eagleEyeRegular, target,
  ]
}
