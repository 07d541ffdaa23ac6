/// A pruning method: one row of a table. Whatever differs between the published methods is a
/// column here; everything else is done by one ``ChannelPruner``.
public struct PruningMethod: Hashable, Sendable {
  /// Which scores stay, against the threshold.
  public enum Comparison: Hashable, Sendable {
    /// Those at the threshold and above.
    case atLeast
    /// Those above the threshold.
    case above

    func keeps(_ score: Float, threshold: Float) -> Bool {
      switch self {
      case .atLeast: score >= threshold
      case .above: score > threshold
      }
    }
  }

  /// How channels that are added together are judged as one.
  public enum ParallelMerge: Hashable, Sendable {
    /// They stay when any of them would: the largest score counts.
    case union

    func score(_ members: [Float]) -> Float? {
      switch self {
      case .union: members.max()
      }
    }
  }

  /// The name on the command line.
  public var name: String
  /// The scope of the system that the method comes from (`--scope legacy`).
  public var legacyScope: PruningScope
  /// What a channel is worth.
  public var score: ImportanceScore
  /// Which scores stay.
  public var comparison: Comparison
  /// How channels that are added together are judged.
  public var parallelMerge: ParallelMerge

  /// Network slimming (arXiv 1708.06519; SPEC section 5.2): the channels with the smallest |γ| of
  /// the whole network go.
  public static let normal = PruningMethod(
    name: "normal", legacyScope: .normal, score: .scaleMagnitude, comparison: .atLeast,
    parallelMerge: .union)

  /// Every method, in the order of the help.
  public static let all: [PruningMethod] = [normal]
}
