import Darknet
import Torch

/// Convolution, batch normalisation where the cfg asks for it, activation.
///
/// Parameters: `.weight` `[out, in / groups, height, width]` and either `.bias` `[out]` or
/// `.gamma`, `.beta`, `.mean`, `.variance` `[out]`.
public final class Convolution: Layer {
  /// What the cfg says of the block.
  public let spec: ConvolutionSpec
  /// The tensors by role.
  public var parameters: [ParameterRole: Tensor]
  /// Whether batch normalisation is part of the weights already (see ``Network/folded()``).
  let isFolded: Bool

  /// BN's ε inside the root. Darknet's own code has both 1e-5 inside and 1e-6 outside the root
  /// (SPEC M14).
  static let epsilon = 1e-5
  /// Share of the batch's statistics in the running ones: new = 0.9·old + 0.1·batch.
  static let momentum = 0.1

  init(
    _ spec: ConvolutionSpec, inChannels: Int, slots: [ParameterSlot], generator: Generator
  ) throws {
    self.spec = spec
    isFolded = false
    parameters = [:]
    let fanIn = inChannels / spec.groups * spec.kernelHeight * spec.kernelWidth
    let bound = 1 / Double(max(fanIn, 1)).squareRoot()
    for slot in slots {
      let tensor: Tensor
      switch slot.role {
      case .weight, .bias:
        tensor = try .uniform(slot.shape, low: -bound, high: bound, generator: generator)
      case .gamma, .variance: tensor = try .ones(slot.shape)
      default: tensor = try .zeros(slot.shape)
      }
      parameters[slot.role] = try tensor.requireGrad(slot.role.isTrainable)
    }
  }

  /// A convolution over given parameters.
  init(_ spec: ConvolutionSpec, parameters: [ParameterRole: Tensor], isFolded: Bool) {
    self.spec = spec
    self.parameters = parameters
    self.isFolded = isFolded
  }

  /// A learnable tensor or running statistic of the layer.
  func parameter(_ role: ParameterRole) throws -> Tensor {
    guard let tensor = parameters[role] else { throw NetworkError.missingParameter(role) }
    return tensor
  }

  /// Convolution, normalisation, activation; `[N, C, H, W]` in and out.
  public func callAsFunction(_ input: Tensor, _ context: LayerContext) throws -> Tensor {
    let x = try input.conv2d(
      parameter(.weight), bias: parameters[.bias], stride: (spec.strideY, spec.strideX),
      padding: (spec.padding, spec.padding), dilation: (spec.dilation, spec.dilation),
      groups: spec.groups)
    guard spec.batchNormalize && !isFolded else { return try x.activated(by: spec.activation) }
    let normalized = try x.batchNorm(
      weight: parameter(.gamma), bias: parameter(.beta), runningMean: parameter(.mean),
      runningVariance: parameter(.variance), training: context.training, momentum: Self.momentum,
      epsilon: Self.epsilon)
    return try normalized.activated(by: spec.activation)
  }
}
