import Glibc

/// A range of numbers with round marks.
struct Axis: Hashable {
  let low: Double
  let high: Double
  let ticks: [Double]
  /// Decimals that tell the ticks apart; nil for numbers that need powers of ten.
  private let decimals: Int?

  /// Covers these values; about `count` marks at multiples of 1, 2 or 5 times a power of ten.
  ///
  /// - Parameters:
  ///   - fits: whether the range ends at the values rather than at marks.
  ///   - isWhole: whether marks are whole numbers, as for epochs and counts.
  init(
    covering values: some Sequence<Double>, count: Int = 5, fits: Bool = false,
    isWhole: Bool = false
  ) {
    let finite = values.filter { $0.isFinite && $0.magnitude < 1e300 }
    var (low, high) = (finite.min() ?? 0, finite.max() ?? 1)
    if !(high > low) {
      // Around one value; 0 has nothing below it, such as a count or a share.
      let margin = low.magnitude * 0.1
      (low, high) = low == 0 ? (0, 1) : (low - margin, high + margin)
    }
    let raw = (high - low) / Double(max(count, 1))
    let step = isWhole ? max(Self.step(for: raw), 1) : Self.step(for: raw)
    // Counted, not summed: sums of steps drift.
    let first = fits ? (low / step - 1e-9).rounded(.up) : (low / step + 1e-9).rounded(.down)
    let last = fits ? (high / step + 1e-9).rounded(.down) : (high / step - 1e-9).rounded(.up)
    let marks = max(0, min(Int(min(last - first, 1000)), 1000))
    ticks = (0...marks).map { (first + Double($0)) * step }
    self.low = fits ? low : ticks[0]
    self.high = fits ? high : ticks[ticks.count - 1]
    let largest = max(self.low.magnitude, self.high.magnitude)
    decimals =
      largest < 1e6 && step >= 1e-4 ? max(0, Int((-log10(step) - 1e-9).rounded(.up))) : nil
  }

  /// Where a value lies, 0...1 between the ends.
  func position(_ value: Double) -> Double { (value - low) / (high - low) }

  /// A mark's text.
  func label(_ tick: Double) -> String {
    guard let decimals else { return Figures.significant(tick, 3) }
    let text = Figures.fixed(tick, decimals)
    return text.allSatisfy({ "-0.".contains($0) }) ? Figures.fixed(0, decimals) : text
  }

  private static func step(for raw: Double) -> Double {
    let power = pow(10, log10(raw).rounded(.down))
    let fraction = raw / power
    return power * (fraction <= 1 ? 1 : fraction <= 2 ? 2 : fraction <= 5 ? 5 : 10)
  }
}
