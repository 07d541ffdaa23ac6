import Darknet
import Networks
import Torch

/// A layer with weights that are given, whose output is on its grid with a gradient.
final class GridLayer: Layer {
  private let inner: any Layer
  private let weight: Tensor?
  private let bias: Tensor?
  private let input: QuantizationGrid?
  private let output: QuantizationGrid?

  init(
    _ inner: any Layer, weight: Tensor?, bias: Tensor?, input: QuantizationGrid?,
    output: QuantizationGrid?
  ) {
    (self.inner, self.weight, self.bias) = (inner, weight, bias)
    (self.input, self.output) = (input, output)
  }

  var parameters: [ParameterRole: Parameter] { inner.parameters }
  var convolution: Convolution? { inner.convolution }

  func callAsFunction(_ input: Tensor, _ context: LayerContext) throws -> Tensor {
    let x = try self.input.map { try UniformQuantizer($0)(input) } ?? input
    let y: Tensor
    if let weight, let convolution {
      y = try convolution.activated(
        convolution.convolved(x, weight: weight, bias: bias ?? convolution.bias), context)
    } else {
      y = try inner(x, context)
    }
    return try output.map { try UniformQuantizer($0)(y) } ?? y
  }

  func copy(_ earlier: [any Layer]) throws -> any Layer {
    GridLayer(
      try inner.copy(earlier), weight: weight, bias: bias, input: input, output: output)
  }
}
