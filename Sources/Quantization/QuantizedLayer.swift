import Darknet
import Networks
import Torch

/// A layer of a folded network whose weights, bias and output are on grids: inference alone.
///
/// The values are those that integers give: codes times steps. Where the layer is a convolution,
/// its codes take the place of the kernel that it wraps.
public final class QuantizedLayer: Layer {
  /// The layer without its quantization.
  public let inner: any Layer
  private let input: StoredGrid?
  private let output: StoredGrid?
  private let weight: Parameter?
  private let bias: Parameter?

  /// A layer on grids.
  ///
  /// - Parameters:
  ///   - index: of the layer in the cfg.
  ///   - kernel: codes of its weights and bias; nil for a layer without, or whose weights stay
  ///     float.
  ///   - input: the grid of the network's input, for the layer that reads it.
  ///   - output: the grid of what it gives; nil where that stays float.
  init(
    _ inner: any Layer, at index: Int, kernel: QuantizationState.Kernel?, input: QuantizationGrid?,
    output: QuantizationGrid?
  ) throws {
    self.inner = inner
    let name = "\(index).quantized"
    self.input = try input.map { try StoredGrid($0, "\(name).input") }
    self.output = try output.map { try StoredGrid($0, "\(name).output") }
    weight = try kernel.map {
      try Parameter("\(name).weight", StoredGrid.group, $0.weights.values.clone())
    }
    bias = try kernel?.bias.map {
      try Parameter("\(name).bias", StoredGrid.group, $0.values.clone())
    }
  }

  private init(
    _ inner: any Layer, _ input: StoredGrid?, _ output: StoredGrid?, _ weight: Parameter?,
    _ bias: Parameter?
  ) {
    (self.inner, self.input, self.output) = (inner, input, output)
    (self.weight, self.bias) = (weight, bias)
  }

  /// Those of the float layer.
  public var parameters: [ParameterRole: Parameter] { inner.parameters }
  /// Weights, bias and steps.
  public var addedParameters: [Parameter] {
    [weight, bias].compactMap(\.self) + (input?.parameters ?? []) + (output?.parameters ?? [])
  }
  /// The convolution that it wraps.
  public var convolution: Convolution? { inner.convolution }

  /// The layer's output on its grid.
  public func callAsFunction(_ input: Tensor, _ context: LayerContext) throws -> Tensor {
    try output(for: input, context) { $0 }
  }

  /// The layer's output with something done to a convolution's sums before the activation.
  func output(
    for input: Tensor, _ context: LayerContext, changing change: (Tensor) throws -> Tensor
  ) throws -> Tensor {
    let x = try self.input.map { try $0.grid.values(of: $0.grid.codes(of: input)) } ?? input
    let y: Tensor
    if let weight, let convolution {
      let sums = try convolution.convolved(
        x, weight: weight.value, bias: bias?.value ?? convolution.bias)
      y = try convolution.activated(change(sums), context)
    } else {
      y = try inner(x, context)
    }
    return try output.map { try $0.grid.values(of: $0.grid.codes(of: y)) } ?? y
  }

  /// The same over tensors of its own.
  public func copy(_ earlier: [any Layer]) throws -> any Layer {
    QuantizedLayer(
      try inner.copy(earlier), try input?.copy(), try output?.copy(), try weight?.copy(),
      try bias?.copy())
  }
}

/// A grid whose tensors move with a network.
private struct StoredGrid {
  let step: Parameter
  let zero: Parameter?
  let range: CodeRange

  static let group = ParameterGroup("quantized", learns: false)

  init(_ grid: QuantizationGrid, _ name: String) throws {
    step = try Parameter("\(name).step", Self.group, grid.step.clone())
    zero = try grid.zero.map { try Parameter("\(name).zero", Self.group, $0.clone()) }
    range = grid.range
  }

  private init(_ step: Parameter, _ zero: Parameter?, _ range: CodeRange) {
    (self.step, self.zero, self.range) = (step, zero, range)
  }

  var grid: QuantizationGrid {
    QuantizationGrid(step: step.value, zero: zero?.value, range: range)
  }

  var parameters: [Parameter] { [step] + [zero].compactMap(\.self) }

  func copy() throws -> StoredGrid { StoredGrid(try step.copy(), try zero?.copy(), range) }
}
