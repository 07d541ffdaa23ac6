/// Random numbers that are a function of what they are for: seed, epoch, sample and stream.
///
/// No thread, rank or order of work changes them, so the same sample is augmented alike whoever
/// makes it, and a resumed run continues as if it had never stopped. SplitMix64 (Steele, Lea and
/// Flood 2014) from a start that mixes the four.
public struct SampleRandom: RandomNumberGenerator, Hashable, Sendable {
  private var state: UInt64

  /// The generator of one sample.
  ///
  /// - Parameter stream: tells apart different uses for the same sample.
  public init(seed: UInt64, epoch: Int = 0, sample: Int = 0, stream: UInt64 = 0) {
    var mixed = Self.mix(seed &+ 0x9E37_79B9_7F4A_7C15)
    for part in [UInt64(bitPattern: Int64(epoch)), UInt64(bitPattern: Int64(sample)), stream] {
      mixed = Self.mix(mixed ^ part &+ 0x9E37_79B9_7F4A_7C15)
    }
    state = mixed
  }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return Self.mix(state)
  }

  /// Uniform in `0..<1`, 53 bits.
  public mutating func uniform() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// Uniform from `low` to `high`, `high` itself excluded when they differ.
  public mutating func uniform(_ low: Double, _ high: Double) -> Double {
    low + (high - low) * uniform()
  }

  /// Uniform in `0..<bound`.
  ///
  /// - Precondition: `bound > 0`.
  public mutating func integer(below bound: Int) -> Int {
    precondition(bound > 0, "a bound above zero")
    // Lemire's multiplication without rejection: the bias is below bound / 2⁶⁴.
    return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// A standard normal number (Box and Muller 1958).
  public mutating func normal() -> Double {
    let radius = logarithm(1 - uniform())
    return (-2 * radius).squareRoot() * cosine(2 * .pi * uniform())
  }

  /// The numbers `0..<count` in random order (Fisher and Yates).
  public mutating func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    for index in stride(from: count - 1, to: 0, by: -1) {
      order.swapAt(index, integer(below: index + 1))
    }
    return order
  }

  // Stafford's mix 13, the finaliser of SplitMix64.
  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
