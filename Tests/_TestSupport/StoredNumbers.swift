// Reads back what is written for other machines.

extension [Int] {
  /// What was taken at these places, in its old order.
  package func restored(from places: [Int]) -> [Int] {
    var numbers = [Int](repeating: 0, count: count)
    for (number, place) in zip(self, places) { numbers[place] = number }
    return numbers
  }

  /// Signed numbers of so many bytes each, little-endian.
  package init(littleEndian bytes: [UInt8], byteCount: Int) {
    precondition(bytes.count % byteCount == 0, "numbers are whole")
    let bits = 8 * byteCount
    self = stride(from: 0, to: bytes.count, by: byteCount).map { start in
      let number = (0..<byteCount).reduce(0) { $0 | Int(bytes[start + $1]) << (8 * $1) }
      return number >> (bits - 1) == 1 ? number - 1 << bits : number
    }
  }
}
