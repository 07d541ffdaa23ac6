import Darknet
import Torch

/// `[batchnorm]`, and the extension `[BatchNorm2d]`: batch normalisation on its own.
///
/// Parameters: `.gamma`, `.beta`, `.mean`, `.variance` `[C]`.
final class BatchNormalization: Layer {
  let spec: BatchNormSpec
  let parameters: [ParameterRole: Parameter]

  init(_ spec: BatchNormSpec, parameters: [ParameterRole: Parameter]) {
    self.spec = spec
    self.parameters = parameters
  }

  func callAsFunction(_ input: Tensor, _ context: LayerContext) throws -> Tensor {
    let x = try input.batchNorm(
      weight: value(of: .gamma), bias: value(of: .beta), runningMean: value(of: .mean),
      runningVariance: value(of: .variance), training: context.training,
      momentum: Double(spec.momentum), epsilon: Double(spec.epsilon))
    return try context.activated(x, by: spec.activation)
  }

  func copy(_ earlier: [any Layer]) throws -> any Layer {
    BatchNormalization(spec, parameters: try copiedParameters())
  }
}
