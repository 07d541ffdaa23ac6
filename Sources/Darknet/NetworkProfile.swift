/// What a network costs at one input size, layer by layer and in total.
public struct NetworkProfile: Hashable, Sendable {
  /// The cost of one layer.
  public struct Layer: Hashable, Sendable {
    /// The layer's index.
    public var index: Int
    /// The name of its section.
    public var type: String
    /// Channels of what it reads: for a route the sum of its sources, as many as it makes.
    public var inChannels: Int
    /// Its output.
    public var shape: FeatureShape
    /// Trainable parameters: γ and β count, running statistics do not.
    public var parameters: Int
    /// Multiply-accumulate operations of convolutions and linear layers, for one picture.
    public var macs: Int
  }

  /// Input width in pixels.
  public var width: Int
  /// Input height in pixels.
  public var height: Int
  /// The layers, in order.
  public var layers: [Layer]
  /// Bytes of the `.weights` file.
  public var weightsByteCount: Int
  /// Bytes of the feature maps that exist at one time, at most, for one picture in single
  /// precision: the input and every layer's output, each freed after its last use; the heads' are
  /// kept. This is what inference needs, beside the weights and what a layer needs inside.
  public var activationBytes: Int
  /// Bytes of all of them together, which is what training keeps of one picture, at least.
  public var activationSumBytes: Int

  /// Trainable parameters of the network.
  public var parameters: Int { layers.reduce(0) { $0 + $1.parameters } }

  /// Multiply-accumulate operations for one picture.
  public var macs: Int { layers.reduce(0) { $0 + $1.macs } }

  /// What Darknet prints as BFLOPs: 2 × ``macs`` / 10⁹.
  public var billionOperations: Double { 2 * Double(macs) / 1e9 }
}

/// What a network costs in all, for one picture.
public struct NetworkCost: Hashable, Sendable {
  /// Trainable parameters: γ and β count, running statistics do not.
  public var parameters = 0
  /// Multiply-accumulate operations of convolutions and linear layers.
  public var macs = 0
  /// Bytes of a `.weights` file with the header of current Darknet.
  public var weightsByteCount = 0
}

extension NetworkSpec {
  /// The network's costs in all for an input of `width` × `height` pixels.
  ///
  /// - Parameter isLeftOut: layers that do not count: those that can go because all that follows
  ///   reads what came before them, in the same shape.
  /// - Throws: ``ConfigurationError`` as ``shapes(width:height:)`` does.
  public func cost(
    width: Int, height: Int, without isLeftOut: (Int) -> Bool = { _ in false }
  ) throws(ConfigurationError) -> NetworkCost {
    let shapes = try shapes(width: width, height: height)
    let input = FeatureShape(channels: net.channels, height: height, width: width)
    var cost = NetworkCost(weightsByteCount: WeightsLayout.headerByteCount)
    for (index, entries) in try parameterLayout().enumerated() where !isLeftOut(index) {
      cost.macs += layers[index].macs(of: index == 0 ? input : shapes[index - 1])
      for entry in entries {
        cost.weightsByteCount += 4 * entry.count
        if entry.role.isTrainable { cost.parameters += entry.count }
      }
    }
    return cost
  }

  /// Trainable parameters: γ and β count, running statistics do not (docs/formulas.md 3.5).
  public var parameterCount: Int {
    WeightsLayout(self).entries.joined().reduce(0) { $0 + ($1.role.isTrainable ? $1.count : 0) }
  }

  /// Bytes of a `.weights` file with the header of current Darknet.
  public var weightsByteCount: Int {
    WeightsLayout.headerByteCount + 4 * WeightsLayout(self).floatCount
  }

  /// Multiply-accumulate operations of convolutions and linear layers, for one picture.
  ///
  /// - Throws: ``ConfigurationError`` as ``shapes(width:height:)`` does.
  public func macs(width: Int, height: Int) throws(ConfigurationError) -> Int {
    try profile(width: width, height: height).macs
  }

  /// The network's costs for an input of `width` × `height` pixels.
  ///
  /// - Throws: ``ConfigurationError`` as ``shapes(width:height:)`` does.
  public func profile(
    width: Int, height: Int
  ) throws(ConfigurationError) -> NetworkProfile {
    let shapes = try shapes(width: width, height: height)
    let layout = try parameterLayout()
    let input = FeatureShape(channels: net.channels, height: height, width: width)
    let table = layers.indices.map { index in
      let inShape = index == 0 ? input : shapes[index - 1]
      return NetworkProfile.Layer(
        index: index, type: section(ofLayer: index).name,
        inChannels: layers[index].readsPreviousLayer ? inShape.channels : shapes[index].channels,
        shape: shapes[index],
        parameters: layout[index].reduce(0) { $0 + ($1.role.isTrainable ? $1.count : 0) },
        macs: layers[index].macs(of: inShape))
    }
    let activations = ActivationMemory(self, shapes: shapes, input: input)
    return NetworkProfile(
      width: width, height: height, layers: table, weightsByteCount: weightsByteCount,
      activationBytes: 4 * activations.peak, activationSumBytes: 4 * activations.sum)
  }
}

/// How many values a network's feature maps hold, for one picture.
private struct ActivationMemory {
  /// The most that are alive at once.
  private(set) var peak = 0
  /// All together.
  private(set) var sum: Int

  init(_ spec: NetworkSpec, shapes: [FeatureShape], input: FeatureShape) {
    // Map 0 is the input, map i + 1 what layer i makes; a layer that hands its input on makes none.
    var sizes = [input.count] + shapes.map(\.count)
    var maps = [Int](repeating: 0, count: shapes.count)
    var lastUse = [Int](repeating: 0, count: sizes.count)
    let order = spec.evaluationOrder
    for (position, index) in order.enumerated() {
      let layer = spec.layers[index]
      var read = spec.inputs(ofLayer: index).map { maps[$0] }
      if index == 0, layer.readsPreviousLayer { read.append(0) }
      for map in read { lastUse[map] = max(lastUse[map], position) }
      let handedOn = layer.handsOnItsInput ? read.first : nil
      if handedOn != nil { sizes[index + 1] = 0 }
      maps[index] = handedOn ?? index + 1
      // A head's map is a result.
      let end = layer.isHead ? order.count : position
      lastUse[maps[index]] = max(lastUse[maps[index]], end)
    }
    var freed = [Int](repeating: 0, count: order.count + 1)
    for (map, use) in lastUse.enumerated() { freed[use] += sizes[map] }
    sum = sizes.reduce(0, +)
    var alive = input.count
    for (position, index) in order.enumerated() {
      alive += sizes[index + 1]
      peak = max(peak, alive)
      alive -= freed[position]
    }
  }
}

extension LayerSpec {
  /// Whether the layer's output is what it reads, unchanged, at inference.
  fileprivate var handsOnItsInput: Bool {
    switch self {
    case .dropout, .gaussianYolo, .region: true
    case .route(let spec): spec.sources.count == 1 && spec.groups == 1
    case .yolo(let spec): spec.fusionSources.isEmpty
    default: false
    }
  }

  /// Multiply-accumulate operations on an input of that shape.
  fileprivate func macs(of input: FeatureShape) -> Int {
    switch self {
    case .convolutional(let spec), .depthwise(let spec):
      spec.convolvedShape(of: input).count * (input.channels / spec.groups) * spec.kernelSize
        * spec.kernelSize
    case .squeezeExcitation(let spec): 2 * spec.channels * spec.hiddenChannels
    case .maxPool, .channelMaxPool, .localAveragePool, .averagePool, .upsample, .route, .shortcut,
      .scaleChannels, .sam, .batchNorm, .reorg, .reorg3d, .dropout, .yolo, .gaussianYolo, .region:
      0
    }
  }
}
