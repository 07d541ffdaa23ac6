import Darknet
import Networks
import Torch

/// The grid of one group of tensors while a network trains on it: of ranges that are observed, or
/// of what learns. The range of the network's input is known.
///
/// It belongs to the layer that makes the first tensor of the group; the others share it.
final class ActivationRange {
  /// Place in ``QuantizationPlan/groups``.
  let group: Int
  /// Index of the layer that owns it.
  let owner: Int
  private let scheme: QuantizationScheme
  private let bits: Int
  private let isNeverNegative: Bool
  private let isSymmetric: Bool
  private let powers: QuantizationOptions.Powers
  private let clock: QuantizationClock
  private let firstSteps: QuantizationCourse.FirstSteps
  /// By producer, running means of the least and the greatest values, `[producers]`.
  private let low, high: Parameter?
  /// A step, a threshold or a bound that learns, `[]`.
  private let learned: Parameter?
  /// LSQ+'s β, `[]`.
  private let offset: Parameter?
  /// The ends of the network's input, `[2]`, where that is in the group: its first producer.
  private var input: Tensor?
  /// By producer, whether values were seen: 0 before, a half where all of them were zero, which is
  /// no beginning for a step that learns; in averages anything up to 1.
  private let seen: Parameter
  private var allSeen = false

  /// Shares of a range that are tried for a first step, which learns from there on.
  static let shares = 25
  /// Share of a batch in the running means, as in the earlier Python programs.
  static let momentum = 0.1
  private static let steps = ParameterGroup("quantization steps")

  init(
    _ group: QuantizationPlan.Group, at place: Int, _ options: QuantizationOptions,
    _ firstSteps: QuantizationCourse.FirstSteps, _ clock: QuantizationClock,
    input scale: InputScale
  ) throws {
    self.group = place
    owner = max(group.producers[0], 0)
    (scheme, bits) = (options.scheme, group.bits)
    isNeverNegative = group.isNeverNegative(scale)
    isSymmetric = !options.hasZeroPoints
    powers = options.powers ?? .nearest
    (self.firstSteps, self.clock) = (firstSteps, clock)
    let count = group.producers.count
    let name = "quantization.\(group.producers[0] < 0 ? "input" : "\(group.producers[0])")"
    seen = try Parameter("\(name).seen", .statistics, .zeros([count]))
    input = group.producers[0] < 0 ? try scale.ends : nil
    guard !group.isInput else {
      (learned, offset, low, high) = (nil, nil, nil, nil)
      return
    }
    switch options.scheme {
    case .lsq, .lsqPlus, .tpsq, .pact:
      learned = try Parameter("\(name).step", Self.steps, .ones([]))
      offset =
        options.scheme == .lsqPlus
        ? try Parameter("\(name).offset", Self.steps, .zeros([])) : nil
      (low, high) = (nil, nil)
    case .google, .dorefa, .pow2, .ternary, .binary:
      (learned, offset) = (nil, nil)
      low = try Parameter("\(name).low", .statistics, .zeros([count]))
      high = try Parameter("\(name).high", .statistics, .zeros([count]))
    }
  }

  private init(copying other: ActivationRange) throws {
    (group, owner, scheme) = (other.group, other.owner, other.scheme)
    (bits, isNeverNegative) = (other.bits, other.isNeverNegative)
    (isSymmetric, powers) = (other.isSymmetric, other.powers)
    (firstSteps, clock) = (other.firstSteps, other.clock)
    (low, high) = (try other.low?.copy(), try other.high?.copy())
    (learned, offset) = (try other.learned?.copy(), try other.offset?.copy())
    (input, seen) = (other.input, try other.seen.copy())
  }

  func copy() throws -> ActivationRange { try ActivationRange(copying: self) }

  var parameters: [Parameter] { [seen, low, high, learned, offset].compactMap(\.self) }

  /// Takes a batch of a producer's values into account.
  ///
  /// - Parameter place: of the producer among those of the group.
  func observe(_ x: Tensor, from place: Int) throws {
    try withoutGrad {
      let x = try place == 0 ? input(on: x.device) ?? x.detach() : x.detach()
      let known = try allSeen ? 1 : seen.value.select(dim: 0, index: place).item()
      if let low, let high {
        let ends = [(low, try x.amin()), (high, try x.amax())]
        for (mean, value) in ends {
          _ = try mean.value.select(dim: 0, index: place)
            .lerpInPlace(value.to(.float32), weight: known > 0 ? Self.momentum : 1)
        }
      }
      if let learned, known == 1,
        try clock.floors.grown(learned, reach: { try x.largestMagnitude() }) != nil
      {
        try begin(x, isFirstOfAll: false)
      }
      guard !allSeen else { return }
      if known < 1 {
        let reach = try learned == nil ? 1 : x.largestMagnitude().item()
        let isEmpty = reach == 0
        if !isEmpty { try begin(x, isFirstOfAll: seen.value.amax().item() < 1) }
        // What was zero may only have begun to grow.
        if let learned, known > 0, !isEmpty { clock.floors.follow(learned, from: [Float(reach)]) }
        _ = try seen.value.select(dim: 0, index: place).fillInPlace(isEmpty ? 0.5 : 1)
      }
      allSeen = try seen.value.amin().item() == 1
    }
  }

  /// The first value of what learns: of several producers it reaches as far as any.
  private func begin(_ x: Tensor, isFirstOfAll: Bool) throws {
    guard let present = try learned?.value.detach() else { return }
    let codes = try codes(bits: bits)
    var (low, high) = (try x.amin().clamped(max: 0), try x.amax().clamped(min: 0))
    if firstSteps == .squaredError {
      let share = try leastSquares(x.sampled(), count: Self.shares) { share in
        try scheme == .lsqPlus
          ? .affine(minimum: low * share, maximum: high * share, range: codes)
          : grid(largest: low.abs().maximum(high) * share, codes)
      }
      (low, high) = (try low * share, try high * share)
    }
    let largest = try (-low).maximum(high)
    var first: Tensor
    switch (scheme, firstSteps) {
    case (.lsqPlus, _):
      guard let offset = try offset?.value.detach() else { return }
      let intervals = Double(codes.intervals)
      if !isFirstOfAll {
        (low, high) = (try low.minimum(offset), try high.maximum(offset + present * intervals))
      }
      _ = try offset.copyInPlace(low)
      first = try (high - low) / intervals
    case (.lsq, .paper): first = try LearnedStepQuantizer.firstStep(for: x, range: codes)
    case (.lsq, .squaredError): first = try largest / Double(codes.highest)
    default: first = largest
    }
    first = try first.clamped(min: QuantizationGrid.smallestStep)
    _ = try present.copyInPlace(
      isFirstOfAll || scheme == .lsqPlus ? first : first.maximum(present))
    if let learned { try clock.floors.begin(learned) }
  }

  private func grid(largest: Tensor, _ codes: CodeRange) throws -> QuantizationGrid {
    scheme.hasPowersOfTwo
      ? try .powerOfTwo(largest: largest, bits: codes.bits, powers: powers)
      : try .symmetric(largest: largest, range: codes)
  }

  private func codes(bits: Int) throws -> CodeRange {
    switch scheme {
    case .pow2, .tpsq: try .signed(bits: bits)
    case .lsqPlus: try .unsigned(bits: bits)
    case .lsq, .pact, .google, .dorefa, .ternary, .binary:
      !isSymmetric || isNeverNegative ? try .unsigned(bits: bits) : try .narrow(bits: bits)
    }
  }

  /// Puts values on the grid of the moment; nil before any were seen.
  ///
  /// - Parameters:
  ///   - elements: that share the step, of which LSQ makes its gradient's size.
  ///   - isTraining: whether bits are those of the moment, not those that are asked for.
  func quantizer(elements: Int = 1, isTraining: Bool = false) throws -> (any Quantizer)? {
    guard try isSeen else { return nil }
    let bits = isTraining ? max(self.bits, clock.stage?.activations ?? 0) : self.bits
    let codes = try codes(bits: bits)
    if let learned {
      let scale = LearnedStepQuantizer.gradientScale(elements: elements, range: codes)
      switch scheme {
      case .tpsq:
        return try TrainedPowerOfTwoQuantizer(
          threshold: learned.value, bits: bits, gradientScale: scale)
      case .pact:
        return try ClippedQuantizer(
          bound: learned.value, bits: bits, isSigned: !isNeverNegative)
      default:
        return LearnedStepQuantizer(
          step: try learned.value.over(codes, from: self.codes(bits: self.bits)),
          offset: offset?.value, range: codes, gradientScale: scale)
      }
    }
    let input = try input(on: seen.value.device)
    guard let low = low?.value ?? input, let high = high?.value ?? input else { return nil }
    return try withoutGrad {
      let (least, greatest) = (try low.amin(), try high.amax())
      let largest = try (-least).maximum(greatest).clamped(min: 0)
      return UniformQuantizer(
        scheme.hasPowersOfTwo || isSymmetric
          ? try grid(largest: largest, codes)
          : try .affine(minimum: least, maximum: greatest, range: codes))
    }
  }

  private func input(on device: Device) throws -> Tensor? {
    if let input, input.device != device { self.input = try input.to(device) }
    return input
  }

  private var isSeen: Bool {
    get throws { try allSeen || seen.value.amax().item() > 0 }
  }

  /// The grid of the moment; nil before any values were seen.
  var grid: QuantizationGrid? {
    get throws {
      try withoutGrad {
        try quantizer()?.encoded(.zeros([1], device: seen.value.device)).grid
      }
    }
  }
}

extension Tensor {
  /// A step for the codes of a range as it is for those of fewer bits, so that it reaches as far.
  func over(_ codes: CodeRange, from fewer: CodeRange) throws -> Tensor {
    guard codes != fewer else { return self }
    return try self * (Double(fewer.highest) / Double(codes.highest))
  }

  /// About 16,384 of the values, spread evenly; all of fewer.
  fileprivate func sampled() throws -> Tensor {
    let all = try reshaped([-1])
    let stride = all.count / 16_384
    return stride > 1 ? try all.slice(dim: 0, 0..<all.count, step: stride) : all
  }
}
