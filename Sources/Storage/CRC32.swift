import CZlib

/// The checksum of zip archives, PNG chunks and our own files: CRC-32 of ISO 3309, polynomial
/// 0xEDB88320, reflected.
package struct CRC32: Sendable {
  /// The sum of the bytes given so far.
  package private(set) var value: UInt32

  /// The sum of no bytes, or one to go on with.
  package init(after value: UInt32 = 0) { self.value = value }

  /// Adds bytes.
  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.bindMemory(to: UInt8.self).baseAddress else { return }
    value = UInt32(truncatingIfNeeded: crc32_z(UInt(value), start, bytes.count))
  }

  /// The sum of `bytes`.
  package static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    var sum = CRC32()
    sum.update(bytes)
    return sum.value
  }

  /// The sum of `bytes`.
  package static func checksum(_ bytes: [UInt8]) -> UInt32 {
    bytes.withUnsafeBytes { checksum($0) }
  }

  /// The sum of `bytes`.
  package static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.withUnsafeBytes { checksum($0) }
  }
}
