import Networks
import Torch

/// The grid of one group of tensors while a network trains on it: of ranges that are observed, or
/// of what learns.
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
  /// By producer, running means of the least and the greatest values, `[producers]`.
  private let low, high: Parameter?
  /// A step, a threshold or a bound that learns, `[]`.
  private let learned: Parameter?
  /// LSQ+'s β, `[]`.
  private let offset: Parameter?
  /// By producer, whether values were seen: 0 before; in averages between 0 and 1.
  private let seen: Parameter
  private var allSeen = false

  /// Share of a batch in the running means, as in the earlier Python programs.
  static let momentum = 0.1
  private static let steps = ParameterGroup("quantization steps")

  init(
    _ group: QuantizationPlan.Group, at place: Int, _ options: QuantizationOptions
  ) throws {
    self.group = place
    owner = max(group.producers[0], 0)
    (scheme, bits, isNeverNegative) = (options.scheme, group.bits, group.isNeverNegative)
    let count = group.producers.count
    let name = "quantization.\(group.producers[0] < 0 ? "input" : "\(group.producers[0])")"
    seen = try Parameter("\(name).seen", .statistics, .zeros([count]))
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
    (low, high) = (try other.low?.copy(), try other.high?.copy())
    (learned, offset) = (try other.learned?.copy(), try other.offset?.copy())
    seen = try other.seen.copy()
  }

  func copy() throws -> ActivationRange { try ActivationRange(copying: self) }

  var parameters: [Parameter] { [seen, low, high, learned, offset].compactMap(\.self) }

  /// Takes a batch of a producer's values into account.
  ///
  /// - Parameter place: of the producer among those of the group.
  func observe(_ x: Tensor, from place: Int) throws {
    try withoutGrad {
      let x = try x.detach()
      let isFirst = try allSeen ? false : seen.value.select(dim: 0, index: place).item() == 0
      if let low, let high {
        let ends = [(low, try x.amin()), (high, try x.amax())]
        for (mean, value) in ends {
          _ = try mean.value.select(dim: 0, index: place)
            .lerpInPlace(value.to(.float32), weight: isFirst ? 1 : Self.momentum)
        }
      }
      guard isFirst else { return }
      if let learned { try begin(learned, x, isFirstOfAll: seen.value.sum().item() == 0) }
      _ = try seen.value.select(dim: 0, index: place).fillInPlace(1)
      allSeen = try seen.value.amin().item() > 0
    }
  }

  /// The first value of what learns: of several producers it reaches as far as any.
  private func begin(_ learned: Parameter, _ x: Tensor, isFirstOfAll: Bool) throws {
    let present = try learned.value.detach()
    let first: Tensor
    switch scheme {
    case .tpsq, .pact: first = try x.largestMagnitude()
    case .lsqPlus:
      guard let offset = try offset?.value.detach() else { return }
      let intervals = try Double(codes.intervals)
      var (low, high) = (try x.amin().clamped(max: 0), try x.amax())
      if !isFirstOfAll {
        (low, high) = (try low.minimum(offset), try high.maximum(offset + present * intervals))
      }
      let step = try ((high - low) / intervals).clamped(min: QuantizationGrid.smallestStep)
      _ = try offset.copyInPlace(low)
      _ = try present.copyInPlace(step)
      return
    default: first = try LearnedStepQuantizer.firstStep(for: x, range: codes)
    }
    let held = try first.clamped(min: QuantizationGrid.smallestStep)
    _ = try present.copyInPlace(isFirstOfAll ? held : held.maximum(present))
  }

  private var codes: CodeRange {
    get throws {
      switch scheme {
      case .pow2, .tpsq: try .signed(bits: bits)
      case .lsq, .pact: isNeverNegative ? try .unsigned(bits: bits) : try .narrow(bits: bits)
      case .google, .dorefa, .lsqPlus, .ternary, .binary: try .unsigned(bits: bits)
      }
    }
  }

  /// Puts values on the grid of the moment; nil before any were seen.
  ///
  /// - Parameter elements: that share the step, of which LSQ makes its gradient's size.
  func quantizer(elements: Int = 1) throws -> (any Quantizer)? {
    guard try isSeen else { return nil }
    if let learned {
      let scale = try LearnedStepQuantizer.gradientScale(elements: elements, range: codes)
      switch scheme {
      case .tpsq:
        return try TrainedPowerOfTwoQuantizer(
          threshold: learned.value, bits: bits, gradientScale: scale)
      case .pact:
        return try ClippedQuantizer(
          bound: learned.value, bits: bits, isSigned: !isNeverNegative)
      default:
        return LearnedStepQuantizer(
          step: learned.value, offset: offset?.value, range: try codes, gradientScale: scale)
      }
    }
    guard let low, let high else { return nil }
    return try withoutGrad {
      let (least, greatest) = (try low.value.amin(), try high.value.amax())
      return UniformQuantizer(
        scheme == .pow2
          ? try .powerOfTwo(largest: (-least).maximum(greatest).clamped(min: 0), bits: bits)
          : try .affine(minimum: least, maximum: greatest, range: codes))
    }
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
