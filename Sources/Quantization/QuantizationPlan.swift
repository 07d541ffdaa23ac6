import Darknet

/// Which tensors of a network are quantized, to how many bits, and which of them share a grid:
/// worked out from the cfg and the options alone (docs/formulas.md 10.6).
///
/// A *tensor* is what a layer gives to later ones, by the layer's index; −1 is the network's input.
/// Layers that only pass values on (pools of maxima, enlargements, routes, rearrangements) have the
/// grid of what they read, so a concatenation gives all that it joins one grid. What only heads
/// read stays float, for a box is decoded from it.
public struct QuantizationPlan: Equatable, Sendable {
  /// Tensors that share a grid.
  public struct Group: Equatable, Sendable {
    /// The tensors, ascending; −1 is the network's input.
    public var tensors: [Int]
    /// Those of them that are computed, not passed on: where values are put on the grid.
    public var producers: [Int]
    /// Bits of the codes.
    public var bits: Int
    /// Whether no value can lie below zero, whatever the network's input is.
    public var isNeverNegative: Bool

    /// Whether the network's input is all that is put on the grid.
    var isInput: Bool { producers == [-1] }

    /// Whether no value can lie below zero.
    ///
    /// - Parameter scale: what the network makes of its pictures.
    func isNeverNegative(_ scale: InputScale) -> Bool {
      isInput ? scale.offset >= 0 : isNeverNegative
    }
  }

  /// Tensors on grids.
  public let groups: [Group]
  /// Bits of each convolution's weights, by layer. Those without an entry stay float.
  public let weightBits: [Int: Int]
  /// Convolutions of the network, on codes or float.
  package let convolutions: Int
  /// Layers that see the network's input, or that only heads read.
  public let ends: Set<Int>
  /// The group of each tensor that is on a grid.
  private let places: [Int: Int]

  /// Plans a network.
  ///
  /// - Throws: ``QuantizationError`` for bits that no scheme has, or bits of a layer without
  ///   weights.
  public init(_ spec: NetworkSpec, _ options: QuantizationOptions) throws(QuantizationError) {
    try options.check(spec)
    let readers = spec.tensorReaders
    let shared = SharedTensors(spec, options.shortcuts).groups.map { tensors in
      let passedOn = Set(tensors.filter { $0 >= 0 && spec.layers[$0].passesOn })
      return (
        tensors: tensors, producers: tensors.filter { !passedOn.contains($0) },
        readers: tensors.flatMap { readers[$0] ?? [] }.filter { !passedOn.contains($0) }
      )
    }
    var ends: Set<Int> = []
    for group in shared {
      if group.tensors.contains(-1) { ends.formUnion(group.readers) }
      // What nobody reads is no output of the network.
      let isLast = !group.readers.isEmpty && group.readers.allSatisfy { spec.layers[$0].isHead }
      if isLast { ends.formUnion(group.producers) }
    }
    func bits(_ layer: Int) -> QuantizationOptions.LayerBits {
      options.layerBits[layer] ?? options.bits(isEnd: ends.contains(layer))
    }

    var weightBits: [Int: Int] = [:]
    for (index, layer) in spec.layers.enumerated() {
      guard let convolution = layer.convolution else { continue }
      // Who uses the weights of another uses its codes.
      let owner = convolution.shareIndex ?? index
      weightBits[index] = owner == index ? bits(index).weights : weightBits[owner]
    }

    var groups: [Group] = []
    var places: [Int: Int] = [:]
    for group in shared {
      let wanted = group.readers.compactMap {
        options.readBits(ofLayer: $0, spec, isEnd: ends.contains($0))
      }
      guard let most = wanted.max() else { continue }
      for tensor in group.tensors { places[tensor] = groups.count }
      groups.append(
        Group(
          tensors: group.tensors, producers: group.producers, bits: most,
          isNeverNegative: group.producers.allSatisfy {
            $0 >= 0 && spec.layers[$0].isNeverNegative
          }))
    }
    (self.weightBits, self.ends) = (weightBits, ends)
    convolutions = spec.layers.count { $0.convolution != nil }
    self.groups = groups
    self.places = places
  }

  /// The fewest bits that any weights and any activations have; the most that there are where none are
  /// on codes.
  var fewestBits: BitStage {
    let most = CodeRange.allowedBits.upperBound
    return BitStage(
      activations: groups.map(\.bits).min() ?? most, weights: weightBits.values.min() ?? most)
  }

  /// The group of a tensor, by place in ``groups``; nil for one that stays float.
  public func group(of tensor: Int) -> Int? { places[tensor] }
}

/// Which tensors have to share a grid.
private struct SharedTensors {
  /// For each tensor, one after another from −1, a tensor that it shares with; itself at the end.
  private var parents: [Int]
  private let heads: Set<Int>

  init(_ spec: NetworkSpec, _ rule: QuantizationOptions.ShortcutRule) {
    parents = Array(-1..<spec.layers.count)
    // What a head hands out is read by nobody.
    heads = Set(spec.heads)
    for (index, layer) in spec.layers.enumerated() {
      let isSum = if case .shortcut = layer { true } else { false }
      guard layer.passesOn || isSum && rule == .shared else { continue }
      for input in spec.tensorInputs(ofLayer: index) { join(index, input) }
    }
  }

  private func root(_ tensor: Int) -> Int {
    var tensor = tensor
    while parents[tensor + 1] != tensor { tensor = parents[tensor + 1] }
    return tensor
  }

  private mutating func join(_ a: Int, _ b: Int) {
    let (a, b) = (root(a), root(b))
    parents[max(a, b) + 1] = min(a, b)
  }

  /// The groups, by their first tensors.
  var groups: [[Int]] {
    let tensors = (-1..<parents.count - 1).filter { !heads.contains($0) }
    return Dictionary(grouping: tensors, by: root).sorted { $0.key < $1.key }.map(\.value)
  }
}

extension NetworkSpec {
  /// The tensors that a layer reads: other layers' outputs, and −1, the network's input.
  func tensorInputs(ofLayer index: Int) -> [Int] {
    index == 0 ? [-1] : inputs(ofLayer: index)
  }

  /// Who reads each tensor.
  var tensorReaders: [Int: [Int]] {
    layers.indices.reduce(into: [:]) { readers, index in
      for input in Set(tensorInputs(ofLayer: index)) { readers[input, default: []].append(index) }
    }
  }
}

extension LayerSpec {
  /// Whether the layer's values are among those that it reads, at inference.
  var passesOn: Bool {
    switch self {
    case .maxPool(let pool): pool.blur == nil
    case .upsample(let upsample): upsample.scale == 1
    case .channelMaxPool, .route, .reorg, .reorg3d, .dropout: true
    case .convolutional, .depthwise, .localAveragePool, .averagePool, .shortcut, .scaleChannels,
      .sam, .squeezeExcitation, .batchNorm, .yolo, .gaussianYolo, .region:
      false
    }
  }

  /// Whether the layer gives values of its own, so that what it reads may have bits of its own.
  var computes: Bool { !passesOn && !isHead }

  /// Whether the layer's activation has no value below zero.
  var isNeverNegative: Bool {
    let activation: Activation? =
      switch self {
      case .convolutional(let spec), .depthwise(let spec): spec.activation
      case .shortcut(let spec): spec.activation
      case .scaleChannels(let spec): spec.activation
      case .sam(let spec): spec.activation
      case .batchNorm(let spec): spec.activation
      default: nil
      }
    return activation.map { [.relu, .relu6, .logistic].contains($0) } ?? false
  }
}
