import Glibc

/// How often values fall between edges.
public struct Histogram: Hashable, Sendable {
  /// Rising; one more than there are bins.
  public let edges: [Double]
  /// Values of each bin: from its left edge up to, but for the last bin, before its right one.
  public let counts: [Int]
  /// Of all values that are finite.
  public let minimum: Double
  /// Of all values that are finite.
  public let maximum: Double
  /// Of all values that are finite.
  public let sum: Double
  /// Of all values that are finite.
  public let sumOfSquares: Double

  /// How many bins there are.
  public enum Bins: Hashable, Sendable {
    /// That many.
    case count(Int)
    /// D. P. Doane's rule (1976) for skewed values, as numpy's `bins="doane"`:
    /// 1 + log₂ n + log₂(1 + |g₁| / σ), with σ² = 6 (n − 2) / ((n + 1)(n + 3)); 1000 at most.
    case doane
  }

  /// Counts values into bins of equal width; what is not finite is left out. Without a value, or
  /// with all of them equal, the one or all lie in bins from half a unit below to half a unit
  /// above.
  public init(_ values: some Sequence<Double>, bins: Bins = .doane) {
    let values = values.filter(\.isFinite)
    minimum = values.min() ?? 0
    maximum = values.max() ?? 0
    sum = values.reduce(0, +)
    sumOfSquares = values.reduce(0) { $0 + $1 * $1 }
    let isFlat = !(maximum > minimum)
    let (low, high) = isFlat ? (minimum - 0.5, maximum + 0.5) : (minimum, maximum)
    let wanted: Int
    switch bins {
    case .count(let count): wanted = max(count, 1)
    case .doane: wanted = isFlat ? 1 : Self.doane(values)
    }
    (edges, counts) = Self.counted(values, from: low, to: high, count: wanted)
  }

  /// Counts values into `count` bins of equal width from `low` to `high`; those outside go to the
  /// outermost bins, and what is not finite is left out.
  ///
  /// - Precondition: `low < high`, `count > 0`.
  public init(_ values: some Sequence<Double>, from low: Double, to high: Double, count: Int) {
    precondition(low < high && count > 0, "a bin at least, of some width")
    let values = values.filter(\.isFinite)
    minimum = values.min() ?? 0
    maximum = values.max() ?? 0
    sum = values.reduce(0, +)
    sumOfSquares = values.reduce(0) { $0 + $1 * $1 }
    (edges, counts) = Self.counted(values, from: low, to: high, count: count)
  }

  private static func counted(
    _ values: [Double], from low: Double, to high: Double, count: Int
  ) -> (edges: [Double], counts: [Int]) {
    // Divided first: the difference may be beyond what a Double holds.
    let width = high / Double(count) - low / Double(count)
    var counts = [Int](repeating: 0, count: count)
    for value in values {
      let position = value / width - low / width
      counts[position.isFinite ? Int(min(max(position, 0), Double(count - 1))) : 0] += 1
    }
    return ((0...count).map { $0 == count ? high : low + Double($0) * width }, counts)
  }

  private static func doane(_ values: [Double]) -> Int {
    let n = Double(values.count)
    guard n > 2 else { return 1 }
    let mean = values.reduce(0, +) / n
    let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / n).squareRoot()
    guard deviation > 0 else { return 1 }
    let skewness = values.reduce(0) { $0 + pow(($1 - mean) / deviation, 3) } / n
    let spread = (6 * (n - 2) / ((n + 1) * (n + 3))).squareRoot()
    // As numpy: the rule gives a width, and the number of bins is rounded up.
    let bins = (1 + log2(n) + log2(1 + abs(skewness) / spread)).rounded(.up)
    return min(max(Int(bins), 1), 1000)
  }
}
