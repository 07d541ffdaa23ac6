/// A network in which layers are replaced, added or left out, with every reference renumbered.
///
/// Each layer gives a list of new ones, itself to begin with. The last of the list makes what the
/// layer made; an empty list passes on what the layer before it made. So whatever reads the
/// previous layer still does, and `layers`, `from` and `share_index` go through one map of indices;
/// what shares weights finds the new layer that has them.
///
/// ```swift
/// var rewrite = NetworkRewrite(spec, parameters)
/// rewrite.replacements[4] = []  // a residual block, layers 2 to 4, passes on layer 1
/// ```
public struct NetworkRewrite: Sendable {
  /// One new layer.
  public struct Block: Sendable {
    /// What its section's references count from.
    public enum References: Hashable, Sendable {
      /// Layers of the old network: absolute, or back from the layer that is replaced.
      case old
      /// The new layer itself: only negative ones.
      case new
    }

    /// The section.
    public var section: Configuration.Section
    /// The layer's arrays; empty where it has none.
    public var parameters: [ParameterRole: ParameterArray]
    /// What the section's references count from.
    public var references: References

    /// A layer that was not there before; what it reads is counted back from itself.
    public init(
      _ section: Configuration.Section, parameters: [ParameterRole: ParameterArray] = [:],
      references: References = .new
    ) {
      self.section = section
      self.parameters = parameters
      self.references = references
    }
  }

  /// The network as it was.
  public let spec: NetworkSpec
  /// The header that the new parameters keep.
  public let header: WeightsHeader
  /// What each old layer becomes.
  public var replacements: [[Block]]

  /// A rewrite that changes nothing yet.
  public init(_ spec: NetworkSpec, _ parameters: NetworkParameters) {
    self.spec = spec
    header = parameters.header
    replacements = spec.layers.indices.map { index in
      [
        Block(
          spec.section(ofLayer: index), parameters: parameters.layers[index], references: .old)
      ]
    }
  }

  /// For each old layer the new one that makes its output; −1 for the network's input.
  public var newIndices: [Int] {
    var count = 0
    return replacements.map { blocks in
      count += blocks.count
      return count - 1
    }
  }

  /// For each old layer the new one that has its parameters: the one that was there before, or else
  /// the last.
  private var parameterIndices: [Int] {
    zip(newIndices, replacements).map { last, blocks in
      let position = blocks.firstIndex { $0.references == .old } ?? blocks.count - 1
      return last - (blocks.count - 1 - position)
    }
  }

  /// The new network, checked.
  ///
  /// - Throws: ``ConfigurationError`` when a layer reads one that is gone with everything before
  ///   it, and when the new cfg makes no sense.
  public func result() throws(ConfigurationError) -> (
    configuration: Configuration, parameters: NetworkParameters
  ) {
    let map = (outputs: newIndices, parameters: parameterIndices)
    var sections = [spec.configuration.sections[0]]
    var layers: [[ParameterRole: ParameterArray]] = []
    for (index, blocks) in replacements.enumerated() {
      for block in blocks {
        sections.append(
          block.references == .new
            ? block.section
            : try renumbered(block.section, of: index, at: layers.count, through: map))
        layers.append(block.parameters)
      }
    }
    let configuration = Configuration(sections: sections, path: spec.configuration.path)
      .renumbered()
    _ = try NetworkSpec(configuration)
    return (configuration, NetworkParameters(layers: layers, header: header))
  }

  /// The section with its references through the map; relative ones stay relative.
  private func renumbered(
    _ section: Configuration.Section, of old: Int, at new: Int,
    through map: (outputs: [Int], parameters: [Int])
  ) throws(ConfigurationError) -> Configuration.Section {
    guard let key = spec.layers[old].referenceKey, let value = section[key] else { return section }
    let indices = key == "share_index" ? map.parameters : map.outputs
    var result = section
    var targets: [String] = []
    for item in value.split(separator: ",") {
      // The old network was read from this text.
      guard let number = Int(item.withoutSpaces) else { continue }
      let target = indices[number < 0 ? old + number : number]
      guard target >= 0 else {
        throw .invalidReference(
          value, key: key, layer: old, reason: "leads to the network's input, which is no layer",
          at: spec.place(ofLayer: old))
      }
      targets.append(String(number < 0 ? target - new : target))
    }
    result[key] = targets.joined(separator: ",")
    return result
  }
}

extension LayerSpec {
  /// The key of the block that names other layers, or nil.
  fileprivate var referenceKey: String? {
    switch self {
    case .route: "layers"
    case .shortcut, .scaleChannels, .sam, .yolo: "from"
    case .convolutional: "share_index"
    case .depthwise, .maxPool, .channelMaxPool, .localAveragePool, .averagePool, .upsample,
      .squeezeExcitation, .batchNorm, .reorg, .reorg3d, .dropout, .gaussianYolo, .region:
      nil
    }
  }
}
