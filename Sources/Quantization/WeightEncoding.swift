import Torch

/// How the weights and biases of a folded convolution come to their codes.
struct WeightEncoding {
  let options: QuantizationOptions
  /// Of the weights.
  let bits: Int

  var axis: Int? { options.isPerChannel ? 0 : nil }

  /// Codes of a kernel.
  ///
  /// - Parameter smallestStep: `[]` or `[out]`; see ``smallestStep(bias:inputStep:)``.
  func weights(_ kernel: Tensor, smallestStep: Tensor? = nil) throws -> EncodedTensor {
    try quantizer(kernel, smallestStep: smallestStep).encoded(kernel)
  }

  /// What puts a kernel on its codes where nothing about them learns.
  func quantizer(_ kernel: Tensor, smallestStep: Tensor? = nil) throws -> any Quantizer {
    func held(_ quantizer: any Quantizer) -> any Quantizer {
      smallestStep.map { HeldQuantizer(inner: quantizer, smallestStep: $0) } ?? quantizer
    }
    switch (options.scheme, bits) {
    case (.dorefa, _): return held(try DoReFaWeightQuantizer(bits: bits))
    case (.binary, 1): return held(BinaryWeightQuantizer(axis: axis))
    case (.ternary, 2): return held(TernaryWeightQuantizer(axis: axis))
    default: break
    }
    var largest = try kernel.largestMagnitude(along: axis)
    if options.weightRange == .squaredError {
      largest = try leastSquares(kernel, within: largest)
    }
    return UniformQuantizer(try grid(largest).held(above: smallestStep))
  }

  private func grid(_ largest: Tensor) throws -> QuantizationGrid {
    options.scheme.hasPowersOfTwo
      ? try .powerOfTwo(
        largest: largest, bits: bits, axis: axis, powers: options.powers ?? .nearest)
      : try .symmetric(largest: largest, range: .narrow(bits: bits), axis: axis)
  }

  /// The largest magnitude of the least squared error, of so many shares of what there is.
  func leastSquares(
    _ kernel: Tensor, within largest: Tensor, count: Int = 100
  ) throws -> Tensor {
    try largest
      * Quantization.leastSquares(kernel, along: axis, count: count) { try grid(largest * $0) }
  }

  /// Where a step or a threshold begins that learns; nil where the scheme's do not.
  func firstStep(
    for kernel: Tensor, _ rule: QuantizationCourse.FirstSteps
  ) throws -> Tensor? {
    func largest() throws -> Tensor {
      let all = try kernel.largestMagnitude(along: axis)
      return rule == .paper
        ? all : try leastSquares(kernel, within: all, count: ActivationRange.shares)
    }
    let first: Tensor
    switch (options.scheme, rule) {
    case (.lsq, .paper), (.lsqPlus, .paper):
      first = try LearnedStepQuantizer.firstStep(
        for: kernel, range: .narrow(bits: bits), axis: axis)
    case (.lsq, .squaredError), (.lsqPlus, .squaredError):
      first = try largest() / Double(CodeRange.narrow(bits: bits).highest)
    case (.tpsq, _): first = try largest()
    default: return nil
    }
    return try first.clamped(min: QuantizationGrid.smallestStep)
  }

  /// Codes of a bias: on the grid of the products, input step × weight step, as integer arithmetic
  /// adds them up; of powers of two on a grid of its own, of as many bits as the weights.
  ///
  /// - Returns: nil where 32 bits cannot hold it, so that it stays float.
  func bias(
    _ bias: Tensor, weights: QuantizationGrid, inputStep: Tensor
  ) throws -> EncodedTensor? {
    let encoded = try unlimitedBias(bias, weights: weights, inputStep: inputStep)
    if options.scheme.hasPowersOfTwo { return encoded }
    let largest = try encoded.codes.largestMagnitude().item()
    return largest <= Double(CodeRange.sums.highest) ? encoded : nil
  }

  /// The values that a bias has by ``bias(_:weights:inputStep:)``, or its own where it stays float:
  /// chosen where the numbers are, so that a training step waits for no processor.
  func biasValues(
    _ bias: Tensor, weights: QuantizationGrid, inputStep: Tensor
  ) throws -> Tensor {
    let encoded = try unlimitedBias(bias, weights: weights, inputStep: inputStep)
    if options.scheme.hasPowersOfTwo { return try encoded.values }
    let fits = try encoded.codes.largestMagnitude() .<= Double(CodeRange.sums.highest)
    return try Tensor.select(where: fits, encoded.values, bias)
  }

  /// Codes of a bias, as many bits as they may take.
  private func unlimitedBias(
    _ bias: Tensor, weights: QuantizationGrid, inputStep: Tensor
  ) throws -> EncodedTensor {
    if options.scheme.hasPowersOfTwo {
      let grid = try QuantizationGrid.powerOfTwo(
        largest: bias.largestMagnitude(), bits: bits, powers: options.powers ?? .nearest)
      return EncodedTensor(try grid.codes(of: bias), grid)
    }
    let grid = QuantizationGrid(
      step: try weights.step * inputStep, range: .sums, axis: weights.axis == nil ? nil : 0)
    return EncodedTensor(try grid.unlimitedCodes(of: bias), grid)
  }

  /// The step below which the bias would not fit into 32 bits on the grid of the products. Weights
  /// that are so small beside their bias change nothing, as those of channels that training has shut.
  ///
  /// - Parameter inputStep: of what the kernel reads; of several layers' inputs the smallest.
  func smallestStep(bias: Tensor, inputStep: Tensor) throws -> Tensor {
    let each = try bias.abs() / (inputStep * Double(CodeRange.sums.highest / 2))
    let step = try axis == nil ? each.amax() : each
    return try options.scheme.hasPowersOfTwo ? step.leastPowerOfTwo() : step
  }
}

/// Values of another quantizer, whose steps are nowhere below others.
private struct HeldQuantizer: Quantizer {
  let inner: any Quantizer
  let smallestStep: Tensor

  func encoded(_ x: Tensor) throws -> EncodedTensor {
    try inner.encoded(x).held(above: smallestStep)
  }

  func surrogate(_ x: Tensor) throws -> Tensor { try inner.surrogate(x) }
}
