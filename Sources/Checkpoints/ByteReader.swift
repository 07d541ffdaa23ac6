/// Bytes read from front to back; past their end there is nil.
struct ByteReader {
  private let bytes: [UInt8]
  private(set) var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Bytes that are left.
  var left: Int { bytes.count - position }

  /// Passes over `count` bytes, at most to the end.
  mutating func skip(_ count: Int) { position += min(count, left) }

  /// The next byte.
  mutating func byte() -> UInt8? {
    guard left > 0 else { return nil }
    position += 1
    return bytes[position - 1]
  }

  /// The next `count` bytes.
  mutating func slice(_ count: Int) -> ArraySlice<UInt8>? {
    guard (0...left).contains(count) else { return nil }
    position += count
    return bytes[position - count..<position]
  }

  /// The bytes up to the next line feed, which is passed over.
  mutating func line() -> ArraySlice<UInt8>? {
    guard let end = bytes[position...].firstIndex(of: 0x0A) else { return nil }
    defer { position = end + 1 }
    return bytes[position..<end]
  }

  /// The next `count` bytes, at most eight, as a little-endian number; nil too where it does not
  /// fit.
  mutating func integer(_ count: Int) -> Int? {
    guard let slice = slice(count) else { return nil }
    return Int(exactly: slice.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
  }
}
