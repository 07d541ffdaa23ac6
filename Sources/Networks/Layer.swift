import Darknet
import Torch

/// One block of the cfg, ready to run.
public protocol Layer: AnyObject {
  /// Learnable tensors and running statistics by role; shapes as in the weights file. Empty for a
  /// convolution that uses another one's (`share_index`).
  var parameters: [ParameterRole: Tensor] { get set }

  /// The layer's output for the output of the layer before it, both `[N, C, H, W]`.
  func callAsFunction(_ input: Tensor, _ context: LayerContext) throws -> Tensor

  /// The same layer over tensors of its own, none of which wants a gradient.
  ///
  /// - Parameter earlier: the copies of the layers before it, among them the one whose parameters it
  ///   shares.
  func copy(_ earlier: [any Layer]) throws -> any Layer

  /// The same layer for inference alone, with as little left to compute as can be; otherwise as
  /// ``copy(_:)``.
  func folded(_ earlier: [any Layer]) throws -> any Layer
}

extension Layer {
  /// The layer itself: without parameters there is nothing that could change.
  public func copy(_ earlier: [any Layer]) throws -> any Layer { self }

  /// A copy, where nothing can be folded.
  public func folded(_ earlier: [any Layer]) throws -> any Layer { try copy(earlier) }

  /// A learnable tensor or running statistic of the layer.
  func parameter(_ role: ParameterRole) throws -> Tensor {
    guard let tensor = parameters[role] else { throw NetworkError.missingParameter(role) }
    return tensor
  }

  /// The parameters in memory of their own, without gradients.
  func copiedParameters() throws -> [ParameterRole: Tensor] {
    try withoutGrad { try parameters.mapValues { try $0.detach().clone() } }
  }
}

/// What a layer may read besides the output of the layer before it.
public struct LayerContext {
  /// Outputs of earlier layers that are still needed, by layer index.
  public let outputs: [Tensor?]
  /// Whether batch normalisation uses the batch's own statistics.
  public let training: Bool
  /// The slope of `leaky` below zero: 0.1, but for networks of another input scale.
  public let leakySlope: Double

  /// The output of an earlier layer.
  func output(of index: Int) throws -> Tensor {
    guard let tensor = outputs[index] else { throw NetworkError.outputNotKept(layer: index) }
    return tensor
  }

  /// `x` through an activation of the cfg.
  func activated(_ x: Tensor, by activation: Activation) throws -> Tensor {
    try x.activated(by: activation, leakySlope: leakySlope)
  }
}

/// Builds one layer with fresh weights.
///
/// - Parameters:
///   - index: the layer's place in the cfg.
///   - spec: the network that it belongs to.
///   - slots: its parameters.
///   - earlier: the layers before it.
func makeLayer(
  _ index: Int, of spec: NetworkSpec, slots: [ParameterSlot], earlier: [any Layer],
  generator: Generator
) throws -> any Layer {
  switch spec.layers[index] {
  case .convolutional(let convolution), .depthwise(let convolution):
    if let shared = convolution.shareIndex {
      return try Convolution(convolution, sharing: shared, of: earlier)
    }
    return Convolution(convolution, parameters: try fresh(slots, generator: generator))
  case .batchNorm(let norm):
    let normalization = BatchNormalization(norm, parameters: try fresh(slots, generator: generator))
    if index == 0 { try normalization.startAtStatisticsOfPictures() }
    return normalization
  case .squeezeExcitation:
    return SqueezeExcitation(parameters: try fresh(slots, generator: generator))
  case .shortcut(let shortcut):
    return Shortcut(shortcut, parameters: try Shortcut.freshFactors(slots))
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

/// Fresh parameters: kernels and biases uniform in ±1/√(fan in), as PyTorch draws them, scales and
/// variances one, shifts and means zero.
private func fresh(
  _ slots: [ParameterSlot], generator: Generator
) throws -> [ParameterRole: Tensor] {
  let kernel = slots.first { $0.role == .weight }
  var parameters: [ParameterRole: Tensor] = [:]
  for slot in slots {
    let tensor: Tensor
    switch slot.role {
    case .weight, .bias, .squeeze, .excite:
      let fanIn = (slot.role == .bias ? kernel ?? slot : slot).shape.dropFirst().reduce(1, *)
      let bound = 1 / Double(max(fanIn, 1)).squareRoot()
      tensor = try .uniform(slot.shape, low: -bound, high: bound, generator: generator)
    case .gamma, .variance: tensor = try .ones(slot.shape)
    case .beta, .mean: tensor = try .zeros(slot.shape)
    }
    parameters[slot.role] = try tensor.requireGrad(slot.role.isTrainable)
  }
  return parameters
}
