/// The first directory of a TIFF file, or of the TIFF structure inside of EXIF (TIFF 6.0, section
/// 2).
struct TIFFDirectory {
  private let reader: ByteReader
  private let start: Int
  private let entries: Int

  /// Where the directory ends: the four bytes after it say where the next one is.
  var end: Int { start + entries * 12 }

  /// Nil when the bytes end before the directory does, or are no TIFF.
  init?(_ bytes: [UInt8]) {
    guard bytes.count >= 8, bytes[0] == bytes[1], bytes[0] == 0x49 || bytes[0] == 0x4D else {
      return nil
    }
    reader = ByteReader(bytes, isBigEndian: bytes[0] == 0x4D)
    guard reader.uint16(2) == 42, let offset = reader.uint32(4), let count = reader.uint16(offset),
      offset + 2 + count * 12 <= bytes.count
    else { return nil }
    (start, entries) = (offset + 2, count)
  }

  /// Whether the values of all tags lie inside the file.
  var isComplete: Bool {
    // TIFF 6.0, section 2: bytes of a value of types 1...12.
    let sizes = [1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8]
    return (0..<entries).allSatisfy { entry in
      let offset = start + entry * 12
      guard let type = reader.uint16(offset + 2), let count = reader.uint32(offset + 4),
        let place = reader.uint32(offset + 8)
      else { return false }
      guard (1...12).contains(type) else { return true }
      return count * sizes[type - 1] <= 4 || place + count * sizes[type - 1] <= reader.bytes.count
    }
  }

  /// The first value of a tag of whole numbers.
  func first(_ tag: Int) -> Int? { values(tag, limit: 1)?.first }

  /// The values of a tag of whole numbers (types BYTE, SHORT, LONG), at most `limit`; nil when it
  /// is absent or reaches beyond the file.
  func values(_ tag: Int, limit: Int = .max) -> [Int]? {
    guard let offset = offset(of: tag), let type = reader.uint16(offset + 2),
      let count = reader.uint32(offset + 4), let size = [1: 1, 3: 2, 4: 4][type],
      // Values of up to four bytes lie in the entry itself.
      let place = count * size <= 4 ? offset + 8 : reader.uint32(offset + 8),
      place + count * size <= reader.bytes.count
    else { return nil }
    return (0..<min(count, limit)).compactMap { index in
      switch size {
      case 1: reader.uint8(place + index)
      case 2: reader.uint16(place + index * 2)
      default: reader.uint32(place + index * 4)
      }
    }
  }

  /// The file's bytes without a tag: its entry becomes one of a private number, 65,000.
  func bytes(without tag: Int) -> [UInt8] {
    guard let offset = offset(of: tag) else { return reader.bytes }
    var bytes = reader.bytes
    (bytes[offset], bytes[offset + 1]) = reader.isBigEndian ? (0xFD, 0xE8) : (0xE8, 0xFD)
    return bytes
  }

  private func offset(of tag: Int) -> Int? {
    (0..<entries).lazy.map { start + $0 * 12 }.first { reader.uint16($0) == tag }
  }
}

/// EXIF tag 0x0112 of a TIFF structure: 1...8, nil when absent or out of range.
func exifOrientation(_ bytes: [UInt8]) -> Int? {
  guard let value = TIFFDirectory(bytes)?.first(0x0112), (1...8).contains(value) else { return nil }
  return value
}
