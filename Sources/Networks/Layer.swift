import Darknet
import Torch

/// One layer of a network, made of a section of its cfg and ready to run.
public protocol Layer: AnyObject {
  /// What the weights file holds of the layer, by role; shapes as there. Empty for a convolution
  /// that uses another one's (`share_index`).
  var parameters: [ParameterRole: Parameter] { get }

  /// What a replaced layer has besides (``Network/replaceLayers(_:)``): learned steps, ranges. They
  /// move, are averaged and are saved with the network, but are no part of the written pair.
  var addedParameters: [Parameter] { get }

  /// The convolution that the layer is, or is wrapped around; nil for other layers.
  var convolution: Convolution? { get }

  /// The layer's output for the output of the layer before it, both `[N, C, H, W]`.
  func callAsFunction(_ input: Tensor, _ context: LayerContext) throws -> Tensor

  /// The same layer over tensors of its own, none of which wants a gradient.
  ///
  /// - Parameter earlier: the copies of the layers before it, among them the one whose parameters
  ///   it shares.
  func copy(_ earlier: [any Layer]) throws -> any Layer

  /// The same layer for inference alone, with as little left to compute as can be; otherwise as
  /// ``copy(_:)``.
  func folded(_ earlier: [any Layer]) throws -> any Layer
}

extension Layer {
  /// None.
  public var parameters: [ParameterRole: Parameter] { [:] }

  /// None.
  public var addedParameters: [Parameter] { [] }

  /// The layer itself, where it is one.
  public var convolution: Convolution? { self as? Convolution }

  /// The layer itself: without parameters there is nothing that could change.
  public func copy(_ earlier: [any Layer]) throws -> any Layer { self }

  /// A copy, where nothing can be folded.
  public func folded(_ earlier: [any Layer]) throws -> any Layer { try copy(earlier) }

  /// The values of a parameter of the layer.
  ///
  /// - Throws: ``NetworkError/missingParameter(_:)`` where the layer has none of that role.
  public func value(of role: ParameterRole) throws -> Tensor {
    guard let parameter = parameters[role] else { throw NetworkError.missingParameter(role) }
    return parameter.value
  }

  /// The parameters in memory of their own, without gradients.
  func copiedParameters() throws -> [ParameterRole: Parameter] {
    try parameters.mapValues { try $0.copy() }
  }
}

/// What a layer may read besides the output of the layer before it.
public struct LayerContext {
  /// Outputs of earlier layers that are still needed, by layer index.
  public let outputs: [Tensor?]
  /// Whether batch normalisation uses the batch's own statistics.
  public let training: Bool
  /// The slope of `leaky` below zero: 0.1, but 0.25 with ``InputScale/maxabs``.
  public let leakySlope: Double
  /// What dropout draws from; nil: libtorch's default generator.
  public var random: Generator?

  /// The output of an earlier layer.
  public func output(of index: Int) throws -> Tensor {
    guard let tensor = outputs[index] else { throw NetworkError.outputNotKept(layer: index) }
    return tensor
  }

  /// `x` through an activation of the cfg.
  public func activated(_ x: Tensor, by activation: Activation) throws -> Tensor {
    try x.activated(by: activation, leakySlope: leakySlope)
  }
}

/// Builds one layer.
///
/// - Parameters:
///   - layer: what the cfg says of it.
///   - parameters: its own; none where it has none.
///   - earlier: the layers before it.
func makeLayer(
  _ layer: LayerSpec, _ parameters: [ParameterRole: Parameter], earlier: [any Layer]
) throws -> any Layer {
  switch layer {
  case .convolutional(let convolution), .depthwise(let convolution):
    if let shared = convolution.shareIndex {
      return try Convolution(convolution, sharing: shared, of: earlier)
    }
    return Convolution(convolution, parameters: parameters)
  case .batchNorm(let norm): return BatchNormalization(norm, parameters: parameters)
  case .squeezeExcitation: return SqueezeExcitation(parameters: parameters)
  case .shortcut(let shortcut): return Shortcut(shortcut, parameters: parameters)
  case .maxPool(let pool): return MaxPool(pool)
  case .channelMaxPool(let pool): return ChannelMaxPool(pool)
  case .localAveragePool(let pool): return LocalAveragePool(pool)
  case .averagePool: return AveragePool()
  case .upsample(let upsample): return Upsample(upsample)
  case .route(let route): return Route(route)
  case .scaleChannels(let scale): return Product(scale)
  case .sam(let sam): return Product(sam)
  case .reorg(let reorg): return Reorg(reorg)
  case .reorg3d(let reorg): return SpaceToDepth(reorg)
  case .dropout(let dropout): return Dropout(dropout)
  case .yolo(let yolo): return HeadLayer(fusion: FeatureFusion(yolo))
  case .gaussianYolo, .region: return HeadLayer()
  }
}

/// Fresh parameters: kernels and biases uniform in ±1/√(fan in), as PyTorch draws them, scales,
/// variances and the factors of shortcuts one, shifts and means zero.
///
/// A batch normalisation of the network's own input in colour starts at the statistics of
/// photographs (docs/formulas.md 1.8).
func freshParameters(
  of layer: LayerSpec, at index: Int, _ entries: [ParameterEntry], generator: Generator
) throws -> [ParameterRole: Tensor] {
  let kernel = entries.first { $0.role == .weight }
  var parameters: [ParameterRole: Tensor] = [:]
  for entry in entries {
    let tensor: Tensor
    switch (layer, entry.role) {
    case (.shortcut, _), (_, .gamma), (_, .variance): tensor = try .ones(entry.shape)
    case (_, .beta), (_, .mean): tensor = try .zeros(entry.shape)
    case (_, .weight), (_, .bias), (_, .squeeze), (_, .excite):
      let fanIn = (entry.role == .bias ? kernel ?? entry : entry).shape.dropFirst().reduce(1, *)
      let bound = 1 / Double(max(fanIn, 1)).squareRoot()
      tensor = try .uniform(entry.shape, low: -bound, high: bound, generator: generator)
    }
    parameters[entry.role] = tensor
  }
  if index == 0, case .batchNorm = layer, parameters[.mean]?.count == 3 {
    parameters[.mean] = try Tensor([0.485, 0.456, 0.406] as [Float])
    parameters[.variance] = try Tensor([0.0524, 0.0502, 0.0506] as [Float])
  }
  return parameters
}
