import Darknet

/// What a channel is worth.
public enum ImportanceScore: Hashable, Sendable {
  /// |γ| of the channel's batch normalisation (arXiv 1708.06519).
  case scaleMagnitude

  /// Whether the score reads γ, so that a convolution without batch normalisation has none.
  public var needsScale: Bool {
    switch self {
    case .scaleMagnitude: true
    }
  }

  /// The score of every slot; nil where there is none.
  ///
  /// - Parameters:
  ///   - slots: of the network that `parameters` belong to.
  ///   - parameters: checked against the network before.
  func values(_ slots: ChannelSlots, _ parameters: NetworkParameters) -> [Float?] {
    slots.origins.map { origin in
      guard let layer = origin.layer else { return nil }
      switch self {
      case .scaleMagnitude:
        return (parameters.layers[layer][.gamma]?.values[origin.channel]).map(abs)
      }
    }
  }
}
