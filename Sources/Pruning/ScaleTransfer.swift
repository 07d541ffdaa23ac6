import Darknet
import Training

/// Moves a factor from the scales of batch normalisation into the weights that read their channels:
/// γ and β times α, the weights after them over α (arXiv 1802.00124, section 4.2). The outputs of
/// the network stay as they are.
///
/// A channel takes part where everything between it and the weights that read it is positively
/// homogeneous, f(αx) = αf(x): leaky, relu and linear activations, pooling, routes, shortcuts and
/// upsampling are. Channels that are added or rearranged together, and those of one layer, take
/// part together or not at all.
public struct ScaleTransfer: Sendable {
  /// Why a layer does not take part.
  public enum Obstacle: Hashable, Sendable {
    /// The activation of a layer is not positively homogeneous.
    case activation(Activation, layer: Int)
    /// A layer normalises what it reads.
    case normalized(layer: Int)
    /// A layer multiplies by it.
    case gate(layer: Int)
    /// It has to stay for a reason that holds for pruning too.
    case frozen(Exclusion)
    /// It is added to something that does not take part.
    case added(layer: Int)
    /// It is rearranged together with something that does not take part.
    case rearranged(layer: Int)
    /// It is not among the layers asked for.
    case notAskedFor
  }

  /// The factors on all parameters that change.
  public let scaling: ParameterScaling
  /// The layers, of those asked for, of which all channels take part.
  public let layers: [Int]
  /// Why the others do not.
  public let obstacles: [Int: Obstacle]

  /// Finds out which of some layers can take a factor, and what the weights after them become.
  ///
  /// - Parameters:
  ///   - factor: α; above 0.
  ///   - selected: convolutions with batch normalisation.
  /// - Throws: ``ConfigurationError`` when the network is too large.
  public init(
    factor: Float, of selected: [Int], in spec: NetworkSpec
  ) throws(ConfigurationError) {
    let slots = try ChannelSlots(spec)
    let obstacles = ObstacleSearch(spec, slots, selected: Set(selected)).obstacles
    let factors = obstacles.map { $0 == nil ? factor : 1 }
    var entries: [ParameterScaling.Entry] = []
    func scale(_ layer: Int, _ role: ParameterRole, by factors: [Float]) {
      guard factors.contains(where: { $0 != 1 }) else { return }
      entries.append(.init(layer: layer, role: role, factors: factors))
    }
    var own: [Int: [Int]] = [:]
    for (slot, origin) in slots.origins.enumerated() {
      if let layer = origin.layer { own[layer, default: []].append(slot) }
    }
    for (index, layer) in spec.layers.enumerated() {
      let input = index > 0 ? slots.outputs[index - 1] : Array(0..<spec.net.channels)
      let inverse = input.map { 1 / factors[$0] }
      switch layer {
      case .convolutional(let convolution), .depthwise(let convolution):
        let made = (own[index] ?? []).map { factors[$0] }
        for role in [ParameterRole.gamma, .beta] { scale(index, role, by: made) }
        let width = input.count / convolution.groups
        let outputsPerGroup = convolution.outChannels / convolution.groups
        let weights = (0..<convolution.outChannels).flatMap { output in
          inverse[output / outputsPerGroup * width..<(output / outputsPerGroup + 1) * width]
        }
        scale(index, .weight, by: weights)
      case .squeezeExcitation(let attention):
        let rows = Array(repeating: inverse, count: attention.hiddenChannels)
        scale(index, .squeeze, by: rows.flatMap { $0 })
      case .maxPool, .channelMaxPool, .localAveragePool, .averagePool, .upsample, .route,
        .shortcut, .scaleChannels, .sam, .batchNorm, .reorg, .reorg3d, .dropout, .yolo,
        .gaussianYolo, .region:
        continue
      }
    }
    scaling = ParameterScaling(entries)
    var found: [Int: Obstacle] = [:]
    for layer in selected {
      for slot in own[layer] ?? [] where found[layer] == nil { found[layer] = obstacles[slot] }
    }
    self.obstacles = found
    layers = selected.filter { found[$0] == nil }
  }
}

extension ScaleTransfer {
  /// For each reason the layers that do not take part, one line each.
  public var notes: [String] {
    Dictionary(grouping: obstacles.keys.sorted()) { obstacles[$0]?.description ?? "" }
      .sorted { ($0.value.first ?? 0) < ($1.value.first ?? 0) }
      .map { reason, layers in
        let list = layers.map(String.init).joined(separator: " ")
        return "\(layers.count == 1 ? "layer" : "layers") \(list) not rescaled: \(reason)"
      }
  }
}

extension ScaleTransfer.Obstacle: CustomStringConvertible {
  /// A clause that completes "not rescaled: …".
  public var description: String {
    switch self {
    case .activation(let activation, _): "\(activation.darknetName) is not homogeneous"
    case .normalized(let layer): "normalised by layer \(layer)"
    case .gate(let layer): "a factor of layer \(layer)"
    case .frozen(let exclusion): exclusion.description
    case .added: "added to what is not rescaled"
    case .rearranged(let layer): "rearranged by layer \(layer) with what is not rescaled"
    case .notAskedFor: "not among the layers that were asked for"
    }
  }
}

/// Finds what keeps each slot from taking a factor. A channel is its slot.
private struct ObstacleSearch: ChannelAlgebra {
  /// By slot; nil where there is none.
  private(set) var obstacles: [ScaleTransfer.Obstacle?]
  private let slots: ChannelSlots

  init(_ spec: NetworkSpec, _ slots: ChannelSlots, selected: Set<Int>) {
    self.slots = slots
    obstacles = slots.origins.indices.map { slot in
      if let exclusion = slots.frozen[slot] { return .frozen(exclusion) }
      guard let layer = slots.origins[slot].layer, selected.contains(layer),
        let convolution = spec.layers[layer].convolution
      else { return .notAskedFor }
      return convolution.activation.isHomogeneous
        ? nil : .activation(convolution.activation, layer: layer)
    }
    _ = walk(spec)
    let layers = Dictionary(grouping: slots.origins.indices) { slots.origins[$0].layer }
    spread(
      slots.ties.filter { $0.kind == .parallel || $0.kind == .block },
      layers.values.sorted { $0[0] < $1[0] })
  }

  mutating func input(_ count: Int) -> [Int] { Array(0..<count) }

  mutating func made(
    by convolution: ConvolutionSpec, from input: [Int], at layer: Int
  ) -> [Int] { slots.outputs[layer] }

  mutating func filtered(
    _ input: [Int], by convolution: ConvolutionSpec, at layer: Int
  ) -> [Int] { slots.outputs[layer] }

  mutating func mixed(_ input: [Int], by pool: ChannelPoolSpec, at layer: Int) -> [Int] {
    slots.outputs[layer]
  }

  mutating func normalized(_ input: [Int], by norm: BatchNormSpec, at layer: Int) -> [Int] {
    block(input, .normalized(layer: layer))
    return input
  }

  mutating func summed(
    _ summands: [[Int]], by shortcut: ShortcutSpec, at layer: Int
  ) -> [Int] {
    blockUnlessHomogeneous(shortcut.activation, summands, layer)
    return summands[0]
  }

  mutating func multiplied(
    _ channels: [Int], by factors: [Int], _ activation: Activation, at layer: Int
  ) -> [Int] {
    block(factors, .gate(layer: layer))
    blockUnlessHomogeneous(activation, [channels], layer)
    return channels
  }

  mutating func multiplied(
    _ channels: [Int], byPlaces factor: Int, _ activation: Activation, at layer: Int
  ) -> [Int] {
    multiplied(channels, by: [factor], activation, at: layer)
  }

  // What squeeze and excitation reads is scaled back there.
  mutating func gated(
    _ input: [Int], by attention: SqueezeExcitationSpec, at layer: Int
  ) -> [Int] { input }

  mutating func rearranged(_ input: [Int], by reorg: ReorgSpec, at layer: Int) -> [Int] { input }

  mutating func upsampled(_ input: [Int], by upsample: UpsampleSpec, at layer: Int) -> [Int] {
    input
  }

  mutating func cut(_ channels: [Int], into count: Int, at layer: Int) {}

  // Heads keep what they read frozen.
  mutating func read(_ input: [Int], fusedWith others: [[Int]], at layer: Int) -> [Int] { input }

  private mutating func block(_ slots: [Int], _ obstacle: ScaleTransfer.Obstacle) {
    for slot in slots where obstacles[slot] == nil { obstacles[slot] = obstacle }
  }

  private mutating func blockUnlessHomogeneous(
    _ activation: Activation, _ lists: [[Int]], _ layer: Int
  ) {
    guard !activation.isHomogeneous else { return }
    for slots in lists { block(slots, .activation(activation, layer: layer)) }
  }

  /// From each slot to those it is added to or rearranged with and to those of its layer, until
  /// nothing changes: a pass over the ties goes as far as they lead forward, and few lead back.
  private mutating func spread(_ ties: [ChannelSlots.Tie], _ layers: [[Int]]) {
    var changes = true
    while changes {
      changes = false
      for tie in ties where (obstacles[tie.first] == nil) != (obstacles[tie.second] == nil) {
        block(
          [tie.first, tie.second],
          tie.kind == .block ? .rearranged(layer: tie.layer) : .added(layer: tie.layer))
        changes = true
      }
      for layer in layers {
        let found = layer.compactMap { obstacles[$0] }.first
        guard let found, layer.contains(where: { obstacles[$0] == nil }) else { continue }
        block(layer, found)
        changes = true
      }
    }
  }
}

extension Activation {
  /// Whether f(αx) = αf(x) for every α above 0.
  fileprivate var isHomogeneous: Bool {
    switch self {
    case .linear, .leaky, .relu: true
    case .relu6, .mish, .swish, .logistic, .hardSwish, .hardMish, .elu, .selu, .gelu, .tanh: false
    }
  }
}
