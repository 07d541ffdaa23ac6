import CZlib

/// Pieces of MATLAB files of version 5, little-endian (MathWorks, "MAT-File Format").
enum MATFileBytes {
  static var header: [UInt8] {
    let text = Array("MATLAB 5.0 MAT-file".utf8)
    return text + [UInt8](repeating: 0x20, count: 124 - text.count) + [0, 1, 0x49, 0x4D]
  }

  /// An array that claims 16 million cells of its own.
  static var claim: [UInt8] {
    matrix(1, [1 << 12, 1 << 12], "boxes", [UInt8](repeating: 0, count: 64))
  }

  static func doubles(_ values: [Double]) -> [UInt8] {
    matrix(6, [1, values.count], "", element(9, values.flatMap { number($0.bitPattern, 8) }))
  }

  static func structure(_ fields: [String], _ values: [[UInt8]]) -> [UInt8] {
    let names = fields.flatMap { Array($0.utf8) + [UInt8](repeating: 0, count: 8 - $0.utf8.count) }
    return matrix(
      2, [1, 1], "", element(5, number(8, 4)) + element(1, names) + values.flatMap { $0 })
  }

  static func matrix(_ kind: UInt64, _ size: [Int], _ name: String, _ data: [UInt8]) -> [UInt8] {
    element(
      14,
      element(6, number(kind, 4) + number(0, 4))
        + element(5, size.flatMap { number(UInt64($0), 4) }) + element(1, Array(name.utf8)) + data)
  }

  static func element(_ type: UInt64, _ data: [UInt8]) -> [UInt8] {
    let padding = [UInt8](repeating: 0, count: (8 - data.count % 8) % 8)
    return number(type, 4) + number(UInt64(data.count), 4) + data + padding
  }

  /// A compressed element.
  static func packed(_ bytes: [UInt8]) -> [UInt8] {
    var count = compressBound(UInt(bytes.count))
    var packed = [UInt8](repeating: 0, count: Int(count))
    guard compress(&packed, &count, bytes, UInt(bytes.count)) == Z_OK else { return [] }
    return number(15, 4) + number(UInt64(count), 4) + packed.prefix(Int(count))
  }

  static func number(_ value: UInt64, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
  }
}
