import Darknet

/// What can be pruned of a network, what cannot and why, and what the earlier Python programs would
/// not have.
public struct PruningExplanation: Hashable, Sendable {
  /// Layers whose channels go together.
  public struct Group: Hashable, Sendable {
    /// The layers that make the channels, ascending.
    public var layers: [Int]
    /// Sets of channels that go together.
    public var channels: Int
  }

  /// Layers of which channels have to stay.
  public struct Kept: Hashable, Sendable {
    /// The reason.
    public var reason: Exclusion
    /// The layers, ascending.
    public var layers: [Int]
  }

  /// Groups of at least two layers, by their first.
  public var groups: [Group]
  /// What stays, by its first layer.
  public var kept: [Kept]
  /// Layers that may lose channels, ascending.
  public var prunable: [Int]
  /// Those of them that the earlier Python programs left alone.
  public var beyondLegacy: [Int]
  /// Layers that the earlier Python programs pruned, and that stay here.
  public var onlyLegacy: [Int]
  /// Residual blocks that may go as a whole, for methods that remove blocks.
  public var blocks: [ResidualBlock]
}

extension Pruner {
  /// Explains what the method may prune.
  ///
  /// - Throws: ``ConfigurationError`` when the network is too large.
  public func explanation() throws(ConfigurationError) -> PruningExplanation {
    var groups: [[Int]: Int] = [:]
    var kept: [Exclusion: Set<Int>] = [:]
    var prunable: Set<Int> = []
    for (each, reason) in zip(classes.classes, exclusions) {
      let layers = Set(each.members.compactMap { slots.origins[$0].layer })
      if let reason {
        kept[reason, default: []].formUnion(layers)
      } else {
        prunable.formUnion(layers)
        if layers.count > 1 { groups[layers.sorted(), default: 0] += 1 }
      }
    }
    let legacy = Set(try method.legacyScope.selectedLayers(spec))
    return PruningExplanation(
      groups: groups.map { .init(layers: $0, channels: $1) }
        .sorted { $0.layers.lexicographicallyPrecedes($1.layers) },
      kept: kept.filter { !$0.value.isEmpty }.map { .init(reason: $0, layers: $1.sorted()) }
        .sorted { $0.layers.lexicographicallyPrecedes($1.layers) },
      prunable: prunable.sorted(), beyondLegacy: prunable.subtracting(legacy).sorted(),
      onlyLegacy: legacy.subtracting(prunable).sorted(), blocks: blocks)
  }
}
