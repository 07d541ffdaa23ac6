extension NetworkSpec {
  /// The output of every layer for an input of `width` × `height` pixels, which need not be the
  /// cfg's own.
  ///
  /// - Throws: ``ConfigurationError`` when a window does not fit any more, when maps that are
  ///   joined come out with different grids, or when a map is larger than any machine holds.
  public func shapes(
    width: Int, height: Int
  ) throws(ConfigurationError) -> [FeatureShape] {
    for (value, key) in [(width, "width"), (height, "height")]
    where !(1...NetSpec.maximumSize).contains(value) {
      throw .outOfRange(
        String(value), key: key, allowed: "1...\(NetSpec.maximumSize)",
        at: SourcePlace(path: configuration.path, line: 0))
    }
    if (width, height) == (net.width, net.height) { return shapes }
    let input = FeatureShape(channels: net.channels, height: height, width: width)
    var inference = ShapeInference(configuration, input: input)
    for layer in layers { try inference.append(layer) }
    return inference.shapes
  }

  /// One head's grid, and its cell in input pixels.
  public struct HeadStride: Hashable, Sendable {
    /// The head's layer.
    public var layer: Int
    /// The head's input, channels and grid.
    public var shape: FeatureShape
    /// Input pixels per column: a fraction when the grid does not divide the input.
    public var x: Float
    /// Input pixels per row.
    public var y: Float
  }

  /// Input pixels per cell of the coarsest head; 1 without heads. Inputs whose sides are multiples
  /// of it divide evenly. One number for both sides and any size, rounded up; of one size, each
  /// side has its own in ``greatestStride(width:height:)``, rounded to the nearest.
  public var greatestStride: Int {
    let own = greatestStride(of: shapes, width: net.width, height: net.height)
    let isEven = heads.allSatisfy {
      net.width % shapes[$0].width == 0 && net.height % shapes[$0].height == 0
    }
    // A grid that does not divide the cfg's own size was rounded: what divides is found at a power
    // of 2.
    let side = 2048
    guard !isEven, let shapes = try? self.shapes(width: side, height: side) else { return own }
    return greatestStride(of: shapes, width: side, height: side)
  }

  private func greatestStride(of shapes: [FeatureShape], width: Int, height: Int) -> Int {
    heads.reduce(1) { greatest, layer in
      max(
        greatest, (width + shapes[layer].width - 1) / shapes[layer].width,
        (height + shapes[layer].height - 1) / shapes[layer].height)
    }
  }

  /// The stride of every head, input size by grid size: from shapes, never from names or order.
  ///
  /// Darknet's boxes are fractions of the grid, so this is also right where the grid does not
  /// divide the input.
  ///
  /// - Throws: ``ConfigurationError`` as ``shapes(width:height:)`` does, and
  ///   ``ConfigurationError/unfitInput(_:multiple:at:)`` where a multiple of ``greatestStride``
  ///   helps.
  public func headStrides(
    width: Int, height: Int
  ) throws(ConfigurationError) -> [HeadStride] {
    let shapes: [FeatureShape]
    do {
      shapes = try self.shapes(width: width, height: height)
    } catch {
      let multiple = greatestStride
      guard let side = [width, height].first(where: { $0 % multiple != 0 }) else { throw error }
      let place = SourcePlace(path: configuration.path, line: 1)
      throw .unfitInput(side, multiple: multiple, at: place)
    }
    return heads.map { layer in
      HeadStride(
        layer: layer, shape: shapes[layer], x: Float(width) / Float(shapes[layer].width),
        y: Float(height) / Float(shapes[layer].height))
    }
  }

  /// Refuses a size that the network cannot work at, or that does not divide evenly. The cfg's own
  /// is taken as it is, as Darknet takes it.
  ///
  /// - Throws: ``ConfigurationError`` as ``headStrides(width:height:)`` does.
  public func checkInput(width: Int, height: Int) throws(ConfigurationError) {
    _ = try headStrides(width: width, height: height)
    let multiple = greatestStride
    guard (width, height) != (net.width, net.height),
      let side = [width, height].first(where: { $0 % multiple != 0 })
    else { return }
    throw .unfitInput(
      side, multiple: multiple, at: SourcePlace(path: configuration.path, line: 1))
  }

  /// Pixels that a cell of the coarsest head covers in an input of this size, horizontally and
  /// vertically, rounded; 1 without a head. Augmented views are padded to multiples of it; all else
  /// goes by ``greatestStride``.
  ///
  /// - Throws: ``ConfigurationError`` as ``shapes(width:height:)`` does.
  public func greatestStride(
    width: Int, height: Int
  ) throws(ConfigurationError) -> (x: Int, y: Int) {
    let strides = try headStrides(width: width, height: height)
    func largest(_ values: [Float]) -> Int { max(1, Int((values.max() ?? 1).rounded())) }
    return (largest(strides.map(\.x)), largest(strides.map(\.y)))
  }
}

extension NetworkSpec {
  /// The convolutions that ASFF heads mix must all have the channels that the heads expect.
  func checkFusion() throws(ConfigurationError) {
    for (index, layer) in layers.enumerated() {
      guard case .yolo(let spec) = layer else { continue }
      for source in spec.fusionSources where shapes[source].channels != spec.inChannels {
        throw .mismatch(
          "layer \(index), [yolo], mixes layer \(source) of \(shapes[source].channels) channels, "
            + "expected \(spec.inChannels)", at: place(ofLayer: index))
      }
    }
  }
}

/// Goes through a network layer by layer: checks what each reads, and finds what it makes.
struct ShapeInference {
  private let configuration: Configuration
  private let input: FeatureShape
  /// The layers so far.
  private(set) var layers: [LayerSpec] = []
  /// Their outputs.
  private(set) var shapes: [FeatureShape] = []
  /// How many of them are heads.
  private(set) var headCount = 0

  init(_ configuration: Configuration, input: FeatureShape) {
    self.configuration = configuration
    self.input = input
  }

  /// The layer that comes next.
  var index: Int { layers.count }
  /// What comes before it.
  var previous: FeatureShape { shapes.last ?? input }

  mutating func append(_ layer: LayerSpec) throws(ConfigurationError) {
    shapes.append(try outputShape(of: layer))
    layers.append(layer)
    if layer.isHead { headCount += 1 }
  }

  /// Values in one feature map: 2³¹, 8 GiB of single precision.
  static let maximumCount = 1 << 31
  static let maximumChannels = 1 << 20
  static let maximumSide = 1 << 17

  private func outputShape(of layer: LayerSpec) throws(ConfigurationError) -> FeatureShape {
    if layer.readsPreviousLayer { try checkReadable(index - 1) }
    if !layer.isHead { for source in layer.sources { try checkReadable(source) } }
    let shape: FeatureShape
    switch layer {
    case .convolutional(let spec), .depthwise(let spec):
      shape = spec.outputShape(of: previous)
    case .maxPool(let spec), .localAveragePool(let spec):
      shape = spec.outputShape(of: previous)
    case .channelMaxPool(let spec):
      shape = FeatureShape(
        channels: spec.outChannels, height: previous.height, width: previous.width)
    case .averagePool:
      shape = FeatureShape(channels: previous.channels, height: 1, width: 1)
    case .upsample(let spec):
      shape = FeatureShape(
        channels: previous.channels, height: previous.height * spec.stride,
        width: previous.width * spec.stride)
    case .route(let spec): shape = try routeShape(spec)
    case .shortcut(let spec): shape = try shortcutShape(spec)
    case .scaleChannels(let spec): shape = try scaledShape(spec)
    case .sam(let spec):
      shape = shapes[spec.source]
      guard shape == previous else {
        throw mismatch("from", "multiplies \(described(index - 1)) and \(described(spec.source))")
      }
    case .squeezeExcitation, .batchNorm, .dropout: shape = previous
    case .reorg(let spec):
      shape = try reorganizedShape(spec)
      guard previous.channels % (spec.stride * spec.stride) == 0 else {
        throw mismatch(
          "stride",
          "reads \(described(index - 1)) as maps of \(spec.stride * spec.stride) times the area, "
            + "which do not divide its channels")
      }
    case .reorg3d(let spec): shape = try reorganizedShape(spec)
    case .yolo(let spec):
      let source = spec.ownSource ?? index - 1
      shape = source >= 0 ? shapes[source] : input
      try checkHead(
        needs: spec.inChannels, has: shape.channels, from: source,
        count: spec.mask.count, each: 5, classes: spec.classes, extra: spec.fusionSources.count)
    case .gaussianYolo(let spec):
      try checkHead(
        needs: spec.inChannels, has: previous.channels, from: index - 1,
        count: spec.yolo.mask.count, each: 9, classes: spec.yolo.classes, extra: 0)
      shape = previous
    case .region(let spec):
      try checkHead(
        needs: spec.inChannels, has: previous.channels, from: index - 1,
        count: spec.anchors.count, each: 5, classes: spec.classes, extra: 0)
      shape = previous
    }
    try checkSize(shape)
    return shape
  }

  // MARK: - Layers that join others

  private func routeShape(_ spec: RouteSpec) throws(ConfigurationError) -> FeatureShape {
    var shape = shapes[spec.sources[0]]
    shape.channels = 0
    for source in spec.sources {
      let other = shapes[source]
      guard other.hasSameGrid(as: shape) else {
        throw mismatch(
          "layers",
          "joins \(described(spec.sources[0])) and \(described(source)), "
            + "whose grids differ")
      }
      guard other.channels % spec.groups == 0 else {
        throw mismatch(
          "groups",
          "cuts \(described(source)) into \(spec.groups) groups, "
            + "which do not divide its channels")
      }
      shape.channels += other.channels / spec.groups
    }
    return shape
  }

  private func shortcutShape(
    _ spec: ShortcutSpec
  ) throws(ConfigurationError) -> FeatureShape {
    for source in spec.sources where !shapes[source].hasSameGrid(as: previous) {
      throw mismatch(
        "from", "adds \(described(source)) to \(described(index - 1)), whose grids differ")
    }
    return previous
  }

  private func scaledShape(
    _ spec: ScaleChannelsSpec
  ) throws(ConfigurationError) -> FeatureShape {
    let scaled = shapes[spec.source]
    let fits =
      spec.scalesPlaces
      ? previous.channels == 1 && previous.hasSameGrid(as: scaled)
      : previous == FeatureShape(channels: scaled.channels, height: 1, width: 1)
    guard fits else {
      throw mismatch(
        "from",
        "scales \(described(spec.source)) by \(described(index - 1)), expected "
          + (spec.scalesPlaces
            ? "1×\(scaled.height)×\(scaled.width)" : "\(scaled.channels)×1×1"))
    }
    return scaled
  }

  private func reorganizedShape(
    _ spec: ReorgSpec
  ) throws(ConfigurationError) -> FeatureShape {
    let square = spec.stride * spec.stride
    guard previous.height % spec.stride == 0, previous.width % spec.stride == 0 else {
      throw mismatch(
        "stride",
        "cuts \(described(index - 1)) into squares of \(spec.stride), "
          + "which do not divide its grid")
    }
    return FeatureShape(
      channels: previous.channels * square, height: previous.height / spec.stride,
      width: previous.width / spec.stride)
  }

  // MARK: - Checks

  /// A head's output is detections: nothing can be computed from it.
  private func checkReadable(_ layer: Int) throws(ConfigurationError) {
    guard layer >= 0, layers[layer].isHead else { return }
    throw .mismatch(
      "layer \(index), [\(section.name)], reads layer \(layer), "
        + "[\(configuration.sections[layer + 1].name)] at \(line(of: layer)), "
        + "which is a detection head; a [route] has to lead elsewhere", at: place)
  }

  /// Follows `share_index` to the layer that owns the parameters.
  ///
  /// Where the two layers' parameters have different shapes the key is dropped with a warning: so
  /// yolov3-spp-matrix.cfg is meant, by its author (WongKinYiu/CrossStagePartialNetworks#2).
  func resolveSharing(
    _ layer: inout LayerSpec, _ reader: inout SectionReader
  ) throws(ConfigurationError) {
    guard case .convolutional(var spec) = layer, let shared = spec.shareIndex else { return }
    guard case .convolutional(let other) = layers[shared] else {
      throw mismatch("share_index", "shares the weights of layer \(shared), not a convolution")
    }
    let otherInput = shared == 0 ? input.channels : shapes[shared - 1].channels
    if spec.weightShape(inChannels: previous.channels) == other.weightShape(inChannels: otherInput),
      spec.batchNormalize == other.batchNormalize
    {
      spec.shareIndex = other.shareIndex ?? shared
    } else {
      spec.shareIndex = nil
      reader.warn(
        .disagreement(
          "layer \(index) cannot share the weights of layer \(shared), whose shape differs; "
            + "it has its own", at: reader.place(of: "share_index")))
    }
    layer = .convolutional(spec)
  }

  private func checkHead(
    needs: Int, has: Int, from source: Int, count: Int, each: Int, classes: Int, extra: Int
  ) throws(ConfigurationError) {
    guard needs != has else { return }
    let sum = "\(count) × (\(each) + \(classes))" + (extra > 0 ? " + \(extra)" : "")
    let advice: String =
      if source >= 0, case .convolutional = layers[source] {
        "; set 'filters=\(needs)' at line \(line(of: source))"
      } else {
        ""
      }
    throw .mismatch(
      "[\(section.name)] needs \(needs) channels, anchors × (\(each) + classes) = \(sum), "
        + "and gets \(has)\(advice)", at: place)
  }

  private func checkSize(_ shape: FeatureShape) throws(ConfigurationError) {
    guard shape.height > 0, shape.width > 0 else {
      throw .mismatch(
        "layer \(index), [\(section.name)], leaves nothing of its input, \(previous): "
          + "its window does not fit", at: place)
    }
    guard shape.channels <= Self.maximumChannels,
      max(shape.height, shape.width) <= Self.maximumSide,
      shape.count <= Self.maximumCount
    else {
      throw .tooLarge(
        "layer \(index), [\(section.name)], makes \(shape) values, more than a machine holds",
        at: place)
    }
  }

  // MARK: - Words

  private var section: Configuration.Section { configuration.sections[index + 1] }
  private var place: SourcePlace { SourcePlace(path: configuration.path, line: section.line) }

  private func line(of layer: Int) -> Int { configuration.sections[layer + 1].line }

  private func described(_ layer: Int) -> String {
    guard layer >= 0 else { return "the input, \(input)" }
    return "layer \(layer) (line \(line(of: layer)), \(shapes[layer]))"
  }

  private func mismatch(_ key: String, _ text: String) -> ConfigurationError {
    let entryLine = section.entries.first { $0.key == key }?.line ?? section.line
    return .mismatch(
      "layer \(index), [\(section.name)], \(text)",
      at: SourcePlace(path: configuration.path, line: entryLine))
  }
}
