/// Training at changing sizes: each optimizer step draws one, a multiple of 32 (SPEC 3.2.8).
public struct MultiScale: Hashable, Sendable {
  /// Smallest and greatest side, in pixels.
  public var range: ClosedRange<Int>
  /// Of the draws.
  public var seed: UInt64

  /// Sizes between two sides, which are rounded inwards to multiples of 32.
  ///
  /// - Throws: ``DatasetError/invalidSetting(_:value:expected:)`` when no multiple lies between.
  public init(_ range: ClosedRange<Int>, seed: UInt64) throws(DatasetError) {
    let (low, high) = ((range.lowerBound + 31) / 32 * 32, range.upperBound / 32 * 32)
    guard low > 0, low <= high else {
      throw .invalidSetting(
        "multi-scale range", value: "\(range.lowerBound)...\(range.upperBound)",
        expected: "a range with a multiple of 32")
    }
    (self.range, self.seed) = (low...high, seed)
  }

  /// The side at an optimizer step; a function of seed and step.
  public func callAsFunction(step: Int) -> Int {
    var random = SampleRandom(seed: seed, sample: step, stream: 3)
    return range.lowerBound + 32
      * random.integer(below: (range.upperBound - range.lowerBound) / 32 + 1)
  }
}
