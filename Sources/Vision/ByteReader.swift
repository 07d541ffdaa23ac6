/// Whole numbers at offsets of a file's bytes; nil wherever the file does not reach.
struct ByteReader {
  let bytes: [UInt8]
  var isBigEndian: Bool

  init(_ bytes: [UInt8], isBigEndian: Bool) {
    (self.bytes, self.isBigEndian) = (bytes, isBigEndian)
  }

  func uint8(_ offset: Int) -> Int? {
    offset >= 0 && offset < bytes.count ? Int(bytes[offset]) : nil
  }

  func uint16(_ offset: Int) -> Int? { unsigned(offset, count: 2) }
  func uint24(_ offset: Int) -> Int? { unsigned(offset, count: 3) }
  func uint32(_ offset: Int) -> Int? { unsigned(offset, count: 4) }

  func hasText(_ text: String, at offset: Int) -> Bool {
    offset >= 0 && offset <= bytes.count - text.utf8.count
      && bytes[offset..<offset + text.utf8.count].elementsEqual(text.utf8)
  }

  private func unsigned(_ offset: Int, count: Int) -> Int? {
    guard offset >= 0, offset <= bytes.count - count else { return nil }
    let digits = bytes[offset..<offset + count]
    return isBigEndian
      ? digits.reduce(0) { $0 << 8 | Int($1) } : digits.reversed().reduce(0) { $0 << 8 | Int($1) }
  }
}
