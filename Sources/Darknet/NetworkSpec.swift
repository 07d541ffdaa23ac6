/// A network as its cfg describes it: typed, checked, with references resolved.
///
/// Channels do not depend on the input size, so they are known here; grids come from
/// ``shapes(width:height:)``. A changed network is made by editing a ``Configuration`` and reading
/// it again.
public struct NetworkSpec: Sendable {
  /// The cfg that this was read from.
  public let configuration: Configuration
  /// The `[net]` section.
  public let net: NetSpec
  /// The layers; layer i is section i + 1 of the configuration.
  public let layers: [LayerSpec]
  /// What was kept but has no effect: unknown keys and the like, in the order of the file.
  public let warnings: [ConfigurationWarning]
  /// The output of every layer at the cfg's own input size.
  public let shapes: [FeatureShape]

  /// Reads a network from its cfg, and checks it at the cfg's own input size.
  ///
  /// - Throws: ``ConfigurationError`` for the first thing in the file that is wrong.
  public init(_ configuration: Configuration) throws(ConfigurationError) {
    guard let first = configuration.sections.first, configuration.sections.count > 1 else {
      throw .noLayers(path: configuration.path)
    }
    var reader = SectionReader(first, path: configuration.path)
    let net = try NetSpec(&reader)
    var warnings = reader.allWarnings()
    let input = FeatureShape(channels: net.channels, height: net.height, width: net.width)

    var inference = ShapeInference(configuration, input: input)
    for section in configuration.sections.dropFirst() {
      var reader = SectionReader(section, path: configuration.path)
      var layer = try LayerSpec(
        &reader, index: inference.index, inChannels: inference.previous.channels,
        rank: inference.headCount, layerCount: configuration.sections.count - 1)
      try inference.resolveSharing(&layer, &reader)
      try inference.append(layer)
      warnings += reader.allWarnings()
    }
    self.configuration = configuration
    self.net = net
    layers = inference.layers
    self.warnings = warnings
    shapes = inference.shapes
    try checkFusion()
    _ = try parameterLayout()
  }

  /// The same network with other layers in the place of its own, such as narrower ones. Its
  /// ``configuration`` stays: it says what the sections are called and where they stand.
  ///
  /// - Throws: ``ConfigurationError`` when the layers do not fit together.
  package init(_ other: NetworkSpec, layers: [LayerSpec]) throws(ConfigurationError) {
    var inference = ShapeInference(other.configuration, input: other.inputShape)
    for layer in layers { try inference.append(layer) }
    (configuration, net, warnings) = (other.configuration, other.net, other.warnings)
    self.layers = layers
    shapes = inference.shapes
  }

  /// Reads the cfg at `path`.
  ///
  /// - Throws: ``ConfigurationError`` when it cannot be read or is wrong.
  public init(contentsOf path: String) throws(ConfigurationError) {
    try self.init(Configuration(contentsOf: path))
  }
}

extension NetworkSpec {
  /// The network's input at the cfg's own size.
  public var inputShape: FeatureShape {
    FeatureShape(channels: net.channels, height: net.height, width: net.width)
  }

  /// The cfg section of a layer.
  public func section(ofLayer index: Int) -> Configuration.Section {
    configuration.sections[index + 1]
  }

  /// Where a layer's section stands, for messages.
  public func place(ofLayer index: Int) -> SourcePlace {
    SourcePlace(path: configuration.path, line: section(ofLayer: index).line)
  }

  /// Channels that a layer makes.
  public func outChannels(ofLayer index: Int) -> Int { shapes[index].channels }

  /// Channels of what comes before a layer: the previous layer's output, or the network's input.
  public func inChannels(ofLayer index: Int) -> Int {
    index == 0 ? net.channels : shapes[index - 1].channels
  }

  /// Whether a convolution computes every channel from one channel alone.
  package var hasDepthwiseConvolutions: Bool {
    layers.indices.contains { index in
      switch layers[index] {
      case .convolutional(let spec), .depthwise(let spec):
        spec.isDepthwise(inputChannels: inChannels(ofLayer: index))
      default: false
      }
    }
  }

  /// The layers whose outputs a layer reads, the one before it first; what reads the network's
  /// input reads none.
  public func inputs(ofLayer index: Int) -> [Int] {
    (index > 0 && layers[index].readsPreviousLayer ? [index - 1] : []) + layers[index].sources
  }

  /// For every layer, the layers that read its output, ascending.
  public var readers: [[Int]] {
    var readers = [[Int]](repeating: [], count: layers.count)
    for index in layers.indices {
      for input in inputs(ofLayer: index) { readers[input].append(index) }
    }
    return readers
  }

  /// The order in which layers can run: that of the file, but a head that mixes later layers too
  /// comes after the last of them.
  public var evaluationOrder: [Int] {
    let ready = layers.enumerated().map { index, layer in
      max(index, layer.sources.max().map { $0 + 1 } ?? 0)
    }
    return layers.indices.sorted { (ready[$0], $0) < (ready[$1], $1) }
  }

  /// The layers that are detection heads, by index, in the order of the file.
  public var heads: [Int] { layers.indices.filter { layers[$0].isHead } }

  /// Number of classes that the heads agree on, or nil when there is no head or they differ.
  public var classes: Int? { classCounts.count == 1 ? classCounts.first : nil }

  /// The numbers of classes of its heads, each once, ascending; one where all agree.
  package var classCounts: [Int] {
    let counts = layers.compactMap { layer -> Int? in
      switch layer {
      case .yolo(let spec): spec.classes
      case .gaussianYolo(let spec): spec.yolo.classes
      case .region(let spec): spec.classes
      default: nil
      }
    }
    return Set(counts).sorted()
  }
}
