import Darknet
import Torch

/// What a layer may read besides the output of the layer before it.
public struct LayerContext {
  /// Outputs of earlier layers that are still needed, by layer index.
  public let outputs: [Tensor?]
  /// Whether batch normalisation uses the batch's own statistics.
  public let training: Bool

  /// The output of an earlier layer.
  func output(of index: Int) throws -> Tensor {
    guard let tensor = outputs[index] else { throw NetworkError.outputNotKept(layer: index) }
    return tensor
  }
}

/// One block of the cfg, ready to run.
public protocol Layer: AnyObject {
  /// Learnable tensors and running statistics by role; shapes as in the weights file.
  var parameters: [ParameterRole: Tensor] { get set }

  /// The layer's output for the output of the layer before it, both `[N, C, H, W]`.
  func callAsFunction(_ input: Tensor, _ context: LayerContext) throws -> Tensor
}

/// Maximum over windows; what lies outside the picture counts as −∞ (Darknet, `maxpool_layer.c`).
final class MaxPool: Layer {
  let spec: PoolSpec
  var parameters: [ParameterRole: Tensor] = [:]

  init(_ spec: PoolSpec) { self.spec = spec }

  func callAsFunction(_ input: Tensor, _ context: LayerContext) throws -> Tensor {
    // Darknet spreads `padding` over both sides, the larger half to the right and below.
    let before = spec.padding / 2
    let after = spec.padding - before
    guard before != after else {
      return try input.maxPool2d(
        kernel: (spec.size, spec.size), stride: (spec.strideY, spec.strideX),
        padding: (before, before))
    }
    // A window may reach past the border only as far as some output needs it.
    let padded = try input.padded([before, after, before, after], value: -.infinity)
    return try padded.maxPool2d(
      kernel: (spec.size, spec.size), stride: (spec.strideY, spec.strideX), padding: (0, 0))
  }
}

/// Nearest-neighbour enlargement.
final class Upsample: Layer {
  let spec: UpsampleSpec
  var parameters: [ParameterRole: Tensor] = [:]

  init(_ spec: UpsampleSpec) { self.spec = spec }

  func callAsFunction(_ input: Tensor, _ context: LayerContext) throws -> Tensor {
    let enlarged = try input.upsampledNearest(scale: spec.stride)
    return spec.scale == 1 ? enlarged : try enlarged * spec.scale
  }
}

/// Concatenation of earlier outputs, each cut to one of its groups first.
final class Route: Layer {
  let spec: RouteSpec
  var parameters: [ParameterRole: Tensor] = [:]

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

/// Sum of the layer before and earlier layers; where widths differ, over the channels both have.
final class Shortcut: Layer {
  let spec: ShortcutSpec
  var parameters: [ParameterRole: Tensor] = [:]

  init(_ spec: ShortcutSpec) { self.spec = spec }

  func callAsFunction(_ input: Tensor, _ context: LayerContext) throws -> Tensor {
    var sum = input
    for source in spec.sources {
      sum = try add(try context.output(of: source), to: sum)
    }
    return try sum.activated(by: spec.activation)
  }

  /// The output keeps the width of `x`; the addend is cut, or reaches only the first channels.
  private func add(_ addend: Tensor, to x: Tensor) throws -> Tensor {
    let (width, other) = (x.shape[1], addend.shape[1])
    if width == other { return try x + addend }
    if other > width { return try x + addend.narrow(dim: 1, start: 0, count: width) }
    let shared = try x.narrow(dim: 1, start: 0, count: other) + addend
    let rest = try x.narrow(dim: 1, start: other, count: width - other)
    return try Tensor.concatenated([shared, rest], dim: 1)
  }
}

/// A block that changes nothing at inference and, in a detector, nothing worth having in training.
final class PassThrough: Layer {
  var parameters: [ParameterRole: Tensor] = [:]

  func callAsFunction(_ input: Tensor, _ context: LayerContext) throws -> Tensor { input }
}

/// `[dropout]`: zeroes a share of the values while training and scales the rest.
final class Dropout: Layer {
  let probability: Float
  var parameters: [ParameterRole: Tensor] = [:]

  init(_ spec: DropoutSpec) { probability = spec.probability }

  func callAsFunction(_ input: Tensor, _ context: LayerContext) throws -> Tensor {
    context.training ? try input.dropout(probability: Double(probability)) : input
  }
}

/// `[yolo]`: hands on the raw output of the convolution before it.
final class HeadLayer: Layer {
  var parameters: [ParameterRole: Tensor] = [:]

  func callAsFunction(_ input: Tensor, _ context: LayerContext) throws -> Tensor { input }
}

/// Builds one layer with fresh weights.
func makeLayer(
  _ spec: LayerSpec, inChannels: Int, slots: [ParameterSlot], generator: Generator
) throws -> any Layer {
  switch spec {
  case .convolutional(let spec):
    return try Convolution(spec, inChannels: inChannels, slots: slots, generator: generator)
  case .maxPool(let spec): return MaxPool(spec)
  case .upsample(let spec): return Upsample(spec)
  case .route(let spec): return Route(spec)
  case .shortcut(let spec): return Shortcut(spec)
  case .dropout(let spec): return Dropout(spec)
  case .yolo: return HeadLayer()
  case .depthwise, .localAveragePool, .averagePool, .scaleChannels, .sam, .squeezeExcitation,
    .batchNorm, .reorg, .reorg3d, .gaussianYolo, .region:
    throw NetworkError.unsupportedLayer("\(spec)")
  }
}
