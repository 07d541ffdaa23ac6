import Darknet
import Integers
import Networks
import Torch

/// A layer of a folded network whose weights, bias and output are on grids: inference alone.
///
/// Where all that it reads is on grids it computes with whole numbers, as the integer engine does, to
/// the same codes (docs/formulas.md 10.15). Otherwise its arithmetic is float, and what comes out is
/// put on the grid.
public final class QuantizedLayer: Layer {
  /// The layer without its quantization.
  public let inner: any Layer
  private let input: InputCodes?
  private let kind: Kind

  private enum Kind {
    case whole(CodeArithmetic, sources: [Int])
    case float(FloatArithmetic)
  }

  static let group = ParameterGroup("quantized", learns: false)

  /// What is known of a layer's place in a network.
  struct Place {
    /// Index in the cfg.
    var index: Int
    /// What the cfg says of the layer.
    var spec: LayerSpec
    /// What the network makes of its pictures.
    var scale: InputScale
    /// The grids of what the layer reads, the layer before it first; nil for what is float.
    var inputs: [QuantizationGrid?]
    /// The grid of what it gives; nil where that stays float.
    var output: QuantizationGrid?
  }

  /// A layer on grids.
  ///
  /// - Parameter kernel: codes of its weights and bias; nil for a layer without, or whose weights
  ///   stay float.
  init(_ inner: any Layer, _ place: Place, kernel: QuantizationState.Kernel?) throws {
    self.inner = inner
    let name = "\(place.index).quantized"
    input =
      try place.index == 0
      ? place.inputs[0].map { try InputCodes($0, place.scale, name) } : nil
    if let arithmetic = try CodeArithmetic(inner, place, kernel, name) {
      kind = .whole(arithmetic, sources: place.spec.sources)
    } else {
      kind = .float(try FloatArithmetic(kernel, output: place.output, name))
    }
  }

  private init(_ inner: any Layer, _ input: InputCodes?, _ kind: Kind) {
    (self.inner, self.input, self.kind) = (inner, input, kind)
  }

  /// Those of the float layer.
  public var parameters: [ParameterRole: Parameter] { inner.parameters }
  /// Weights, bias and steps.
  public var addedParameters: [Parameter] {
    let own =
      switch kind {
      case .whole(let arithmetic, _): arithmetic.parameters
      case .float(let arithmetic): arithmetic.parameters
      }
    return own + (input.map { [$0.values] } ?? [])
  }
  /// The convolution that it wraps.
  public var convolution: Convolution? { inner.convolution }

  /// What it does with whole numbers; nil where its arithmetic is float.
  var operation: IntegerOperation? {
    if case .whole(let arithmetic, _) = kind { arithmetic.operation } else { nil }
  }

  /// Whether its weights are on codes, whatever its arithmetic is.
  var hasCodes: Bool {
    switch kind {
    case .whole(let arithmetic, _): arithmetic.weight != nil
    case .float(let arithmetic): arithmetic.weight != nil
    }
  }

  /// Whether the bias alone keeps a convolution that reads codes from whole numbers.
  var hasTooLargeBias: Bool {
    guard case .float(let arithmetic) = kind, hasCodes else { return false }
    return arithmetic.step != nil || convolution?.spec.blur == nil
  }

  /// Codes of its kernel, where it computes with whole numbers.
  var codes: Tensor? {
    if case .whole(let arithmetic, _) = kind { arithmetic.weight?.value } else { nil }
  }

  /// The grid of the network's input, where it reads that.
  var inputGrid: CodeGrid? { input?.grid }

  /// The layer's output on its grid.
  public func callAsFunction(_ input: Tensor, _ context: LayerContext) throws -> Tensor {
    try output(for: input, context, changing: nil)
  }

  /// The layer's output with something done to a convolution's sums before the activation.
  func output(
    for input: Tensor, _ context: LayerContext, changing change: ((Tensor) throws -> Tensor)?
  ) throws -> Tensor {
    let x = try self.input?(input) ?? input
    switch kind {
    case .whole(let arithmetic, let sources):
      return try arithmetic(
        [x] + sources.map { try context.output(of: $0) }, convolution, context, changing: change)
    case .float(let arithmetic): return try arithmetic(x, inner, context, changing: change)
    }
  }

  /// The same over tensors of its own.
  public func copy(_ earlier: [any Layer]) throws -> any Layer {
    let kind: Kind =
      switch kind {
      case .whole(let arithmetic, let sources): .whole(try arithmetic.copy(), sources: sources)
      case .float(let arithmetic): .float(try arithmetic.copy())
      }
    return QuantizedLayer(try inner.copy(earlier), try input?.copy(), kind)
  }
}

/// The network's input on its grid: each byte of a picture has a code.
private struct InputCodes {
  let grid: CodeGrid
  /// The value of each byte's code, `[256]`.
  let values: Parameter
  private let scale: InputScale

  init(_ grid: QuantizationGrid, _ scale: InputScale, _ name: String) throws {
    let codes = try CodeGrid(grid)
    (self.grid, self.scale) = (codes, scale)
    let bytes = (0...255).map { byte in
      codes.value(of: IntegerProgram.inputCode(ofByte: byte, scale, codes))
    }
    values = try Parameter("\(name).input", QuantizedLayer.group, Tensor(bytes))
  }

  private init(_ other: InputCodes, _ values: Parameter) {
    (grid, scale, self.values) = (other.grid, other.scale, values)
  }

  func copy() throws -> InputCodes { InputCodes(self, try values.copy()) }

  func callAsFunction(_ x: Tensor) throws -> Tensor {
    let bytes = try ((x - scale.offset) * (255 / scale.factor)).rounded().clamped(min: 0, max: 255)
    return try values.value.indexSelect(dim: 0, bytes.to(.int64).reshaped([-1])).reshaped(x.shape)
  }
}

/// A layer with float arithmetic around grids.
private struct FloatArithmetic {
  let step: Parameter?
  private let zero: Parameter?
  private let range: CodeRange?
  let weight: Parameter?
  private let bias: Parameter?

  init(_ kernel: QuantizationState.Kernel?, output: QuantizationGrid?, _ name: String) throws {
    func parameter(_ word: String, _ tensor: Tensor?) throws -> Parameter? {
      try tensor.map { try Parameter("\(name).\(word)", QuantizedLayer.group, $0.clone()) }
    }
    step = try parameter("output.step", output?.step)
    zero = try parameter("output.zero", output?.zero)
    range = output?.range
    weight = try parameter("weight", kernel?.weights.values)
    bias = try parameter("bias", kernel?.bias?.values)
  }

  private init(
    _ step: Parameter?, _ zero: Parameter?, _ range: CodeRange?, _ weight: Parameter?,
    _ bias: Parameter?
  ) {
    (self.step, self.zero, self.range) = (step, zero, range)
    (self.weight, self.bias) = (weight, bias)
  }

  func copy() throws -> FloatArithmetic {
    FloatArithmetic(
      try step?.copy(), try zero?.copy(), range, try weight?.copy(), try bias?.copy())
  }

  var parameters: [Parameter] { [weight, bias, step, zero].compactMap(\.self) }

  func callAsFunction(
    _ x: Tensor, _ inner: any Layer, _ context: LayerContext,
    changing change: ((Tensor) throws -> Tensor)?
  ) throws -> Tensor {
    let y: Tensor
    if let weight, let convolution = inner.convolution {
      let sums = try convolution.convolved(
        x, weight: weight.value, bias: bias?.value ?? convolution.bias)
      y = try convolution.activated(change?(sums) ?? sums, context)
    } else {
      y = try inner(x, context)
    }
    guard let step, let range else { return y }
    let grid = QuantizationGrid(step: step.value, zero: zero?.value, range: range)
    return try grid.values(of: grid.codes(of: y))
  }
}
