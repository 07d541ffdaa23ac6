import Darknet

/// What a pruning removes.
public struct PruningPlan: Hashable, Sendable {
  /// The method's name.
  public var method: String
  /// The convolutions that could be pruned.
  public var scope: PruningScope
  /// The share of channels that was asked for.
  public var percent: Double
  /// The score against which channels were held.
  public var threshold: Float
  /// The largest share that leaves every layer a channel of its own.
  public var emptyingPercent: Double
  /// The share of the channels that could go, and went.
  public var removedShare: Double
  /// The width of every convolution, in the order of the cfg.
  public var layers: [LayerWidth]
  /// Residual blocks that went as a whole, in the order of the cfg.
  public var removedBlocks: [ScoredBlock]
  /// Where constants of what went are lost, in the order of the cfg.
  public var lostConstants: [LostConstant]
  /// What the network cost, at the cfg's own input size.
  public var before: NetworkProfile
  /// What the smaller network costs, at the same size.
  public var after: NetworkProfile

  /// Whether the smaller network is the network itself.
  public var removesNothing: Bool {
    removedBlocks.isEmpty && layers.allSatisfy { $0.before == $0.after }
  }
}

/// Output channels of a convolution before and after pruning.
public struct LayerWidth: Hashable, Sendable {
  /// Index of the layer in the cfg.
  public var layer: Int
  /// Channels before.
  public var before: Int
  /// Channels after, at least 1; 0 where the layer went.
  public var after: Int
}

/// A residual block, and what it is worth.
public struct ScoredBlock: Hashable, Sendable {
  /// The block.
  public var block: ResidualBlock
  /// The mean score of the channels that its branch adds.
  public var worth: Float
}

/// How much may go before one layer has nothing left of its own.
public struct LayerEmptying: Hashable, Sendable {
  /// Index of the layer in the cfg.
  public var layer: Int
  /// The share of all channels in scope, `0...1`.
  public var percent: Double
}
