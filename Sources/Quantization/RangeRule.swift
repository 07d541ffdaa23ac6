import Darknet
import Foundation

/// How the range of a tensor's values is chosen from a histogram of them (docs/formulas.md 10.7).
public enum RangeRule: Hashable, Sendable, Codable {
  /// All that was seen.
  case minMax
  /// Without a share of the values at either end: 0.999 leaves 0.1 % of the values away there.
  case percentile(Double)
  /// The least squared error.
  case squaredError
  /// The least divergence of the distributions before and after (Migacz, 2017).
  case entropy
  /// The lower end as it was seen, the upper one of the least squared error: for Mish and swish,
  /// whose lower end is the function's own (Q-YOLO, arXiv 2307.04816).
  case unilateral
  /// The power of two that most batches vote for (``PowerOfTwoVote``).
  case cosineVote
}

/// A range of values.
public struct ValueRange: Hashable, Sendable, Codable {
  /// The lower end, at most 0.
  public var minimum: Double
  /// The upper end, at least 0.
  public var maximum: Double

  /// The range between two values, widened to hold zero.
  public init(_ minimum: Double, _ maximum: Double) {
    self.minimum = min(minimum, 0)
    self.maximum = max(maximum, 0)
  }

  /// The larger of both ends' distances from zero.
  public var largest: Double { max(-minimum, maximum) }
}

/// Where the codes of a range lie, in numbers rather than tensors: what ``QuantizationGrid`` has
/// for the same range.
struct GridShape {
  enum Kind: Hashable, Sendable {
    case affine, symmetric
    /// Up to the least power of two that holds the range.
    case powerOfTwo
  }

  var step: Double
  var zero: Double
  var codes: CodeRange

  init(_ range: ValueRange, _ kind: Kind, _ codes: CodeRange) {
    self.codes = codes
    let (span, intervals) =
      switch kind {
      case .affine: (range.maximum - range.minimum, codes.intervals)
      case .symmetric: (range.largest, codes.highest)
      case .powerOfTwo: (range.largest.leastPowerOfTwo, -codes.lowest)
      }
    step =
      span > 0
      ? max(span / Double(intervals), QuantizationGrid.smallestStep)
      : QuantizationGrid.emptyStep
    zero =
      kind == .affine
      ? min(max((-range.minimum / step).rounded(.toNearestOrEven), 0), Double(codes.intervals))
        + Double(codes.lowest) : 0
  }

  func code(of value: Double) -> Double {
    let code = (value / step).rounded(.toNearestOrEven) + zero
    return min(max(code, Double(codes.lowest)), Double(codes.highest))
  }

  func value(nearest value: Double) -> Double { (code(of: value) - zero) * step }

  /// Sizes that values on the grid can have, zero among them.
  var magnitudes: Int {
    let zero = Int(zero)
    return max(codes.highest - zero, zero - codes.lowest) + 1
  }
}

extension RangeHistogram {
  /// The range that a rule chooses for codes on a grid.
  func range(by rule: RangeRule, _ kind: GridShape.Kind, _ codes: CodeRange) -> ValueRange {
    let whole = ValueRange(minimum, maximum)
    guard limit > 0 else { return whole }
    switch rule {
    case .minMax, .cosineVote: return whole
    case .percentile(let share): return ValueRange(quantile(1 - share), quantile(share))
    case .squaredError:
      return best(Self.shares.map { ValueRange(minimum * $0, maximum * $0) }, kind, codes)
    case .unilateral:
      return best(Self.shares.map { ValueRange(minimum, maximum * $0) }, kind, codes)
    case .entropy:
      let largest = leastDivergentLimit(levels: GridShape(whole, kind, codes).magnitudes)
      return ValueRange(max(whole.minimum, -largest), min(whole.maximum, largest))
    }
  }

  /// Shares of the whole range that are tried, the whole first.
  private static let shares = (1...100).reversed().map { Double($0) / 100 }

  private func best(
    _ ranges: [ValueRange], _ kind: GridShape.Kind, _ codes: CodeRange
  ) -> ValueRange {
    let errors = ranges.map { squaredError(GridShape($0, kind, codes)) }
    let least = errors.indices.min { errors[$0] < errors[$1] } ?? 0
    return ranges[least]
  }

  /// Σ (x − q(x))² over what was seen, as if all values of a bin lay in its middle.
  func squaredError(_ grid: GridShape) -> Double {
    var sum = 0.0
    for (bin, count) in counts.enumerated() where count > 0 {
      let x = center(bin)
      let error = x - grid.value(nearest: x)
      sum += Double(count) * error * error
    }
    return sum
  }

  /// The limit T of magnitudes for which the distribution P of what is cut at T, and Q of what is
  /// left of it on `levels` steps, differ least: Σ P·ln(P/Q) (Migacz, 2017, slide 38).
  func leastDivergentLimit(levels: Int) -> Double {
    // Magnitudes: bins from zero outwards.
    let half = counts.count / 2
    let magnitudes = (0..<half).map { Double(counts[half + $0] + counts[half - 1 - $0]) }
    let total = magnitudes.reduce(0, +)
    let largest = Swift.max(-minimum, maximum)
    let used = Swift.min(Int((largest / width).rounded(.up)), half)
    guard used > levels else { return largest }
    var inside = magnitudes[..<levels].reduce(0, +)
    var (best, least) = (used, Double.infinity)
    for length in levels...used {
      if length > levels { inside += magnitudes[length - 1] }
      let divergence = Self.divergence(
        magnitudes[..<length], beyond: total - inside, levels: levels)
      if divergence < least { (best, least) = (length, divergence) }
    }
    return best == used ? largest : Double(best) * width
  }

  private static func divergence(
    _ bins: ArraySlice<Double>, beyond: Double, levels: Int
  ) -> Double {
    let total = bins.reduce(0, +) + beyond
    let kept = bins.reduce(0, +)
    guard total > 0, kept > 0 else { return .infinity }
    var divergence = 0.0
    let length = bins.count
    for level in 0..<levels {
      let (start, end) = (level * length / levels, (level + 1) * length / levels)
      let piece = bins[start..<end]
      let seen = piece.lazy.filter { $0 > 0 }.count
      guard seen > 0 || (level == levels - 1 && beyond > 0) else { continue }
      // What one code stands for is spread over the bins that were seen.
      let mean = seen > 0 ? piece.reduce(0, +) / Double(seen) : 0
      for place in start..<end {
        var p = bins[place]
        if place == length - 1 { p += beyond }
        guard p > 0 else { continue }
        let q = bins[place] > 0 ? mean : 0
        // Q knows nothing where only what was cut off lies.
        guard q > 0 else { return .infinity }
        divergence += p / total * log((p / total) / (q / kept))
      }
    }
    return divergence
  }
}
