import Darknet
import Torch

/// Sum of the layer before and earlier layers, over the channels both have, each with a learnt
/// factor where the cfg asks for one (Darknet, `shortcut_multilayer_cpu`).
///
/// Parameters: `.weight` `[summands]` (`per_feature`) or `[summands, C]` (`per_channel`).
final class Shortcut: Layer {
  let spec: ShortcutSpec
  let parameters: [ParameterRole: Parameter]

  init(_ spec: ShortcutSpec, parameters: [ParameterRole: Parameter]) {
    self.spec = spec
    self.parameters = parameters
  }

  func callAsFunction(_ input: Tensor, _ context: LayerContext) throws -> Tensor {
    let factors = try parameters[.weight].map { try normalized($0.value) }
    var sum = try factors.map { try scaled(input, by: $0, summand: 0) } ?? input
    for (index, source) in spec.sources.enumerated() {
      let width = min(sum.shape[1], try context.output(of: source).shape[1])
      var addend = try context.output(of: source).first(width)
      if let factors { addend = try scaled(addend, by: factors, summand: index + 1) }
      sum = try add(addend, to: sum)
    }
    return try context.activated(sum, by: spec.activation)
  }

  func copy(_ earlier: [any Layer]) throws -> any Layer {
    Shortcut(spec, parameters: try copiedParameters())
  }

  /// The factors that count, in the shape of the weights: each column sums to nearly one where the
  /// cfg asks for it.
  private func normalized(_ weight: Tensor) throws -> Tensor {
    let positive: Tensor
    switch spec.normalization {
    case .none: return weight
    case .relu: positive = try weight.relu()
    case .softmax:
      positive = try (weight - weight.detach().amax(dims: [0], keepDim: true)).exp()
    }
    return try positive / (positive.sum(dims: [0], keepDim: true) + ShortcutSpec.sumEpsilon)
  }

  /// One summand times its factor, or its factor of each channel.
  private func scaled(_ x: Tensor, by factors: Tensor, summand: Int) throws -> Tensor {
    let factor = try factors.select(dim: 0, index: summand)
    guard spec.weights == .perChannel else { return try x * factor }
    return try x * factor.narrow(dim: 0, start: 0, count: x.shape[1]).view([1, -1, 1, 1])
  }

  /// The output keeps the width of `x`; a narrower addend reaches only the first channels.
  private func add(_ addend: Tensor, to x: Tensor) throws -> Tensor {
    let (width, other) = (x.shape[1], addend.shape[1])
    if width == other { return try x + addend }
    let rest = try x.narrow(dim: 1, start: other, count: width - other)
    return try Tensor.concatenated([x.first(other) + addend, rest], dim: 1)
  }
}

extension Tensor {
  /// The first `count` channels of `[N, C, H, W]`.
  fileprivate func first(_ count: Int) throws -> Tensor {
    count == shape[1] ? self : try narrow(dim: 1, start: 0, count: count)
  }
}
