import Darknet
import Torch

/// Nearest-neighbour enlargement.
final class Upsample: Layer {
  let spec: UpsampleSpec

  init(_ spec: UpsampleSpec) { self.spec = spec }

  func callAsFunction(_ input: Tensor, _ context: LayerContext) throws -> Tensor {
    let enlarged = try input.upsampledNearest(scale: spec.stride)
    return spec.scale == 1 ? enlarged : try enlarged * spec.scale
  }
}

/// Concatenation of earlier outputs, each cut to one of its groups first.
final class Route: Layer {
  let spec: RouteSpec

  init(_ spec: RouteSpec) { self.spec = spec }

  func callAsFunction(_ input: Tensor, _ context: LayerContext) throws -> Tensor {
    var parts = try spec.sources.map { try context.output(of: $0) }
    if spec.groups > 1 {
      parts = try parts.map { part in
        let width = part.shape[1] / spec.groups
        return try part.narrow(dim: 1, start: spec.groupID * width, count: width)
      }
    }
    return parts.count == 1 ? parts[0] : try Tensor.concatenated(parts, dim: 1)
  }
}

/// `[scale_channels]` and `[sam]`: an earlier output times the layer before, which holds a factor a
/// channel, a place or a value.
final class Product: Layer {
  private let source: Int
  private let activation: Activation

  init(_ spec: ScaleChannelsSpec) { (source, activation) = (spec.source, spec.activation) }
  init(_ spec: SamSpec) { (source, activation) = (spec.source, spec.activation) }

  func callAsFunction(_ input: Tensor, _ context: LayerContext) throws -> Tensor {
    try context.activated(context.output(of: source) * input, by: activation)
  }
}

/// `[dropout]`: zeroes a share of the values while training and scales the rest up.
final class Dropout: Layer {
  let probability: Double

  init(_ spec: DropoutSpec) { probability = Double(spec.probability) }

  func callAsFunction(_ input: Tensor, _ context: LayerContext) throws -> Tensor {
    guard context.training else { return input }
    return try input.dropout(probability: probability, generator: context.random)
  }
}
