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
  /// Bytes of all feature maps that exist at one time, at most, for one picture in single precision,
  /// when each is freed after its last use.
  public var activationBytes: Int

  /// Trainable parameters of the network.
  public var parameters: Int { layers.reduce(0) { $0 + $1.parameters } }

  /// Multiply-accumulate operations for one picture.
  public var macs: Int { layers.reduce(0) { $0 + $1.macs } }

  /// What Darknet prints as BFLOPs: 2 × ``macs`` / 10⁹.
  public var billionOperations: Double { 2 * Double(macs) / 1e9 }
}

extension NetworkSpec {
  /// Trainable parameters: γ and β count, running statistics do not (SPEC 2.8).
  public var parameterCount: Int {
    WeightsLayout(self).slots.joined().reduce(0) { $0 + ($1.role.isTrainable ? $1.count : 0) }
  }

  /// Bytes of a `.weights` file with the header of current Darknet.
  public var weightsByteCount: Int { 20 + 4 * WeightsLayout(self).floatCount }

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
    return NetworkProfile(
      width: width, height: height, layers: table, weightsByteCount: weightsByteCount,
      activationBytes: 4 * peakActivations(shapes, input: input))
  }

  /// The most values alive at once, when a map lives until its last reader has run.
  private func peakActivations(_ shapes: [FeatureShape], input: FeatureShape) -> Int {
    var lastUse = Array(layers.indices)
    for (index, layer) in layers.enumerated() {
      for source in layer.sources { lastUse[source] = max(lastUse[source], index) }
      if index > 0, layer.readsPreviousLayer { lastUse[index - 1] = max(lastUse[index - 1], index) }
    }
    var ending: [[Int]] = Array(repeating: [], count: layers.count)
    for (index, use) in lastUse.enumerated() { ending[use].append(index) }
    var alive = input.count
    var peak = 0
    for index in layers.indices {
      alive += shapes[index].count
      peak = max(peak, alive)
      for ended in ending[index] { alive -= shapes[ended].count }
      if index == 0 { alive -= input.count }
    }
    return peak
  }
}

extension LayerSpec {
  /// Multiply-accumulate operations on an input of that shape.
  fileprivate func macs(of input: FeatureShape) -> Int {
    switch self {
    case .convolutional(let spec), .depthwise(let spec):
      spec.convolvedShape(of: input).count * (input.channels / spec.groups) * spec.kernelSize
        * spec.kernelSize
    case .squeezeExcitation(let spec): 2 * spec.channels * spec.hiddenChannels
    default: 0
    }
  }
}
