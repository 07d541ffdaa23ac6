import Darknet
import Torch

/// `[batchnorm]`, and the extension `[BatchNorm2d]`: batch normalisation on its own.
///
/// Parameters: `.gamma`, `.beta`, `.mean`, `.variance` `[C]`.
final class BatchNormalization: Layer {
  let spec: BatchNormSpec
  var parameters: [ParameterRole: Tensor]

  init(_ spec: BatchNormSpec, parameters: [ParameterRole: Tensor]) {
    self.spec = spec
    self.parameters = parameters
  }

  func callAsFunction(_ input: Tensor, _ context: LayerContext) throws -> Tensor {
    let x = try input.batchNorm(
      weight: parameter(.gamma), bias: parameter(.beta), runningMean: parameter(.mean),
      runningVariance: parameter(.variance), training: context.training,
      momentum: Double(spec.momentum), epsilon: Double(spec.epsilon))
    return try context.activated(x, by: spec.activation)
  }

  func copy(_ earlier: [any Layer]) throws -> any Layer {
    BatchNormalization(spec, parameters: try copiedParameters())
  }
}
