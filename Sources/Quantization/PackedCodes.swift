import Torch

/// Codes in as many bits as their range needs, one after the other from the lowest bit of the first
/// byte on (docs/formulas.md 10.8).
enum PackedCodes {
  /// Bytes of codes; nil where a whole type of numbers has just their bits, or where a code lies
  /// between those that the bits stand for.
  static func bytes(of codes: [Float], in range: CodeRange) -> [UInt8]? {
    guard range.needsPacking else { return nil }
    let spacing = range.spacing
    var bytes: [UInt8] = []
    bytes.reserveCapacity(EncodedTensor.byteCount(codes.count, bits: range.bits))
    var (pending, filled): (UInt64, Int) = (0, 0)
    for code in codes {
      let (number, between) = (Int(code) - range.lowest).quotientAndRemainder(dividingBy: spacing)
      guard between == 0, number >= 0, number >> range.bits == 0 else { return nil }
      pending |= UInt64(number) << UInt64(filled)
      filled += range.bits
      while filled >= 8 {
        bytes.append(UInt8(truncatingIfNeeded: pending))
        pending >>= 8
        filled -= 8
      }
    }
    if filled > 0 { bytes.append(UInt8(truncatingIfNeeded: pending)) }
    return bytes
  }

  /// What ``bytes(of:in:)`` was made from.
  ///
  /// - Parameters:
  ///   - bytes: as many as `count` codes take.
  ///   - count: of the codes.
  static func codes(of bytes: [UInt8], count: Int, in range: CodeRange) -> [Float] {
    var codes: [Float] = []
    codes.reserveCapacity(count)
    let mask = UInt64(1) << UInt64(range.bits) - 1
    var (pending, filled): (UInt64, Int) = (0, 0)
    for byte in bytes {
      pending |= UInt64(byte) << UInt64(filled)
      filled += 8
      while filled >= range.bits, codes.count < count {
        codes.append(Float(range.lowest + range.spacing * Int(pending & mask)))
        pending >>= UInt64(range.bits)
        filled -= range.bits
      }
    }
    return codes
  }
}

extension CodeRange {
  /// The smallest whole numbers that hold all codes.
  var type: DType {
    highest <= 127 && lowest >= -128
      ? .int8 : highest <= 32767 && lowest >= -32768 ? .int16 : .int32
  }

  /// Whether its codes have fewer bits than the smallest whole numbers that hold them.
  var needsPacking: Bool { bits < type.byteCount * 8 }
  /// The distance of neighbouring codes.
  fileprivate var spacing: Int { isOdd ? 2 : 1 }
}
