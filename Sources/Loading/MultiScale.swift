import Datasets

/// Training at changing sizes: each optimizer step draws one, a multiple of the network's stride
/// (docs/formulas.md 4.5).
public struct MultiScale: Hashable, Sendable {
  /// Smallest and greatest side, in pixels.
  public let range: ClosedRange<Int>
  /// What every side is a multiple of, in pixels.
  public let stride: Int
  /// Of the draws.
  public var seed: UInt64

  /// Sizes between two sides, which are rounded inwards to multiples of the stride.
  ///
  /// - Throws: ``DatasetError/invalidSetting(_:value:expected:)`` when no multiple lies between.
  public init(
    _ range: ClosedRange<Int>, stride: Int = 32, seed: UInt64
  ) throws(DatasetError) {
    let low = (range.lowerBound + stride - 1) / stride * stride
    let high = range.upperBound / stride * stride
    guard low > 0, low <= high else {
      throw .invalidSetting(
        "multi-scale range", value: "\(range.lowerBound)...\(range.upperBound)",
        expected: "a range with a multiple of \(stride)")
    }
    (self.range, self.stride, self.seed) = (low...high, stride, seed)
  }

  /// The side at an optimizer step; a function of seed and step.
  public func callAsFunction(step: Int) -> Int {
    var random = SampleRandom(seed: seed, sample: step, stream: 3)
    return range.lowerBound + stride
      * random.integer(below: (range.upperBound - range.lowerBound) / stride + 1)
  }
}
