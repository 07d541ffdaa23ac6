import Darknet
import Torch

/// `[se]`, an extension: the global mean through two linear layers without biases, ReLU between and
/// a hard sigmoid after them, times the input, channel by channel (docs/formulas.md 1.4).
///
/// Parameters: `.squeeze` `[hidden, C]` and `.excite` `[C, hidden]`.
final class SqueezeExcitation: Layer {
  let parameters: [ParameterRole: Parameter]

  init(parameters: [ParameterRole: Parameter]) { self.parameters = parameters }

  func callAsFunction(_ input: Tensor, _ context: LayerContext) throws -> Tensor {
    let means = try input.mean(dims: [2, 3])
    let hidden = try means.linear(value(of: .squeeze)).relu()
    let gate = try hidden.linear(value(of: .excite)).hardSigmoid()
    return try input * gate.unsqueezed(2).unsqueezed(3)
  }

  func copy(_ earlier: [any Layer]) throws -> any Layer {
    SqueezeExcitation(parameters: try copiedParameters())
  }
}
