import Darknet
import Torch

/// Convolution, batch normalisation where the cfg asks for it, activation, and a blur where the cfg
/// asks for antialiasing. Also the extension `[depthwise]`, which is a matter of groups alone.
///
/// Parameters: `.weight` `[out, in / groups, height, width]` and either `.bias` `[out]` or
/// `.gamma`, `.beta`, `.mean`, `.variance` `[out]`; none with `share_index`.
public final class Convolution: Layer {
  /// What the cfg says of the layer.
  public let spec: ConvolutionSpec
  /// The tensors by role.
  public let parameters: [ParameterRole: Parameter]
  /// Whether batch normalisation is part of the weights already (see ``Network/folded()``).
  let isFolded: Bool
  /// The convolution whose parameters this one uses.
  let owner: Convolution?

  /// Share of the batch's statistics in the running ones: new = 0.9·old + 0.1·batch.
  static let momentum = 0.1

  /// A convolution over parameters of its own.
  init(
    _ spec: ConvolutionSpec, parameters: [ParameterRole: Parameter], isFolded: Bool = false
  ) {
    self.spec = spec
    self.parameters = parameters
    self.isFolded = isFolded
    owner = nil
  }

  /// A convolution over the parameters of an earlier one, running statistics included.
  init(_ spec: ConvolutionSpec, sharing index: Int, of earlier: [any Layer]) throws {
    guard earlier.indices.contains(index), let owner = earlier[index].convolution else {
      throw NetworkError.missingParameter(.weight)
    }
    self.spec = spec
    parameters = [:]
    isFolded = owner.isFolded
    self.owner = owner
  }

  /// Convolution, normalisation, activation, blur; `[N, C, H, W]` in and out.
  public func callAsFunction(_ input: Tensor, _ context: LayerContext) throws -> Tensor {
    let x = try convolved(input, weight: weight, bias: bias)
    return try activated(normalized(x, context), context)
  }

  /// The kernel, `[out, in / groups, height, width]`; with `share_index` the owner's.
  public var weight: Tensor {
    get throws { try (owner ?? self).value(of: .weight) }
  }

  /// The bias, `[out]`; nil where batch normalisation shifts.
  public var bias: Tensor? { (owner ?? self).parameters[.bias]?.value }

  /// The convolution alone, by a kernel that may differ from the layer's own.
  public func convolved(_ input: Tensor, weight: Tensor, bias: Tensor?) throws -> Tensor {
    // With antialiasing the blur has the stride.
    let stride = spec.blur != nil ? (1, 1) : (spec.strideY, spec.strideX)
    return try input.conv2d(
      weight, bias: bias, stride: stride, padding: (spec.padding, spec.padding),
      dilation: (spec.dilation, spec.dilation), groups: spec.groups)
  }

  /// What batch normalisation makes of a convolution's result; the result itself without one.
  public func normalized(_ x: Tensor, _ context: LayerContext) throws -> Tensor {
    guard normalizes else { return x }
    let source = owner ?? self
    return try x.batchNorm(
      weight: source.value(of: .gamma), bias: source.value(of: .beta),
      runningMean: source.value(of: .mean), runningVariance: source.value(of: .variance),
      training: context.training, momentum: Self.momentum, epsilon: ConvolutionSpec.epsilon)
  }

  /// Activation, then the blur where the cfg asks for antialiasing.
  public func activated(_ x: Tensor, _ context: LayerContext) throws -> Tensor {
    let x = try context.activated(x, by: spec.activation)
    return try spec.blur.map { try x.blurred(by: $0) } ?? x
  }

  /// This convolution over tensors of its own, or over those of the copied owner.
  public func copy(_ earlier: [any Layer]) throws -> any Layer {
    if let index = spec.shareIndex {
      return try Convolution(spec, sharing: index, of: earlier)
    }
    return Convolution(spec, parameters: try copiedParameters(), isFolded: isFolded)
  }

  /// This convolution without its batch normalisation, w′ = w·γ/√(σ² + ε), b′ = β − μ·γ/√(σ² + ε).
  public func folded(_ earlier: [any Layer]) throws -> any Layer {
    guard normalizes && owner == nil,
      let kernel = parameters[.weight], let shift = parameters[.beta]
    else { return try copy(earlier) }
    let folded = try withoutGrad { try foldedKernel(by: runningStatistics) }
    return Convolution(
      spec,
      parameters: [
        .weight: Parameter(inferenceOnly: kernel.name, kernel.group, folded.weight),
        .bias: Parameter(inferenceOnly: shift.name, shift.group, folded.bias),
      ], isFolded: true)
  }
}
