/// The checksum of zip archives: CRC-32 of ISO 3309, polynomial 0xEDB88320, reflected.
public struct CRC32: Sendable {
  /// Complement of the sum so far.
  private var state: UInt32 = .max

  /// The sum of no bytes.
  public init() {}

  /// The sum of the bytes given so far.
  public var value: UInt32 { ~state }

  /// Adds bytes, eight at a time (slicing by eight).
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    var crc = state
    let whole = bytes.count & ~7
    for place in stride(from: 0, to: whole, by: 8) {
      let eight =
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
        ^ UInt64(crc)
      crc = 0
      for lane in 0..<8 {
        let byte = Int(truncatingIfNeeded: eight >> UInt64(8 * lane)) & 0xFF
        crc ^= Self.tables[(7 - lane) << 8 | byte]
      }
    }
    for place in whole..<bytes.count {
      crc = crc >> 8 ^ Self.tables[Int(UInt8(truncatingIfNeeded: crc) ^ bytes[place])]
    }
    state = crc
  }

  /// The sum of `bytes`.
  public static func checksum(_ bytes: [UInt8]) -> UInt32 {
    var sum = CRC32()
    bytes.withUnsafeBytes { sum.update($0) }
    return sum.value
  }

  /// Table k, at 256·k: what a byte does to the sum k bytes later.
  private static let tables: [UInt32] = {
    var tables = [UInt32](repeating: 0, count: 8 * 256)
    for byte in 0..<256 {
      var crc = UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
      tables[byte] = crc
    }
    for place in 256..<tables.count {
      let before = tables[place - 256]
      tables[place] = before >> 8 ^ tables[Int(before & 0xFF)]
    }
    return tables
  }()
}
