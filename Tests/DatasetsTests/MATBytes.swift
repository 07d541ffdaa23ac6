import CZlib

/// Writes MATLAB files of version 5 as MathWorks' "MAT-File Format" lays them out.
struct MATBytes {
  var isBigEndian = false
  /// Numbers of up to four bytes in tags of their own, as MATLAB writes them.
  var usesSmallElements = true

  /// A file of one variable.
  func file(_ matrix: [UInt8], packed: Bool = false) -> [UInt8] {
    var bytes = Array("MATLAB 5.0 MAT-file, Platform: GLNXA64".utf8)
    bytes += [UInt8](repeating: 0x20, count: 116 - bytes.count) + [UInt8](repeating: 0, count: 8)
    bytes += number(0x0100, 2) + number(0x4D49, 2)
    guard packed else { return bytes + matrix }
    let deflated = Self.deflated(matrix)
    return bytes + number(15, 4) + number(UInt64(deflated.count), 4) + deflated
  }

  /// A double array of one row.
  func doubles(_ values: [Double], name: String = "") -> [UInt8] {
    matrix(6, [1, values.count], name, element(9, values.flatMap { number($0.bitPattern, 8) }))
  }

  /// A row of cells.
  func cells(_ values: [[UInt8]], name: String = "") -> [UInt8] {
    matrix(1, [1, values.count], name, values.flatMap { $0 })
  }

  /// A row of structures with the same fields.
  func structures(_ fields: [String], _ values: [[[UInt8]]], name: String = "") -> [UInt8] {
    let names = fields.flatMap { Array($0.utf8) + [UInt8](repeating: 0, count: 32 - $0.utf8.count) }
    return matrix(
      2, [1, values.count], name,
      element(5, number(32, 4)) + element(1, names) + values.flatMap { $0.flatMap { $0 } })
  }

  func matrix(_ kind: UInt64, _ size: [Int], _ name: String, _ data: [UInt8]) -> [UInt8] {
    let parts =
      element(6, number(kind, 4) + number(0, 4))
      + element(5, size.flatMap { number(UInt64($0), 4) }) + element(1, Array(name.utf8)) + data
    return number(14, 4) + number(UInt64(parts.count), 4) + parts
  }

  func element(_ type: UInt64, _ data: [UInt8]) -> [UInt8] {
    if usesSmallElements, (1...4).contains(data.count) {
      let tag = number(UInt64(data.count) << 16 | type, 4)
      return tag + data + [UInt8](repeating: 0, count: 4 - data.count)
    }
    let padding = [UInt8](repeating: 0, count: (8 - data.count % 8) % 8)
    return number(type, 4) + number(UInt64(data.count), 4) + data + padding
  }

  func number(_ value: UInt64, _ count: Int) -> [UInt8] {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
    return isBigEndian ? bytes.reversed() : bytes
  }

  static func deflated(_ bytes: [UInt8]) -> [UInt8] {
    var count = compressBound(UInt(bytes.count))
    var packed = [UInt8](repeating: 0, count: Int(count))
    let status = compress(&packed, &count, bytes, UInt(bytes.count))
    return status == Z_OK ? Array(packed[..<Int(count)]) : []
  }
}
