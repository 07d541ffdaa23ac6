import Torch

/// How often values of each size were seen, in memory that does not grow.
///
/// Bins are equally wide over −limit…limit. When a value lies beyond, the limit doubles, and two
/// neighbours become one bin: nothing is lost but how finely they were told apart. The limit is a
/// power of two, so bins always fit together. Zeros are counted by themselves, for every grid has
/// them exactly.
public struct RangeHistogram: Equatable, Sendable {
  /// Counts of values that are not zero; the first half is below zero.
  public private(set) var counts: [Int]
  /// What the outer bins end at; 0 before a value that is not zero was seen.
  public private(set) var limit = 0.0
  /// Zeros seen.
  public private(set) var zeros = 0
  /// The least value; 0 before the first.
  public private(set) var minimum = 0.0
  /// The greatest value; 0 before the first.
  public private(set) var maximum = 0.0
  /// Whether NaN or an infinity came by; these are not counted.
  public private(set) var hasNotFinite = false
  private var isEmpty = true

  /// Bins unless said otherwise: 1/1024 of the largest value, at worst, is one.
  public static let usualBins = 4096

  /// An empty histogram.
  ///
  /// - Parameter bins: a multiple of 4.
  public init(bins: Int = usualBins) {
    precondition(bins > 0 && bins % 4 == 0, "bins have to be a multiple of 4")
    counts = Array(repeating: 0, count: bins)
  }

  /// Values seen, zeros among them.
  public var total: Int { counts.reduce(zeros, +) }

  /// The width of a bin.
  public var width: Double { 2 * limit / Double(counts.count) }

  /// The middle of a bin.
  public func center(_ bin: Int) -> Double { (Double(bin) + 0.5) * width - limit }

  /// Counts the elements of a tensor.
  public mutating func add(_ x: Tensor) throws {
    try x.detach().to(.float32).withUnsafeBytes { bytes in
      add(bytes.bindMemory(to: Float.self))
    }
  }

  /// Counts values.
  public mutating func add(_ values: UnsafeBufferPointer<Float>) {
    var low = Float.infinity
    var high = -Float.infinity
    var finite = true
    for value in values {
      finite = finite && value.isFinite
      // A comparison with NaN is false.
      if value < low { low = value }
      if value > high { high = value }
    }
    guard finite else {
      hasNotFinite = true
      return
    }
    guard !values.isEmpty else { return }
    minimum = isEmpty ? Double(low) : min(minimum, Double(low))
    maximum = isEmpty ? Double(high) : max(maximum, Double(high))
    isEmpty = false
    reach(Double(low), Double(high))
    count(values)
  }

  private mutating func count(_ values: UnsafeBufferPointer<Float>) {
    guard limit > 0 else {
      zeros += values.count
      return
    }
    let scale = Double(counts.count) / (2 * limit)
    let half = counts.count / 2
    var zeros = 0
    counts.withUnsafeMutableBufferPointer { counts in
      for value in values {
        if value == 0 {
          zeros += 1
        } else {
          counts[Int((Double(value) * scale).rounded(.down)) + half] += 1
        }
      }
    }
    self.zeros += zeros
  }

  /// Raises the limit until −limit ≤ low and high < limit.
  private mutating func reach(_ low: Double, _ high: Double) {
    let largest = max(-low, high)
    guard largest > 0 else { return }
    if limit == 0 { limit = Double(sign: .plus, exponent: largest.exponent, significand: 1) }
    while -low > limit || high >= limit {
      let (bins, quarter) = (counts.count, counts.count / 4)
      var wider = [Int](repeating: 0, count: bins)
      for bin in 0..<bins { wider[quarter + bin / 2] += counts[bin] }
      counts = wider
      limit *= 2
    }
  }
}

extension RangeHistogram {
  /// The value that a share of all values lies below, with bins filled evenly.
  ///
  /// - Parameter share: `0...1`; 0 is the minimum, 1 the maximum, and between them none lies beyond
  ///   either. 0 where nothing was seen.
  public func quantile(_ share: Double) -> Double {
    guard share > 0 else { return minimum }
    guard share < 1 else { return maximum }
    let wanted = share * Double(total)
    let middle = counts.count / 2
    var passed = 0.0
    for bin in counts.indices {
      if bin == middle {
        passed += Double(zeros)
        if passed >= wanted { return 0 }
      }
      let count = Double(counts[bin])
      if count > 0, passed + count >= wanted {
        let value = (Double(bin) + (wanted - passed) / count) * width - limit
        return min(max(value, minimum), maximum)
      }
      passed += count
    }
    return maximum
  }
}
