import Storage

/// Checksums of a safetensors file, in a tensor of their own at its end, so that a flipped bit is
/// noticed and its place named: CRC-32 of the header, of each tensor in the order of the file, and
/// of the table itself, four bytes each, little-endian. Readers that do not know it see one more
/// tensor.
public struct SafetensorsChecksums: Sendable {
  /// The tensor's name.
  public static let name = "pare.checksums"

  private var header: UInt32
  private var tensors: [(name: String, sum: UInt32)] = []
  private var byName: [String: UInt32] = [:]

  init(header: [UInt8]) {
    self.header = CRC32.checksum(header)
  }

  /// Reads the table, and compares its own checksum and the header's.
  init(_ bytes: [UInt8], names: [String], header: [UInt8], path: String) throws(TorchError) {
    func damaged(_ what: String) -> TorchError {
      .damagedFile(path: path, part: what)
    }
    let words = stride(from: 0, to: bytes.count / 4 * 4, by: 4).map { place in
      (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[place + $1]) << (8 * UInt32($1)) }
    }
    guard bytes.count == Self.byteCount(tensors: names.count), let last = words.last,
      last == CRC32.checksum(bytes.dropLast(4))
    else { throw damaged("the table of checksums") }
    self.init(header: header)
    guard self.header == words[0] else { throw damaged("the header") }
    byName = Dictionary(zip(names, words.dropFirst())) { first, _ in first }
  }

  static func byteCount(tensors: Int) -> Int { 4 * (tensors + 2) }

  mutating func add(_ bytes: UnsafeRawBufferPointer, of name: String) {
    tensors.append((name, CRC32.checksum(bytes)))
  }

  var encoded: [UInt8] {
    func bytes(_ word: UInt32) -> [UInt8] {
      (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
    }
    let table = ([header] + tensors.map(\.sum)).flatMap(bytes)
    return table + bytes(CRC32.checksum(table))
  }

  func check(_ bytes: UnsafeRawBufferPointer, of name: String, path: String) throws(TorchError) {
    guard let sum = byName[name], sum != CRC32.checksum(bytes) else { return }
    throw .damagedFile(path: path, part: "tensor '\(name)'")
  }
}
