import Darknet

/// A pruned network, and what it takes to prove it.
public struct PruningResult: Sendable {
  /// The smaller cfg.
  public var configuration: Configuration
  /// The smaller parameters.
  public var parameters: NetworkParameters
  /// What was removed.
  public var plan: PruningPlan
  /// The same network at full size; its outputs are those of the smaller one.
  public var masked: MaskedNetwork
  /// For every layer, the channels of its output that stay, ascending: the places in the masked
  /// network's output at which the smaller one's is found.
  public var keptChannels: [[Int]]
  /// For every layer, its index in the smaller network; nil for layers that went.
  public var newIndices: [Int?]
  /// What stays, slot by slot.
  var mask: KeepMask
}

extension PruningResult {
  /// What differs in the cfg, a line for each layer: new numbers, changed entries, layers that
  /// went.
  public var configurationChanges: [String] {
    newIndices.enumerated().compactMap { old, new in
      let before = masked.configuration.sections[old + 1]
      guard let new else { return "layer \(old) [\(before.name)]: removed" }
      let after = configuration.sections[new + 1]
      let changes = after.entries.compactMap { entry in
        before[entry.key].flatMap { old in
          old == entry.value ? nil : "\(entry.key) \(old) → \(entry.value)"
        }
      }
      guard !changes.isEmpty else { return nil }
      let name = "layer \(old)" + (new == old ? "" : " → \(new)")
      return "\(name) [\(before.name)]: " + changes.joined(separator: ", ")
    }
  }
}

/// The compensated network at full size, and what its outputs are multiplied by.
public struct MaskedNetwork: Sendable {
  /// The cfg as it was.
  public var configuration: Configuration
  /// The parameters with the constants of dropped channels absorbed, shapes as they were.
  public var parameters: NetworkParameters
  /// What the network makes of pixel values.
  public var inputScale = InputScale.by255
  /// For every layer, one factor a channel of its output, 1 or 0, to multiply with after the
  /// activation.
  public var masks: [[Float]]
}
