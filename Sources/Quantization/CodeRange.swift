/// The whole numbers that a value can be stored as.
public struct CodeRange: Hashable, Sendable, Codable {
  /// Bits that a code takes.
  public let bits: Int
  /// The lowest code.
  public let lowest: Int
  /// The highest code.
  public let highest: Int

  /// Bits that a scheme may ask for; binary and ternary weights have ranges of their own.
  public static let allowedBits = 2...16

  private init(bits: Int, _ codes: ClosedRange<Int>) {
    (self.bits, lowest, highest) = (bits, codes.lowerBound, codes.upperBound)
  }

  /// −2^(b−1)…2^(b−1)−1: all codes of b bits, for steps that are powers of two.
  ///
  /// - Throws: ``QuantizationError/bits(_:)`` outside of ``allowedBits``; so do the others.
  public static func signed(bits: Int) throws(QuantizationError) -> CodeRange {
    let half = try power(bits - 1, of: bits)
    return CodeRange(bits: bits, -half...half - 1)
  }

  /// −(2^(b−1)−1)…2^(b−1)−1: as many codes below zero as above.
  public static func narrow(bits: Int) throws(QuantizationError) -> CodeRange {
    let half = try power(bits - 1, of: bits)
    return CodeRange(bits: bits, 1 - half...half - 1)
  }

  /// 0…2^b−1.
  public static func unsigned(bits: Int) throws(QuantizationError) -> CodeRange {
    CodeRange(bits: bits, 0...(try power(bits, of: bits)) - 1)
  }

  /// −1…1 with `bits` 1, where 0 is not used, or 2.
  static func few(bits: Int) -> CodeRange { CodeRange(bits: bits, -1...1) }

  /// −(2^b−1)…2^b−1: of DoReFa's b bits, whose codes are the odd ones.
  static func odd(bits: Int) throws(QuantizationError) -> CodeRange {
    let top = try power(bits, of: bits) - 1
    return CodeRange(bits: bits, -top...top)
  }

  /// ±2^30, of biases: half of what 32 bits hold, the other half is for the sum.
  static let sums = CodeRange(bits: 32, -(1 << 30)...1 << 30)

  /// A range that was stored; nil where it is none.
  init?(stored: [Int]) {
    guard stored.count == 3, (1...32).contains(stored[0]), stored[1] < stored[2],
      stored[1] <= 0, stored[2] > 0, stored[2] <= 1 << 30, stored[1] >= -(1 << 30)
    else { return nil }
    self.init(bits: stored[0], stored[1]...stored[2])
  }

  /// What ``init(stored:)`` reads.
  var stored: [Int] { [bits, lowest, highest] }

  private static func power(_ exponent: Int, of bits: Int) throws(QuantizationError) -> Int {
    guard allowedBits.contains(bits) else { throw .bits(bits) }
    return 1 << exponent
  }

  /// Whether only odd codes are in use: all would be more than bits can tell apart.
  var isOdd: Bool { intervals >= 1 << bits }
  /// Whether codes are stored below zero.
  public var isSigned: Bool { lowest < 0 }
  /// Steps between the lowest and the highest code.
  public var intervals: Int { highest - lowest }
}
