import Darknet
import Networks
import Torch

/// How far a training on codes is: shared by all layers of the run.
final class QuantizationClock {
  /// Optimizer steps done.
  var step = 0
  private let freezesFrom: Int

  init(freezesFrom: Int) { self.freezesFrom = freezesFrom }

  /// Whether the statistics of batch normalisation and the ranges that are observed stay as they
  /// are.
  var isFrozen: Bool { step >= freezesFrom }
}

/// A layer that trains while its weights and its output are on grids.
///
/// Batch normalisation is part of the kernel that is put on codes: by the statistics of the batch,
/// later by the running ones. Outside of training nothing is learned, and what runs is the
/// ``QuantizedLayer`` that ``folded(_:)`` makes: judged is what will be used.
final class TrainedLayer: Layer {
  let inner: any Layer
  private let index: Int
  private let options: QuantizationOptions
  private let clock: QuantizationClock
  /// Bits of the weights; nil where these stay float.
  private let weightBits: Int?
  /// The weights' steps or thresholds that learn; of shared weights their owner's.
  let weightStep: Parameter?
  private let ownsStep: Bool
  let ranges: Ranges

  /// Grids around a layer.
  struct Ranges {
    /// Of the network's input, for the layer that reads it.
    var input: ActivationRange?
    /// Of what the layer reads, where that is on a grid: of it a bias takes its step.
    var source: ActivationRange?
    /// Of what it gives, and the layer's place among those that give into the group.
    var output: (range: ActivationRange, place: Int)?
  }

  /// - Parameter owner: the layer whose weights this one uses.
  init(
    _ inner: any Layer, at index: Int, _ options: QuantizationOptions, weightBits: Int?,
    ranges: Ranges, clock: QuantizationClock, sharing owner: TrainedLayer?
  ) throws {
    (self.inner, self.index, self.options) = (inner, index, options)
    (self.weightBits, self.ranges, self.clock) = (weightBits, ranges, clock)
    ownsStep = owner == nil
    weightStep =
      try owner?.weightStep
      ?? inner.convolution.flatMap { convolution in
        try weightBits.flatMap {
          try Self.weightStep(convolution, at: index, options, bits: $0)
        }
      }
  }

  private init(
    copying other: TrainedLayer, _ inner: any Layer, _ earlier: [any Layer]
  ) throws {
    (self.inner, index, options) = (inner, other.index, other.options)
    (weightBits, clock) = (other.weightBits, other.clock)
    ownsStep = other.ownsStep
    if let shared = inner.convolution?.spec.shareIndex, !other.ownsStep {
      weightStep = (earlier[shared] as? TrainedLayer)?.weightStep
    } else {
      weightStep = try other.weightStep?.copy()
    }
    let owned = try other.owned.map { try $0.copy() }
    func copied(_ range: ActivationRange?) -> ActivationRange? {
      guard let range else { return nil }
      let owners =
        owned
        + ((earlier.indices.contains(range.owner)
          ? (earlier[range.owner] as? TrainedLayer)?.owned : nil) ?? [])
      return owners.first { $0.group == range.group }
    }
    ranges = Ranges(
      input: copied(other.ranges.input), source: copied(other.ranges.source),
      output: other.ranges.output.flatMap { output in
        copied(output.range).map { ($0, output.place) }
      })
  }

  /// The first steps of weights, where they learn.
  private static func weightStep(
    _ convolution: Convolution, at index: Int, _ options: QuantizationOptions, bits: Int
  ) throws -> Parameter? {
    let axis = options.isPerChannel ? 0 : nil
    return try withoutGrad {
      let kernel =
        try convolution.normalizes
        ? convolution.foldedKernel(by: convolution.runningStatistics).weight : convolution.weight
      let first: Tensor
      switch options.scheme {
      case .lsq, .lsqPlus:
        first = try LearnedStepQuantizer.firstStep(
          for: kernel, range: .narrow(bits: bits), axis: axis)
      case .tpsq: first = try kernel.detach().largestMagnitude(along: axis)
      default: return nil
      }
      return try Parameter(
        "quantization.\(index).weight.step", ParameterGroup("quantization steps"),
        first.clamped(min: QuantizationGrid.smallestStep).clone())
    }
  }

  var parameters: [ParameterRole: Parameter] { inner.parameters }
  var convolution: Convolution? { inner.convolution }
  var addedParameters: [Parameter] {
    (ownsStep ? [weightStep].compactMap(\.self) : []) + owned.flatMap(\.parameters)
  }

  /// The ranges that belong to this layer.
  var owned: [ActivationRange] {
    var owned: [ActivationRange] = []
    for range in [ranges.input, ranges.output?.range].compactMap(\.self)
    where range.owner == index && !owned.contains(where: { $0 === range }) {
      owned.append(range)
    }
    return owned
  }

  func callAsFunction(_ input: Tensor, _ context: LayerContext) throws -> Tensor {
    var x = input
    if let range = ranges.input { x = try quantized(x, range, place: 0, context) }
    var y: Tensor
    if let convolution, let bits = weightBits {
      let kernel = try kernel(of: convolution, reading: x, context)
      let quantizer = try weightQuantizer(kernel.weight, bits: bits, convolution)
      let weight = try quantizer(kernel.weight)
      let bias = try kernel.bias.map { bias in
        try self.bias(bias, quantizer.encoded(kernel.weight.detach()).grid, bits: bits)
      }
      y = try convolution.activated(
        convolution.convolved(x, weight: weight, bias: bias), context)
    } else {
      y = try inner(x, context)
    }
    if let output = ranges.output {
      y = try quantized(y, output.range, place: output.place, context)
    }
    return y
  }

  private func quantized(
    _ x: Tensor, _ range: ActivationRange, place: Int, _ context: LayerContext
  ) throws -> Tensor {
    if context.training, !clock.isFrozen { try range.observe(x, from: place) }
    guard let quantizer = try range.quantizer(elements: x.count / max(x.shape[0], 1)) else {
      return x
    }
    return try quantizer(x)
  }

  /// Kernel and bias with batch normalisation inside, where there is one.
  private func kernel(
    of convolution: Convolution, reading x: Tensor, _ context: LayerContext
  ) throws -> (weight: Tensor, bias: Tensor?) {
    guard convolution.normalizes else { return (try convolution.weight, convolution.bias) }
    guard context.training, !clock.isFrozen else {
      let statistics = try convolution.runningStatistics
      let folded = try convolution.foldedKernel(by: statistics)
      return (folded.weight, folded.bias)
    }
    let sums = try convolution.convolved(x, weight: convolution.weight, bias: nil)
    // The layer's own normalisation moves the running statistics.
    _ = try withoutGrad { try convolution.normalized(sums.detach(), context) }
    let folded = try convolution.foldedKernel(by: ChannelStatistics(of: sums))
    return (folded.weight, folded.bias)
  }

  private func weightQuantizer(
    _ kernel: Tensor, bits: Int, _ convolution: Convolution
  ) throws -> any Quantizer {
    let encoding = WeightEncoding(options: options, bits: bits)
    guard let weightStep else {
      return try withoutGrad { try encoding.quantizer(kernel.detach()) }
    }
    let scale = try LearnedStepQuantizer.gradientScale(
      elements: kernel.count / max(weightStep.value.count, 1), range: .narrow(bits: bits))
    if options.scheme == .tpsq {
      return try TrainedPowerOfTwoQuantizer(
        threshold: weightStep.value, bits: bits, axis: encoding.axis, gradientScale: scale)
    }
    return LearnedStepQuantizer(
      step: weightStep.value, range: try .narrow(bits: bits), axis: encoding.axis,
      gradientScale: scale)
  }

  /// A bias on its codes, straight through; float where there is no grid to put it on.
  private func bias(_ bias: Tensor, _ weights: QuantizationGrid, bits: Int) throws -> Tensor {
    let values = try withoutGrad {
      try encodedBias(bias.detach(), weights, bits: bits)?.values
    }
    return try values?.withGradient(of: bias) ?? bias
  }

  private func encodedBias(
    _ bias: Tensor, _ weights: QuantizationGrid, bits: Int
  ) throws -> EncodedTensor? {
    guard let step = try ranges.source?.grid?.step else { return nil }
    return try WeightEncoding(options: options, bits: bits)
      .bias(bias, weights: weights, inputStep: step)
  }

  func copy(_ earlier: [any Layer]) throws -> any Layer {
    try TrainedLayer(copying: self, inner.copy(earlier), earlier)
  }

  /// The layer as it will be used.
  func folded(_ earlier: [any Layer]) throws -> any Layer {
    try withoutGrad {
      let folded = try inner.folded(earlier)
      return try QuantizedLayer(
        folded, at: index, kernel: codes(of: folded), input: ranges.input?.grid,
        output: ranges.output?.range.grid)
    }
  }

  /// Codes of the folded layer's kernel; nil where it stays float.
  func codes(of folded: any Layer) throws -> QuantizationState.Kernel? {
    guard let convolution = folded.convolution, let bits = weightBits else { return nil }
    let kernel = try convolution.weight.detach()
    let weights = try weightQuantizer(kernel, bits: bits, convolution).encoded(kernel)
    return .init(
      weights: weights,
      bias: try convolution.bias.flatMap {
        try encodedBias($0.detach(), weights.grid, bits: bits)
      })
  }
}
