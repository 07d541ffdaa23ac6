import Torch

/// LSQ and LSQ+: a step, and an offset where there is one, that learn by the gradients of the
/// rounding error (Esser and others, arXiv 1902.08153; Bhalgat and others, arXiv 2004.09576;
/// docs/formulas.md 10.4).
public struct LearnedStepQuantizer: Quantizer {
  /// The step, `[]` or `[C]`.
  public let step: Tensor
  /// β, the value of the code 0, of the step's shape; nil for LSQ. It is taken at the nearest
  /// multiple of the step, so that the value 0 is on the grid.
  public let offset: Tensor?
  /// The codes.
  public let range: CodeRange
  /// The dimension that the step runs along.
  public let axis: Int?
  /// What the gradients of step and offset are multiplied by.
  public let gradientScale: Double
  /// What the step is held above, `[]` or `[C]`; nil where that is zero alone.
  public let smallestStep: Tensor?

  /// A quantizer by a step.
  ///
  /// - Parameter gradientScale: 1 / √(elements of a step · last code) in the papers, see
  ///   ``gradientScale(elements:range:)``.
  public init(
    step: Tensor, offset: Tensor? = nil, range: CodeRange, axis: Int? = nil,
    gradientScale: Double = 1, smallestStep: Tensor? = nil
  ) {
    (self.step, self.offset, self.range, self.axis) = (step, offset, range, axis)
    (self.gradientScale, self.smallestStep) = (gradientScale, smallestStep)
  }

  /// 1 / √(N · Q), with N the elements that share a step and Q the last code.
  public static func gradientScale(elements: Int, range: CodeRange) -> Double {
    1 / (Double(elements) * Double(range.highest)).squareRoot()
  }

  /// The step to begin with: 2·mean|x| / √Q, over all or over each slice.
  public static func firstStep(for x: Tensor, range: CodeRange, axis: Int? = nil) throws -> Tensor {
    let mean = try x.detach().abs().mean(along: axis)
    return try (mean * (2 / Double(range.highest).squareRoot()))
      .clamped(min: QuantizationGrid.smallestStep)
  }

  /// The nearest codes, with the step and the offset of the moment.
  public func encoded(_ x: Tensor) throws -> EncodedTensor {
    let grid = try grid()
    return EncodedTensor(try grid.codes(of: x), grid)
  }

  private func grid() throws -> QuantizationGrid {
    try withoutGrad {
      let step = try heldStep.detach()
      let zero = try offset.map { offset in
        try (-(offset.detach() / step)).rounded()
          .clamped(min: Double(range.lowest), max: Double(range.highest))
      }
      return QuantizationGrid(step: step, zero: zero, range: range, axis: axis)
    }
  }

  /// The step, held above zero and what it must not be below; its gradient stays.
  private var heldStep: Tensor {
    get throws {
      let held = try step.clamped(min: QuantizationGrid.smallestStep)
      return try (smallestStep.map { try held.maximum($0) } ?? held).withGradient(of: step)
    }
  }

  /// r·s + β with r = round(clip((x − β) / s)), rounded straight through: differentiating it gives
  /// the papers' formulas.
  public func surrogate(_ x: Tensor) throws -> Tensor {
    let grid = try grid()
    let s = try grid.spread(heldStep.withGradient(times: gradientScale), over: x.rank)
    var shift: Tensor?
    if let offset, let zero = grid.zero {
      let snapped = try (-(zero * grid.step)).withGradient(of: offset)
      shift = try grid.spread(snapped.withGradient(times: gradientScale), over: x.rank)
    }
    let shifted = try shift.map { try x - $0 } ?? x
    let codes = try (shifted / s).clamped(min: Double(range.lowest), max: Double(range.highest))
      .roundedStraightThrough()
    return try shift.map { try codes * s + $0 } ?? codes * s
  }
}

/// TPSQ: a step that learns and is always a power of two (docs/formulas.md 10.4). What it learns is
/// s, and values lie in ±s′, with s′ the power of two that is nearest to s.
public struct TrainedPowerOfTwoQuantizer: Quantizer {
  /// s, `[]` or `[C]`.
  public let threshold: Tensor
  /// −2^(b−1)…2^(b−1)−1.
  public let range: CodeRange
  /// The dimension that `threshold` runs along.
  public let axis: Int?
  /// What the gradient of s is multiplied by.
  public let gradientScale: Double
  /// A power of two that the step is held above, `[]` or `[C]`; nil where that is zero alone.
  public let smallestStep: Tensor?

  /// A quantizer by a threshold that learns.
  public init(
    threshold: Tensor, bits: Int, axis: Int? = nil, gradientScale: Double = 1,
    smallestStep: Tensor? = nil
  ) throws(QuantizationError) {
    range = try .signed(bits: bits)
    (self.threshold, self.axis, self.gradientScale) = (threshold, axis, gradientScale)
    self.smallestStep = smallestStep
  }

  /// The nearest codes on the grid of the moment.
  public func encoded(_ x: Tensor) throws -> EncodedTensor {
    try learnedStep(step).encoded(x)
  }

  /// LSQ's, by the step s′ / 2^(b−1); the search for s′ passes the gradient times s′/s.
  public func surrogate(_ x: Tensor) throws -> Tensor {
    try learnedStep(step).surrogate(x)
  }

  private func learnedStep(_ step: Tensor) -> LearnedStepQuantizer {
    LearnedStepQuantizer(
      step: step, range: range, axis: axis, gradientScale: gradientScale,
      smallestStep: smallestStep)
  }

  private var step: Tensor {
    get throws {
      let s = try threshold.clamped(min: QuantizationGrid.smallestStep).withGradient(of: threshold)
      let power = try s.nearestPowerOfTwo()
      let passed = try power.withGradient(of: s * (power / s.detach()))
      return try passed / Double(-range.lowest)
    }
  }
}
