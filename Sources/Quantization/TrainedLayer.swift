import Darknet
import Networks
import Torch

/// A layer that trains while its weights and its output are on grids.
///
/// Batch normalisation is part of the kernel that is put on codes: by the statistics of the batch,
/// later by the running ones. Outside of training nothing is learned, and what runs is the
/// ``QuantizedLayer`` that ``folded(_:)`` makes: judged is what will be used.
final class TrainedLayer: Layer {
  let inner: any Layer
  let index: Int
  private let options: QuantizationOptions
  private let firstSteps: QuantizationCourse.FirstSteps
  private let clock: QuantizationClock
  /// Bits of the weights; nil where these stay float.
  let weightBits: Int?
  /// The weights' steps or thresholds that learn; of shared weights their owner's.
  let weightStep: Parameter?
  /// The layer whose weights this one uses; nil where they are its own.
  private let owner: TrainedLayer?
  /// What the layers read that have these weights, in their owner.
  private var sharedSources: [ActivationRange] = []
  let ranges: Ranges
  /// What takes back what rounding did, where the course asks for that.
  let correction: OutputCorrection?
  private let spec: LayerSpec
  private let scale: InputScale

  /// Grids around a layer.
  struct Ranges {
    /// Of the network's input, for the layer that reads it.
    var input: ActivationRange?
    /// Of what the layer reads, the layer before it first; nil for what is float. Of the first a bias
    /// takes its step.
    var sources: [ActivationRange?]
    /// Of what it gives, and the layer's place among those that give into the group.
    var output: (range: ActivationRange, place: Int)?
  }

  /// - Parameters:
  ///   - network: the network that the layer is of.
  ///   - owner: the layer whose weights this one uses.
  init(
    _ inner: any Layer, at index: Int, of network: Network, _ options: QuantizationOptions,
    _ course: QuantizationCourse, weightBits: Int?, ranges: Ranges, clock: QuantizationClock,
    sharing owner: TrainedLayer?
  ) throws {
    (self.inner, self.index, self.options) = (inner, index, options)
    (spec, scale) = (network.spec.layers[index], network.inputScale)
    (self.weightBits, self.ranges, self.clock) = (weightBits, ranges, clock)
    firstSteps = course.firstSteps
    self.owner = owner
    weightStep =
      try owner?.weightStep
      ?? inner.convolution.flatMap { convolution in
        try weightBits.flatMap {
          try Self.weightStep(convolution, at: index, options, course.firstSteps, bits: $0)
        }
      }
    let isCorrected = weightBits != nil && (course.reestimates || course.correctedEpochs > 0)
    correction = try (isCorrected ? inner.convolution : nil).map {
      try OutputCorrection(of: $0, at: index, options)
    }
    if owner == nil, let weightStep { try begin(weightStep) }
    tellOwner()
  }

  /// Lets the weights' step begin; those of channels that are zero go on to.
  private func begin(_ step: Parameter) throws {
    try clock.floors.begin(step)
    guard let convolution, let bits = weightBits else { return }
    let axis = WeightEncoding(options: options, bits: bits).axis
    let reach = try withoutGrad {
      try Self.startKernel(convolution).largestMagnitude(along: axis).toFloats()
    }
    guard reach.contains(0) else { return }
    clock.floors.follow(step, from: reach.map { $0 == 0 ? 0 : .greatestFiniteMagnitude })
  }

  private init(
    copying other: TrainedLayer, _ inner: any Layer, _ earlier: [any Layer]
  ) throws {
    (self.inner, index, options) = (inner, other.index, other.options)
    (weightBits, firstSteps, clock) = (other.weightBits, other.firstSteps, other.clock)
    (spec, scale) = (other.spec, other.scale)
    owner = other.owner.flatMap { earlier[$0.index] as? TrainedLayer }
    weightStep = try owner?.weightStep ?? other.weightStep?.copy()
    correction = try other.correction?.copy()
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
      input: copied(other.ranges.input), sources: other.ranges.sources.map(copied),
      output: other.ranges.output.flatMap { output in
        copied(output.range).map { ($0, output.place) }
      })
    tellOwner()
  }

  /// Tells who owns the weights what this layer reads.
  private func tellOwner() {
    guard let source = ranges.sources.first?.flatMap(\.self) else { return }
    (owner ?? self).sharedSources.append(source)
  }

  /// The first steps of weights, where they learn.
  private static func weightStep(
    _ convolution: Convolution, at index: Int, _ options: QuantizationOptions,
    _ firstSteps: QuantizationCourse.FirstSteps, bits: Int
  ) throws -> Parameter? {
    let encoding = WeightEncoding(options: options, bits: bits)
    let first = try withoutGrad {
      try encoding.firstStep(for: startKernel(convolution), firstSteps)
    }
    return try first.map {
      try Parameter(
        "quantization.\(index).weight.step", ParameterGroup("quantization steps"), $0.clone())
    }
  }

  /// The kernel that a run begins with, folded where there is batch normalisation.
  private static func startKernel(_ convolution: Convolution) throws -> Tensor {
    try convolution.normalizes
      ? convolution.foldedKernel(by: convolution.runningStatistics).weight.detach()
      : convolution.weight.detach()
  }

  /// Lets the step begin anew where the kernel was zero and grows.
  private func followGrowth(_ kernel: Tensor) throws {
    guard owner == nil, let weightStep, let bits = weightBits else { return }
    let encoding = WeightEncoding(options: options, bits: bits)
    let (kernel, present) = (try kernel.detach(), try weightStep.value.detach())
    guard
      let hasGrown = try clock.floors.grown(
        weightStep, reach: { try kernel.largestMagnitude(along: encoding.axis) }),
      let first = try withoutGrad({ try encoding.firstStep(for: kernel, firstSteps) })
    else { return }
    try withoutGrad {
      _ = try present.copyInPlace(
        .select(where: hasGrown, first.maximum(present), present))
    }
    try clock.floors.begin(weightStep, where: hasGrown)
  }

  var parameters: [ParameterRole: Parameter] { inner.parameters }
  var convolution: Convolution? { inner.convolution }
  var addedParameters: [Parameter] {
    (owner == nil ? [weightStep].compactMap(\.self) : []) + owned.flatMap(\.parameters)
      + (correction?.parameters ?? [])
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
      y = try convolution.activated(sums(x, of: convolution, bits: bits, context), context)
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
    let elements = x.count / max(x.shape[0], 1)
    guard
      let quantizer = try range.quantizer(elements: elements, isTraining: context.training)
    else { return x }
    return try quantizer(x)
  }

  /// What the convolution makes of its codes, before the activation.
  private func sums(
    _ x: Tensor, of convolution: Convolution, bits: Int, _ context: LayerContext
  ) throws -> Tensor {
    let kernel = try kernel(of: convolution, reading: x, context)
    if clock.isSettled {
      let codes = try weightQuantizer(kernel, bits: bits).encoded(kernel.weight.detach())
      if clock.isReestimating, context.training, let correction, let bias = kernel.bias,
        convolution.normalizes
      {
        let sums = try convolution.convolved(x, weight: codes.values, bias: nil)
        return try correction.normalized(sums, bias: bias, of: convolution)
      }
      let (weights, bias) = try corrected(codes, kernel.bias, bits: bits)
      return try convolution.convolved(
        x, weight: weights.values,
        bias: bias.map { try self.bias($0, weights.grid, bits: bits) })
    }
    if context.training { try followGrowth(kernel.weight) }
    let now = context.training ? max(bits, clock.stage?.weights ?? 0) : bits
    let quantizer = try weightQuantizer(kernel, bits: now)
    let weight = try quantizer(kernel.weight)
    let bias = try kernel.bias.map { bias in
      try self.bias(bias, quantizer.encoded(kernel.weight.detach()).grid, bits: now)
    }
    return try convolution.convolved(x, weight: weight, bias: bias)
  }

  /// Σ (code's value − w)² over the folded kernel's weights that are within its grid: their pull
  /// towards the middles of their codes (docs/formulas.md 10.12). Nil where there are no codes.
  func distanceToCodes() throws -> Tensor? {
    guard let convolution, let bits = weightBits, owner == nil else { return nil }
    let kernel: Kernel =
      try convolution.normalizes
      ? convolution.foldedKernel(by: convolution.runningStatistics)
      : (convolution.weight, convolution.bias)
    let codes = try withoutGrad {
      try weightQuantizer(kernel, bits: bits).encoded(kernel.weight.detach())
    }
    return try codes.distance(to: kernel.weight)
  }

  private typealias Kernel = (weight: Tensor, bias: Tensor?)

  /// Share of the running variance below which that of a batch folds no kernel. A channel that is
  /// the same all over the batch would have its weights multiplied by up to 1 / √ε, and what rounding
  /// did to them and to what they read, layer after layer.
  private static let leastVariance = 1.0 / 4

  /// Kernel and bias with batch normalisation inside, where there is one.
  private func kernel(
    of convolution: Convolution, reading x: Tensor, _ context: LayerContext
  ) throws -> Kernel {
    guard convolution.normalizes else { return (try convolution.weight, convolution.bias) }
    let statistics = try convolution.runningStatistics
    guard context.training, !clock.isFrozen else {
      let folded = try convolution.foldedKernel(by: statistics)
      return (folded.weight, folded.bias)
    }
    let sums = try convolution.convolved(x, weight: convolution.weight, bias: nil)
    // The layer's own normalisation moves the running statistics.
    _ = try withoutGrad { try convolution.normalized(sums.detach(), context) }
    let folded = try convolution.foldedKernel(
      by: ChannelStatistics(of: sums).held(above: Self.leastVariance, of: statistics))
    return (folded.weight, folded.bias)
  }

  private func weightQuantizer(_ kernel: Kernel, bits: Int) throws -> any Quantizer {
    let encoding = WeightEncoding(options: options, bits: bits)
    let smallest = try smallestStep(kernel.bias, bits: bits)
    guard let weightStep else {
      return try withoutGrad {
        try encoding.quantizer(kernel.weight.detach(), smallestStep: smallest)
      }
    }
    let range = try CodeRange.narrow(bits: bits)
    let scale = LearnedStepQuantizer.gradientScale(
      elements: kernel.weight.count / max(weightStep.value.count, 1), range: range)
    if options.scheme == .tpsq {
      return try TrainedPowerOfTwoQuantizer(
        threshold: weightStep.value, bits: bits, axis: encoding.axis, gradientScale: scale,
        smallestStep: smallest)
    }
    let step = try weightStep.value.over(range, from: .narrow(bits: weightBits ?? bits))
    return LearnedStepQuantizer(
      step: step, range: range, axis: encoding.axis, gradientScale: scale, smallestStep: smallest)
  }

  /// The step of the weights below which the bias would not fit; nil where there is none. All who use
  /// the weights have the same.
  private func smallestStep(_ bias: Tensor?, bits: Int) throws -> Tensor? {
    guard let bias else { return nil }
    return try withoutGrad {
      let sources = (owner ?? self).sharedSources
      guard let step = try sources.map({ try $0.grid?.step }).smallest(of: sources.indices)
      else { return nil }
      return try WeightEncoding(options: options, bits: bits)
        .smallestStep(bias: bias.detach(), inputStep: step)
    }
  }

  /// Weights and bias as they are corrected, where they are; the bias fits then too.
  private func corrected(
    _ weights: EncodedTensor, _ bias: Tensor?, bits: Int
  ) throws -> (weights: EncodedTensor, bias: Tensor?) {
    guard let correction else { return (weights, bias) }
    let bias = try correction.corrected(bias)
    let corrected = EncodedTensor(weights.codes, try correction.corrected(weights.grid))
    // A power of two would double, and half of the codes with it; what it has to spare is enough.
    guard !options.scheme.hasPowersOfTwo else { return (corrected, bias) }
    return (try corrected.held(above: smallestStep(bias, bits: bits)), bias)
  }

  /// A bias on its codes, straight through; float where there is no grid to put it on.
  private func bias(_ bias: Tensor, _ weights: QuantizationGrid, bits: Int) throws -> Tensor {
    guard let step = try ranges.sources.first??.grid?.step else { return bias }
    return try withoutGrad {
      try WeightEncoding(options: options, bits: bits)
        .biasValues(bias.detach(), weights: weights, inputStep: step)
    }.withGradient(of: bias)
  }

  private func encodedBias(
    _ bias: Tensor, _ weights: QuantizationGrid, bits: Int
  ) throws -> EncodedTensor? {
    guard let step = try ranges.sources.first??.grid?.step else { return nil }
    return try WeightEncoding(options: options, bits: bits)
      .bias(bias, weights: weights, inputStep: step)
  }

  func copy(_ earlier: [any Layer]) throws -> any Layer {
    try TrainedLayer(copying: self, inner.copy(earlier), earlier)
  }

  /// The layer as it will be used; before the first step, the float one that it begins as.
  func folded(_ earlier: [any Layer]) throws -> any Layer {
    try withoutGrad {
      let folded = try inner.folded(earlier)
      guard clock.step > 0 else { return folded }
      return try QuantizedLayer(
        folded,
        .init(
          index: index, spec: spec, scale: scale, inputs: ranges.sources.map { try $0?.grid },
          output: ranges.output?.range.grid),
        kernel: codes(of: folded))
    }
  }

  /// Codes of the folded layer's kernel; nil where it stays float.
  func codes(of folded: any Layer) throws -> QuantizationState.Kernel? {
    guard let convolution = folded.convolution, let bits = weightBits else { return nil }
    let kernel = try convolution.weight.detach()
    let codes = try weightQuantizer((kernel, convolution.bias), bits: bits).encoded(kernel)
    guard clock.isSettled, correction != nil else {
      return .init(
        weights: codes,
        bias: try convolution.bias.flatMap {
          try encodedBias($0.detach(), codes.grid, bits: bits)
        })
    }
    let (weights, bias) = try corrected(codes, convolution.bias, bits: bits)
    return .init(
      weights: weights, bias: try bias.flatMap { try encodedBias($0, weights.grid, bits: bits) })
  }
}

extension ChannelStatistics {
  /// The same with variances that are nowhere below a share of others.
  fileprivate func held(above share: Double, of others: ChannelStatistics) throws -> Self {
    try Self(mean: mean, variance: variance.maximum(others.variance.detach() * share))
  }
}
