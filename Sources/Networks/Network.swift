import Darknet
import Foundation
import Torch

/// A detector built from a Darknet cfg: cfg in, layers built, forward pass.
///
/// Every layer reads the output of the layer before it; routes and shortcuts also read earlier
/// ones. A forward pass keeps an output only as long as some later layer needs it. What a `[yolo]`
/// layer receives is a head's raw output; ``YoloHead/decode(_:inputWidth:inputHeight:)`` makes
/// boxes of it.
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
  /// One layer a block, in the order of the cfg.
  public let layers: [any Layer]
  /// The `[yolo]` layers, in the order of the cfg.
  public let heads: [YoloHead]
  /// Where the parameters are.
  public private(set) var device: Device = .cpu
  /// How pictures, features and convolution weights lie in memory.
  public private(set) var memoryFormat: MemoryFormat = .contiguous

  /// The last layer that reads each layer's output; the layer itself where none does.
  private let lastReader: [Int]

  /// Builds the network with fresh weights: uniform in ±1/√(fan in), as PyTorch draws them, BN
  /// scales 1, and head biases that start objectness low (SPEC section 2.3, smart bias).
  ///
  /// - Parameters:
  ///   - configuration: a cfg with at least one block.
  ///   - seed: of the fresh weights; equal seeds give equal weights on every device.
  /// - Throws: ``ConfigurationError`` when the cfg makes no sense, ``TorchError`` out of memory.
  public init(_ configuration: Configuration, seed: UInt64 = 0) throws {
    self.configuration = configuration
    spec = try NetworkSpec(configuration)
    let layout = try spec.parameterLayout()
    let generator = try Generator(seed: seed)

    var layers: [any Layer] = []
    var heads: [YoloHead] = []
    var lastReader = Array(spec.layers.indices)
    for (index, layer) in spec.layers.enumerated() {
      if index > 0 { lastReader[index - 1] = index }
      for source in layer.sources { lastReader[source] = index }
      if case .yolo(let yolo) = layer { heads.append(YoloHead(layerIndex: index, spec: yolo)) }
      layers.append(
        try makeLayer(
          layer, inChannels: spec.inChannels(ofLayer: index), slots: layout[index],
          generator: generator))
    }
    self.layers = layers
    self.heads = heads
    self.lastReader = lastReader
    try initializeHeadBiases()
  }

  /// A network of the same structure whose layers are made from another's.
  init(copying other: Network, layers transform: (any Layer) throws -> any Layer) rethrows {
    configuration = other.configuration
    spec = other.spec
    heads = other.heads
    device = other.device
    memoryFormat = other.memoryFormat
    lastReader = other.lastReader
    layers = try other.layers.map(transform)
  }

  /// Runs the network.
  ///
  /// - Parameters:
  ///   - images: `[N, channels, height, width]`, values in `0...1`.
  ///   - training: batch normalisation uses the batch's statistics and updates the running ones.
  ///   - observe: called with every layer's index and output; what it returns is what later layers
  ///     read. Masks, feature taps and quantizers of activations are such observers.
  /// - Returns: the raw output of each head, `[N, anchors × (5 + classes), height, width]`.
  public func callAsFunction(
    _ images: Tensor, training: Bool = false,
    observe: ((Int, Tensor) throws -> Tensor)? = nil
  ) throws -> [Tensor] {
    var outputs = [Tensor?](repeating: nil, count: layers.count)
    var results: [Tensor] = []
    var current = try images.to(memoryFormat)
    for (index, layer) in layers.enumerated() {
      let context = LayerContext(outputs: outputs, training: training)
      current = try layer(current, context)
      if let observe { current = try observe(index, current) }
      if layer is HeadLayer { results.append(current) }
      if lastReader[index] > index { outputs[index] = current }
      for source in spec.layers[index].sources + [index - 1]
      where source >= 0 && lastReader[source] == index { outputs[source] = nil }
    }
    return results
  }

  /// Moves the parameters to a device and a memory format, in place.
  public func move(to device: Device, memoryFormat: MemoryFormat? = nil) throws {
    self.device = device
    self.memoryFormat = memoryFormat ?? self.memoryFormat
    for layer in layers {
      for (role, tensor) in layer.parameters {
        let moved = try withoutGrad {
          let there = try tensor.detach().to(device)
          return there.rank == 4 ? try there.to(self.memoryFormat) : there
        }
        layer.parameters[role] = try moved.requireGrad(tensor.requiresGrad)
      }
    }
  }

  /// Objectness starts near 0.01 and classes near 0.6/(classes − 0.99), so that the first steps are
  /// not spent on silencing every cell (SPEC section 2.3).
  private func initializeHeadBiases() throws {
    for head in heads {
      guard head.layerIndex > 0,
        let convolution = layers[head.layerIndex - 1] as? Convolution,
        let bias = convolution.parameters[.bias]
      else { continue }
      var values = try bias.toFloats()
      let classes = head.spec.classes
      let width = 5 + classes
      for anchor in head.spec.maskedAnchors.indices {
        values[anchor * width + 4] -= 4.5
        for index in 0..<classes {
          values[anchor * width + 5 + index] += Float(log(0.6 / (Double(classes) - 0.99)))
        }
      }
      convolution.parameters[.bias] = try Tensor(values).requireGrad()
    }
  }
}
