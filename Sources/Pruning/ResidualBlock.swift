import Darknet

/// A shortcut and the branch that it adds: layers that can go as a whole, because all that follows
/// can read what the branch was added to instead.
public struct ResidualBlock: Hashable, Sendable {
  /// The layer that the branch is added to.
  public var source: Int
  /// The shortcut that adds it.
  public var shortcut: Int

  /// The layers between both.
  public var branch: Range<Int> { source + 1..<shortcut }
  /// All layers that go.
  public var layers: ClosedRange<Int> { source + 1...shortcut }
}

extension ResidualBlock {
  /// The blocks of a network, in the order of their shortcuts.
  ///
  /// The branch is everything between a layer and the shortcut that adds it; nobody else reads or
  /// shares parameters with it, and all that it adds or multiplies is made in it. The shortcut has
  /// one source of the same shape, and neither factors nor an activation, which would go with it.
  static func all(in spec: NetworkSpec, _ slots: ChannelSlots) -> [ResidualBlock] {
    let (readers, sharers) = (spec.readers, spec.sharers)
    return spec.layers.indices.compactMap { index in
      guard case .shortcut(let shortcut) = spec.layers[index], shortcut.sources.count == 1,
        shortcut.weights == .none, shortcut.activation == .linear
      else { return nil }
      let block = ResidualBlock(source: shortcut.sources[0], shortcut: index)
      guard !block.branch.isEmpty, spec.shapes[block.source] == spec.shapes[index] else {
        return nil
      }
      let isClosed = block.branch.allSatisfy { layer in
        !spec.layers[layer].isHead && readers[layer].allSatisfy(block.layers.contains)
          && spec.layers[layer].partners.allSatisfy(block.branch.contains)
          && (sharers[layer] ?? []).allSatisfy(block.layers.contains)
      }
      let isOwn = slots.outputs[index - 1].allSatisfy { slot in
        slots.origins[slot].layer.map(block.branch.contains) ?? false
      }
      return isClosed && isOwn ? block : nil
    }
  }

  /// What the block's branch is worth: the mean score of the channels that it adds and that stay;
  /// nil where one has no score.
  func worth(_ slots: ChannelSlots, mask: KeepMask, slotScores: [Float?]) -> Float? {
    let own = slots.outputs[shortcut - 1].filter { mask.stays[$0] }
    let scores = own.compactMap { slotScores[$0] }
    guard !scores.isEmpty, scores.count == own.count else { return nil }
    return scores.reduce(0, +) / Float(scores.count)
  }
}

extension LayerSpec {
  /// The layers that this one adds or multiplies.
  fileprivate var partners: [Int] {
    switch self {
    case .shortcut, .scaleChannels, .sam: sources
    default: []
    }
  }
}

extension NetworkSpec {
  /// The convolutions with which each one shares parameters.
  fileprivate var sharers: [Int: [Int]] {
    layers.enumerated().reduce(into: [:]) { sharers, entry in
      guard let shared = entry.element.convolution?.shareIndex else { return }
      sharers[shared, default: []].append(entry.offset)
      sharers[entry.offset, default: []].append(shared)
    }
  }
}
