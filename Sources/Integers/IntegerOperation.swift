import Darknet

/// What a layer does with codes, less zero: exact sums of whole numbers, then codes again
/// (docs/formulas.md 10.15).
public enum IntegerOperation: Sendable {
  /// Sums of products with a kernel. Without a requantization its sums leave the network, as values.
  case convolution(IntegerConvolution)
  /// Codes that are read, given on: pools of maxima, enlargement, routes, rearrangements, dropout.
  case passing(LayerSpec)
  /// Σ factor·code, by summand and lane (channel); the output has the first summand's channels.
  case sum(factors: [[Int]], Requantization)
  /// Maxima of windows, blurred; the pool's own strides are 1.
  case blurredMaximum(PoolSpec, IntegerBlur)
  /// The product of two codes, where the second map may have one place, or one channel.
  case product(Requantization)
  /// The product of codes and a factor of their channel, which a gate makes of the channels' means.
  case gate(IntegerGate, Requantization)
  /// The mean over the grid.
  case averagePool(Requantization)
  /// The mean over windows; the lanes are the numbers of values inside, from 1.
  case localAveragePool(PoolSpec, Requantization)
  /// Enlargement with a factor.
  case enlargement(UpsampleSpec, Requantization)
  /// weight·code + bias of each channel.
  case affine(weights: [Int], biases: [Int], Requantization)
}

/// A convolution on codes, without its kernel.
public struct IntegerConvolution: Sendable {
  /// Kernel, stride and the rest; of a convolution before a blur its own stride, 1.
  public let spec: ConvolutionSpec
  /// What a sum of each channel begins with.
  public let biases: [Int]
  /// The value of 1 in the sums of each channel.
  public let steps: [Double]
  /// From sums to codes; nil where the sums are what leaves the network.
  public let requantization: Requantization?
  /// What follows the codes, where the cfg asks for antialiasing.
  public let blur: IntegerBlur?
  /// The slope of `leaky` below zero.
  let leakySlope: Double

  /// - Parameters:
  ///   - kernelSteps: of the weights of each output channel.
  ///   - biases: on the grid of the products, input step × weight step.
  ///   - output: the grid of what it gives; nil where that is values.
  public init(
    _ spec: ConvolutionSpec, kernelSteps: [Double], biases: [Int], input: CodeGrid,
    output: CodeGrid?, leakySlope: Double
  ) {
    blur = spec.blur.flatMap { blur in
      output.map { IntegerBlur(blur, input: IntegerBlur.grid(before: $0), output: $0) }
    }
    let output = blur == nil ? output : output.map(IntegerBlur.grid(before:))
    self.spec = spec.beforeBlur
    (self.biases, self.leakySlope) = (biases, leakySlope)
    steps = kernelSteps.map { $0 * input.step }
    requantization = output.map { [steps] output in
      Requantization(
        steps: steps, activation: spec.activation, leakySlope: leakySlope, to: output)
    }
  }
}

extension IntegerOperation {
  /// The codes of what the layer gives; nil where they are those of what it reads, or values.
  public var requantization: Requantization? { rules.last?.rule }

  /// From sums to codes, step by step, by what each step is called; the last one, which gives the
  /// layer's own codes, by nothing.
  public var rules: [(name: String, rule: Requantization)] {
    switch self {
    case .convolution(let convolution):
      guard let blur = convolution.blur, let before = convolution.requantization else {
        return convolution.requantization.map { [("", $0)] } ?? []
      }
      return [("before", before), ("", blur.requantization)]
    case .passing: return []
    case .blurredMaximum(_, let blur): return [("", blur.requantization)]
    case .gate(let gate, let requantization): return gate.rules + [("", requantization)]
    case .sum(_, let requantization), .product(let requantization),
      .averagePool(let requantization), .localAveragePool(_, let requantization),
      .enlargement(_, let requantization), .affine(_, _, let requantization):
      return [("", requantization)]
    }
  }
}

// MARK: - Made of what a layer computes with real numbers

extension IntegerOperation {
  /// A shortcut: the summands come onto one step, in as many bits as sums of 32 bits leave.
  ///
  /// - Parameters:
  ///   - factors: of each summand, one or one for each channel, as the layer normalizes them.
  ///   - inputs: the grids of the summands.
  public static func sum(
    _ spec: ShortcutSpec, factors: [[Double]], inputs: [CodeGrid], output: CodeGrid,
    leakySlope: Double
  ) -> IntegerOperation {
    let steps = zip(factors, inputs).map { factors, grid in factors.map { $0 * grid.step } }
    let largest = max(steps.joined().reduce(0) { max($0, abs($1)) }, 0x1p-100)
    let reach = inputs.reduce(0) { $0 + $1.largestMagnitude }
    // Powers of two, so that steps that are powers of two stay exact.
    let room = Double((Int(Int32.max) / max(reach, 1)).powerOfTwoBelow)
    let unit = largest / min(room, 0x1p15)
    return .sum(
      factors: steps.map { $0.map { Int(($0 / unit).rounded(.toNearestOrEven)) } },
      Requantization(
        steps: [unit], activation: spec.activation, leakySlope: leakySlope, to: output))
  }

  /// Another layer's output times one factor a channel, a place or a value.
  public static func product(
    _ activation: Activation, inputs: [CodeGrid], output: CodeGrid, leakySlope: Double
  ) -> IntegerOperation {
    .product(
      Requantization(
        steps: [inputs[0].step * inputs[1].step], activation: activation, leakySlope: leakySlope,
        to: output))
  }

  /// Squeeze and excitation.
  ///
  /// - Parameters:
  ///   - squeeze: `[hidden, channels]`.
  ///   - excite: `[channels, hidden]`.
  public static func gate(
    _ spec: SqueezeExcitationSpec, squeeze: [Double], excite: [Double], input: CodeGrid,
    output: CodeGrid
  ) -> IntegerOperation {
    .gate(
      IntegerGate(squeeze: squeeze, excite: excite, channels: spec.channels, input: input),
      Requantization(
        steps: [input.step * IntegerGate.unit], activation: .linear, leakySlope: 0, to: output))
  }

  /// Maxima of windows, then a blur.
  public static func blurredMaximum(
    _ pool: PoolSpec, _ blur: BlurSpec, input: CodeGrid, output: CodeGrid
  ) -> IntegerOperation {
    var inner = pool
    (inner.antialiasing, inner.strideX, inner.strideY) = (0, 1, 1)
    return .blurredMaximum(inner, IntegerBlur(blur, input: input, output: output))
  }

  /// A mean over windows.
  public static func localAveragePool(
    _ pool: PoolSpec, input: CodeGrid, output: CodeGrid
  ) -> IntegerOperation {
    .localAveragePool(
      pool,
      Requantization(
        steps: (1...pool.size * pool.size).map { input.step / Double($0) }, activation: .linear,
        leakySlope: 0, to: output))
  }

  /// A factor and a shift of each channel, scale·x + shift.
  public static func affine(
    scales: [Double], shifts: [Double], activation: Activation, input: CodeGrid, output: CodeGrid,
    leakySlope: Double
  ) -> IntegerOperation {
    let steps = zip(scales, shifts).map { scale, shift in
      max(abs(scale) * input.step / 0x1p14, abs(shift) / 0x1p30, 0x1p-100)
    }
    func whole(_ values: [Double]) -> [Int] {
      zip(values, steps).map { Int(($0 / $1).rounded(.toNearestOrEven)) }
    }
    return .affine(
      weights: whole(scales.map { $0 * input.step }), biases: whole(shifts),
      Requantization(steps: steps, activation: activation, leakySlope: leakySlope, to: output))
  }
}

extension ConvolutionSpec {
  /// The convolution without its blur, which takes the strides.
  fileprivate var beforeBlur: ConvolutionSpec {
    guard blur != nil else { return self }
    var spec = self
    (spec.antialiasing, spec.strideX, spec.strideY) = (0, 1, 1)
    return spec
  }
}

extension Int {
  /// The largest power of two that is not above a number from 1 on.
  fileprivate var powerOfTwoBelow: Int { 1 << (Int.bitWidth - 1 - leadingZeroBitCount) }
}
