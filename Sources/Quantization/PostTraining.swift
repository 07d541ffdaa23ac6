import Darknet
import Foundation
import Networks
import Torch

/// Quantizes a trained network by pictures alone: shows it some, takes down what values its layers
/// give, and chooses grids (docs/formulas.md 10.6 and 10.7).
///
/// ```swift
/// let calibration = try PostTraining(network, options: QuantizationOptions())
/// while let images = try next() { try calibration.calibrate(images) }
/// let quantized = try calibration.finished().quantized(network)
/// ```
public final class PostTraining {
  /// What decides the quantization.
  public let options: QuantizationOptions
  /// What is quantized where.
  public let plan: QuantizationPlan
  /// Pictures seen.
  public private(set) var pictures = 0
  /// The float network that is quantized: folded, with its channels evened out where that is asked
  /// for. It gives what the network gave that it was made from.
  public let network: Network
  private let collector: RangeCollector
  private let equalization: Equalization?
  private let reach: ChannelReach
  private var isEqualized = false

  /// Prepares a network; it is not changed.
  ///
  /// - Throws: ``QuantizationError`` when the options do not fit it, or it is quantized already.
  public init(_ network: Network, options: QuantizationOptions) throws {
    guard !network.layers.contains(where: { $0 is QuantizedLayer }) else {
      throw QuantizationError.alreadyQuantized
    }
    var options = options
    if options.powers == nil, options.scheme.hasPowersOfTwo { options.powers = .covering }
    self.options = options
    plan = try QuantizationPlan(network.spec, options)
    self.network = try network.isFolded ? network.copy() : network.folded()
    equalization = options.isEqualized ? Equalization(network.spec, plan, options) : nil
    reach = ChannelReach(of: equalization?.pairs.map(\.first) ?? [])
    collector = try RangeCollector(plan, options)
    // Pictures are bytes, so the input's range is known.
    let scale = network.inputScale
    try collector.add(scale.ends, toGroupOf: -1)
  }

  /// Whether pictures should be shown to ``measureReach(_:)`` before they calibrate.
  public var wantsReach: Bool { equalization.map { !$0.pairs.isEmpty } ?? false }

  /// Takes down how far channels go, so that they can be evened out; before the first
  /// ``calibrate(_:)``, which goes by its own batch where nothing was measured.
  ///
  /// - Parameter images: as in ``calibrate(_:)``.
  public func measureReach(_ images: Tensor) throws {
    precondition(!isEqualized, "channels are evened out before ranges are seen")
    _ = try withoutGrad { try network(images, ForwardPass(observers: [reach])) }
  }

  private func equalize(_ images: Tensor) throws {
    guard let equalization, !isEqualized else { return }
    if wantsReach, reach.isEmpty { try measureReach(images) }
    isEqualized = true
    try equalization.apply(to: network, reach)
  }

  /// Shows a batch of pictures, `[N, channels, height, width]`, values in `0...1`.
  ///
  /// - Throws: ``QuantizationError/notFinite(layer:)`` for the first layer that gives NaN or
  ///   infinity.
  public func calibrate(_ images: Tensor) throws {
    try equalize(images)
    _ = try withoutGrad { try network(images, ForwardPass(observers: [collector])) }
    pictures += images.shape[0]
  }

  /// The values of a tensor that was on a grid: of a layer's output, or −1, the network's input. What
  /// shares a grid is counted together.
  public func histogram(of tensor: Int) -> RangeHistogram? {
    plan.group(of: tensor).map(collector.histogram(ofGroup:))
  }

  /// Chooses the grids.
  ///
  /// - Parameter layerBits: bits of single layers in place of those of the options; they may say how
  ///   many, not that something is float which has codes, for then channels are evened out otherwise.
  /// - Throws: ``QuantizationError/noPictures``.
  public func finished(
    _ layerBits: [Int: QuantizationOptions.LayerBits]? = nil
  ) throws -> QuantizationState {
    guard pictures > 0 else { throw QuantizationError.noPictures }
    var options = options
    if let layerBits { options.layerBits = layerBits }
    let plan = try QuantizationPlan(network.spec, options)
    precondition(
      plan.groups.map(\.tensors) == self.plan.groups.map(\.tensors), "what has codes stays")
    return try withoutGrad {
      let grids = try plan.groups.enumerated().map {
        try collector.grid(
          ofGroup: $0.offset, bits: $0.element.bits,
          isNeverNegative: $0.element.isNeverNegative(network.inputScale))
      }
      let inputSteps = network.layers.indices.map { index in
        network.spec.tensorInputs(ofLayer: index).first.flatMap(plan.group(of:))
          .map { grids[$0].step }
      }
      var kernels: [Int: QuantizationState.Kernel] = [:]
      for (index, layer) in network.layers.enumerated() {
        guard let bits = plan.weightBits[index], let convolution = layer.convolution
        else { continue }
        let uses = network.spec.uses(ofKernel: convolution.spec.shareIndex ?? index)
        kernels[index] = try kernel(
          of: convolution, options, bits: bits, inputStep: inputSteps[index],
          smallestInputStep: inputSteps.smallest(of: uses),
          sharing: convolution.spec.shareIndex.flatMap { kernels[$0] })
      }
      return QuantizationState(options: options, plan: plan, kernels: kernels, grids: grids)
    }
  }

  /// - Parameters:
  ///   - smallestInputStep: of all layers that have these weights.
  ///   - owner: the kernel that this one's weights are those of.
  private func kernel(
    of convolution: Convolution, _ options: QuantizationOptions, bits: Int, inputStep: Tensor?,
    smallestInputStep: Tensor?, sharing owner: QuantizationState.Kernel?
  ) throws -> QuantizationState.Kernel {
    let encoding = WeightEncoding(options: options, bits: bits)
    let inputStep = try inputStep?.to(network.device)
    let bias = try convolution.bias?.detach()
    var smallest: Tensor?
    if let bias, let smallestInputStep {
      smallest = try encoding.smallestStep(
        bias: bias, inputStep: smallestInputStep.to(network.device))
    }
    let weights =
      try owner?.weights
      ?? encoding.weights(convolution.weight.detach(), smallestStep: smallest)
    guard let bias, let inputStep else { return .init(weights: weights, bias: nil) }
    return .init(
      weights: weights,
      bias: try encoding.bias(bias, weights: weights.grid, inputStep: inputStep))
  }
}

/// Takes down what values the tensors of each group have.
private final class RangeCollector: LayerObserver {
  private let plan: QuantizationPlan
  private let options: QuantizationOptions
  private let producers: Set<Int>
  private var histograms: [RangeHistogram]
  private var votes: [PowerOfTwoVote]

  init(_ plan: QuantizationPlan, _ options: QuantizationOptions) throws {
    (self.plan, self.options) = (plan, options)
    producers = Set(plan.groups.flatMap(\.producers))
    histograms = plan.groups.map { _ in RangeHistogram() }
    votes =
      options.activationRange == .cosineVote
      ? try plan.groups.map { try PowerOfTwoVote(bits: $0.bits) } : []
  }

  func watches(_ layer: Int) -> Bool { producers.contains(layer) }

  func observe(_ output: Tensor, ofLayer layer: Int, isTraining: Bool) throws -> Tensor {
    try add(output, toGroupOf: layer)
    return output
  }

  /// Takes down values of a tensor; those of one that is float are left out.
  func add(_ values: Tensor, toGroupOf tensor: Int) throws {
    guard let group = plan.group(of: tensor) else { return }
    try histograms[group].add(values)
    guard !histograms[group].hasNotFinite else {
      throw QuantizationError.notFinite(layer: tensor)
    }
    if !votes.isEmpty { try votes[group].add(values) }
  }

  func histogram(ofGroup group: Int) -> RangeHistogram { histograms[group] }

  /// The grid that the options choose for a group.
  func grid(
    ofGroup group: Int, bits: Int, isNeverNegative: Bool
  ) throws -> QuantizationGrid {
    let histogram = histograms[group]
    if options.scheme.hasPowersOfTwo {
      let powers = options.powers ?? .nearest
      let range = histogram.range(
        by: options.activationRange, powers == .covering ? .powerOfTwo : .symmetric,
        try .signed(bits: bits))
      let voted = votes.isEmpty ? range.largest : exp2(Double(votes[group].winner))
      return try .powerOfTwo(largest: .scalar(voted), bits: bits, powers: powers)
    }
    if options.hasZeroPoints {
      let codes = try CodeRange.unsigned(bits: bits)
      let range = histogram.range(by: options.activationRange, .affine, codes)
      return try .affine(
        minimum: .scalar(range.minimum), maximum: .scalar(range.maximum), range: codes)
    }
    let codes: CodeRange =
      isNeverNegative ? try .unsigned(bits: bits) : try .narrow(bits: bits)
    let range = histogram.range(by: options.activationRange, .symmetric, codes)
    return try .symmetric(largest: .scalar(range.largest), range: codes)
  }
}

extension InputScale {
  /// What the least and the greatest byte of a picture become, `[2]`.
  var ends: Tensor {
    get throws { try Tensor([Float(offset), Float(offset + factor)]) }
  }
}
