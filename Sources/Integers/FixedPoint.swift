/// A factor for whole numbers: `multiplier`·2^−`shift`, 21 bits of a real number (docs/formulas.md
/// 10.15).
///
/// 21 bits and a sum below 2^32 make a product below 2^53. So 64-bit integers and float64 give the
/// same, to the last bit.
public struct FixedPoint: Hashable, Sendable {
  /// Below 2^21 in size.
  public let multiplier: Int
  /// Bits that are shifted out, 0...62.
  public let shift: Int

  /// Bits of the multiplier without its sign.
  public static let bits = 21

  /// The number with 21 bits that is nearest to a real one.
  ///
  /// What is beyond 2^21 becomes the largest there is: times any sum but 0 it lies beyond every
  /// range of codes.
  public init(_ real: Double) {
    guard real != 0, real.isFinite else {
      (multiplier, shift) = (real.isFinite ? 0 : Self.largest, 0)
      return
    }
    let size = abs(real)
    var shift = Self.bits - 1 - Int(size.exponent)
    shift = min(max(shift, 0), 62)
    var whole = Int((min(size, 0x1p31) * Self.power(shift)).rounded(.toNearestOrEven))
    if whole > Self.largest {
      // Rounded up to the next power of two, or beyond the largest.
      (whole, shift) = shift > 0 ? (whole >> 1, shift - 1) : (Self.largest, 0)
    }
    (multiplier, self.shift) = (real < 0 ? -whole : whole, shift)
  }

  private static let largest = 1 << bits - 1

  private static func power(_ exponent: Int) -> Double {
    Double(sign: .plus, exponent: exponent, significand: 1)
  }

  /// The number, exactly.
  public var value: Double { Double(multiplier) * Self.power(-shift) }

  /// A sum times the number, rounded to the nearest whole one; halves go to the even one.
  ///
  /// - Parameter sum: below 2^32 in size.
  @inline(__always)
  public func callAsFunction(_ sum: Int) -> Int {
    let product = sum &* multiplier
    guard shift > 0 else { return product }
    // Half, or a little less where what is left is even: then a half stays below.
    let half = 1 &<< (shift &- 1)
    return (product &+ (half &- 1) &+ ((product &>> shift) & 1)) &>> shift
  }
}
