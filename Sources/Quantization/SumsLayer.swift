import Darknet
import Networks
import Torch

/// A layer whose output something else computes.
final class SumsLayer: Layer {
  private let inner: any Layer
  private let body: (Tensor, LayerContext) throws -> Tensor

  init(_ inner: any Layer, _ body: @escaping (Tensor, LayerContext) throws -> Tensor) {
    (self.inner, self.body) = (inner, body)
  }

  var parameters: [ParameterRole: Parameter] { inner.parameters }
  var addedParameters: [Parameter] { inner.addedParameters }
  var convolution: Convolution? { inner.convolution }

  func callAsFunction(_ input: Tensor, _ context: LayerContext) throws -> Tensor {
    try body(input, context)
  }
}
