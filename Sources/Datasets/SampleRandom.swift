import Boxes

/// Random numbers that are a function of what they are for: seed, epoch, sample and stream.
///
/// No thread, rank or order of work changes them, so the same sample is augmented alike whoever
/// makes it, and a resumed run continues as if it had never stopped. SplitMix64 (Steele, Lea and
/// Flood 2014) from a start that mixes the four.
public struct SampleRandom: RandomNumberGenerator, Hashable, Sendable {
  private var generator: SeededGenerator

  /// The generator of one sample.
  ///
  /// - Parameter stream: tells apart different uses for the same sample.
  public init(seed: UInt64, epoch: Int = 0, sample: Int = 0, stream: UInt64 = 0) {
    var mixed = SeededGenerator.first(seed: seed)
    for part in [UInt64(bitPattern: Int64(epoch)), UInt64(bitPattern: Int64(sample)), stream] {
      mixed = SeededGenerator.first(seed: mixed ^ part)
    }
    generator = SeededGenerator(seed: mixed)
  }

  /// The next 64 bits.
  public mutating func next() -> UInt64 { generator.next() }

  /// Uniform in `0..<1`, 53 bits.
  public mutating func uniform() -> Double { generator.uniform() }

  /// Uniform from `low` to `high`, `high` itself excluded when they differ.
  public mutating func uniform(_ low: Double, _ high: Double) -> Double {
    low + (high - low) * uniform()
  }

  /// Uniform in `0..<bound`.
  ///
  /// - Precondition: `bound > 0`.
  public mutating func integer(below bound: Int) -> Int {
    precondition(bound > 0, "a bound above zero")
    return generator.index(below: bound)
  }

  /// A standard normal number (Box and Muller 1958).
  public mutating func normal() -> Double { generator.normal() }

  /// The numbers `0..<count` in random order (Fisher and Yates).
  public mutating func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    for index in stride(from: count - 1, to: 0, by: -1) {
      order.swapAt(index, integer(below: index + 1))
    }
    return order
  }
}
