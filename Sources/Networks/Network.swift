import Darknet
import Torch

/// A detector built from a Darknet cfg: cfg in, layers built, forward pass.
///
/// Every layer reads the output of the layer before it; routes and shortcuts also read earlier
/// ones. A forward pass keeps an output only as long as some later layer needs it. What a head
/// hands out is its raw output; ``decode(_:inputWidth:inputHeight:)`` makes boxes of it.
///
/// ```swift
/// let network = try Network(Configuration(contentsOf: "yolov4-tiny.cfg"))
/// try network.load(WeightsFile.read("yolov4-tiny.weights", for: network.spec))
/// let heads = try withoutGrad { try network(images) }
/// ```
public final class Network {
  /// The cfg that the network was built from.
  public let configuration: Configuration
  /// The cfg, typed.
  public let spec: NetworkSpec
  /// What the network makes of pixel values before its first layer.
  public let inputScale: InputScale
  /// One for each section after `[net]`, in the order of the cfg.
  public internal(set) var layers: [any Layer]
  /// The detection heads, in the order of the cfg.
  public let heads: [any DetectionHead]
  /// Where the parameters are.
  public private(set) var device: Device = .cpu
  /// How pictures, features and convolution weights lie in memory.
  public private(set) var memoryFormat: MemoryFormat = .contiguous

  /// Whether batch normalisation is part of the convolutions' weights (see ``folded()``).
  public internal(set) var isFolded = false

  /// When each layer runs, and what can be forgotten after it.
  let plan: ExecutionPlan

  /// Builds the network with fresh weights: uniform in ±1/√(fan in), as PyTorch draws them, BN
  /// scales 1, and head biases that start objectness low (docs/formulas.md 2.5).
  ///
  /// - Parameters:
  ///   - configuration: a cfg with at least one layer.
  ///   - inputScale: what the weights were, or will be, trained with.
  ///   - seed: of the fresh weights; equal seeds give equal weights on every device.
  /// - Throws: ``ConfigurationError`` when the cfg makes no sense, ``TorchError`` out of memory.
  public convenience init(
    _ configuration: Configuration, inputScale: InputScale = .by255, seed: UInt64 = 0
  ) throws {
    let generator = try Generator(seed: seed)
    try self.init(configuration, inputScale: inputScale) { layer, index, entries in
      try freshParameters(of: layer, at: index, entries, generator: generator)
    }
    try initializeHeadBiases()
  }

  /// Builds the network with parameters read from a file or made by surgery; nothing is drawn.
  ///
  /// - Throws: ``ConfigurationError`` when the cfg makes no sense,
  ///   ``NetworkError/parametersDoNotFit(layer:role:found:expected:)`` at the first array that is
  ///   missing or of another shape, ``TorchError`` out of memory.
  public convenience init(
    _ configuration: Configuration, _ parameters: NetworkParameters,
    inputScale: InputScale = .by255
  ) throws {
    try self.init(configuration, inputScale: inputScale) { _, index, entries in
      try parameters.tensors(ofLayer: index, entries)
    }
  }

  /// Builds every layer over the tensors that `makeTensors` gives for its place and its entries.
  private init(
    _ configuration: Configuration, inputScale: InputScale,
    makeTensors: (LayerSpec, Int, [ParameterEntry]) throws -> [ParameterRole: Tensor]
  ) throws {
    self.configuration = configuration
    self.inputScale = inputScale
    spec = try NetworkSpec(configuration)
    let layout = try spec.parameterLayout()
    var layers: [any Layer] = []
    for (index, layer) in spec.layers.enumerated() {
      let tensors = try makeTensors(layer, index, layout[index])
      let parameters = try layout[index].reduce(into: [:]) { parameters, entry in
        parameters[entry.role] = try tensors[entry.role].map { tensor in
          try Parameter(
            "\(index).\(entry.role.rawValue)", ParameterGroup(entry.role, of: layer), tensor)
        }
      }
      layers.append(try makeLayer(layer, parameters, earlier: layers))
    }
    self.layers = layers
    heads = spec.detectionHeads
    plan = ExecutionPlan(spec)
  }

  /// A network of the same structure whose layers are made from another's.
  ///
  /// - Parameter transform: makes a layer, given those it has made before.
  init(
    copying other: Network, layers transform: (any Layer, [any Layer]) throws -> any Layer
  ) throws {
    configuration = other.configuration
    spec = other.spec
    inputScale = other.inputScale
    heads = other.heads
    device = other.device
    memoryFormat = other.memoryFormat
    plan = other.plan
    layers = try other.layers.reduce(into: []) { made, layer in
      made.append(try transform(layer, made))
    }
  }

  /// Runs the network.
  ///
  /// - Parameters:
  ///   - images: `[N, channels, height, width]`, values in `0...1`; ``inputScale`` is applied here.
  ///   - pass: whether the network trains, and who watches its layers.
  /// - Returns: the raw output of each head, `[N, anchors × values per anchor, height, width]` with
  ///   height and width of its grid.
  /// - Throws: ``NetworkError/wrongInput(found:channels:)``, what an observer throws, or
  ///   ``TorchError``.
  public func callAsFunction(
    _ images: Tensor, _ pass: ForwardPass = .inference
  ) throws -> [Tensor] {
    var walk = try NetworkWalk(self, images, pass)
    while walk.next != nil { try walk.advance() }
    return heads.compactMap { walk.output(of: $0.layerIndex) }
  }

  func scaled(_ images: Tensor) throws -> Tensor {
    guard inputScale != .by255 else { return images }
    return try images * inputScale.factor + inputScale.offset
  }

  /// Moves the parameters to a device and a memory format; they stay the same objects.
  public func move(to device: Device, memoryFormat: MemoryFormat? = nil) throws {
    self.device = device
    self.memoryFormat = memoryFormat ?? self.memoryFormat
    for layer in layers { try settle(layer) }
  }

  /// Brings a layer's parameters, which may have been made elsewhere, to where the network is.
  func settle(_ layer: any Layer) throws {
    for parameter in layer.parameters.values + layer.addedParameters {
      try parameter.move(to: device, memoryFormat)
    }
  }

  /// Whether training drops values at random.
  public var hasDropout: Bool { layers.contains { $0 is Dropout } }

  /// Adds each head's start biases to the convolution that it reads.
  private func initializeHeadBiases() throws {
    for head in heads where head.sourceIndex >= 0 {
      guard let bias = layers[head.sourceIndex].parameters[.bias] else { continue }
      var values = try bias.value.toFloats()
      for anchor in 0..<head.anchorCount {
        for (index, start) in head.startBiases.enumerated() {
          values[anchor * head.valuesPerAnchor + index] += start
        }
      }
      bias.value = try Tensor(values).requireGrad()
    }
  }
}

/// The order in which layers run, and how long their outputs are kept.
struct ExecutionPlan {
  struct Step {
    /// The layer that runs.
    var layer: Int
    /// Layers whose outputs nobody reads any more afterwards.
    var forgets: [Int] = []
  }

  private(set) var steps: [Step]

  init(_ spec: NetworkSpec) {
    let order = spec.evaluationOrder
    steps = order.map { Step(layer: $0) }
    // Layers read from what is kept; the one before is at hand anyway.
    var lastReader = [Int](repeating: -1, count: order.count)
    for (position, index) in order.enumerated() {
      lastReader[index] = position
      for source in spec.layers[index].sources {
        lastReader[source] = max(lastReader[source], position)
      }
    }
    for (index, position) in lastReader.enumerated() where !spec.layers[index].isHead {
      steps[position].forgets.append(index)
    }
  }
}
