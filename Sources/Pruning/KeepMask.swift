/// What stays of a network: which slots, and which residual blocks go as a whole.
public struct KeepMask: Hashable, Sendable {
  /// Whether each slot stays, by slot. Slots of ``removedBlocks`` are judged as if the blocks
  /// stayed.
  public package(set) var stays: [Bool]
  /// Blocks that pass on what they read, none inside another.
  public package(set) var removedBlocks: [ResidualBlock] = []

  /// The places in a layer's output that stay, ascending.
  ///
  /// - Parameter slots: the slots of the layer's output.
  public func kept(_ slots: [Int], layer: Int) -> [Int] {
    isSilent(layer) ? [] : slots.indices.filter { stays[slots[$0]] }
  }

  /// One for every channel of a layer's output that stays, zero for the others.
  ///
  /// - Parameter slots: the slots of the layer's output.
  public func factors(_ slots: [Int], layer: Int) -> [Float] {
    isSilent(layer) ? slots.map { _ in 0 } : slots.map { stays[$0] ? 1 : 0 }
  }

  /// Whether the layer's section goes.
  public func removes(_ layer: Int) -> Bool {
    removedBlocks.contains { $0.layers.contains(layer) }
  }

  /// Whether nothing of the layer's output is left: it is in the branch of a removed block. The
  /// output of the block's shortcut is what the block passes on.
  public func isSilent(_ layer: Int) -> Bool {
    removedBlocks.contains { $0.branch.contains(layer) }
  }
}
