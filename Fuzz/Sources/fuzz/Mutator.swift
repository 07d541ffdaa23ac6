/// Makes input number i of a run from the seed inputs: the same i and seed, the same bytes.
struct Mutator {
  private let seeds: [[UInt8]]
  private let words: [[UInt8]]
  private let seed: UInt64

  init(_ parser: Parser, seed: UInt64) {
    seeds = parser.seeds
    words = parser.words.map { Array($0.utf8) }
    self.seed = seed
  }

  /// Input `index`: a seed input with one to eight changes, now and then a seed input as it is.
  func input(_ index: Int) -> [UInt8] {
    var random = SplitMix64(state: seed &* 0x2545_F491_4F6C_DD1D &+ UInt64(index))
    var bytes = seeds[Int.random(in: seeds.indices, using: &random)]
    for _ in 0..<(Int.random(in: 0...8, using: &random)) { change(&bytes, &random) }
    return bytes
  }

  private func change(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
    guard !bytes.isEmpty else { return bytes.append(UInt8.random(in: 0...255, using: &random)) }
    let at = Int.random(in: bytes.indices, using: &random)
    let end = min(bytes.count, at + Int.random(in: 1...32, using: &random))
    switch Int.random(in: 0..<12, using: &random) {
    case 0: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 1: bytes[at] = UInt8.random(in: 0...255, using: &random)
    case 2: bytes.removeSubrange(at..<end)
    case 3: bytes.removeSubrange(at...)
    case 4:
      let piece = Array(bytes[at..<end])
      bytes.insert(contentsOf: piece, at: Int.random(in: bytes.indices, using: &random))
    case 5, 6:
      bytes.insert(contentsOf: words[Int.random(in: words.indices, using: &random)], at: at)
    case 7: changeNumber(&bytes, from: at, &random)
    case 8: moveLine(&bytes, from: at, &random)
    case 9: removeLine(&bytes, at: at)
    case 10:
      // The end of another input behind the start of this one.
      let other = seeds[Int.random(in: seeds.indices, using: &random)]
      bytes.removeSubrange(at...)
      bytes += other[Int.random(in: 0...other.count, using: &random)...]
    default: bytes += [UInt8](repeating: bytes[at], count: Int.random(in: 1...64, using: &random))
    }
  }

  /// Replaces the next run of digits.
  private func changeNumber(
    _ bytes: inout [UInt8], from start: Int, _ random: inout SplitMix64
  ) {
    let isDigit = { (byte: UInt8) in (0x30...0x39).contains(byte) }
    guard let first = bytes[start...].firstIndex(where: isDigit) else { return }
    let last = bytes[first...].firstIndex { !isDigit($0) } ?? bytes.endIndex
    let number = [0, 1, 2, 3, 4, 7, 8, 16, 255, 65535, -1, -2, Int.max, Int.min]
      .randomElement(using: &random)
    bytes.replaceSubrange(first..<last, with: Array("\(number ?? 0)".utf8))
  }

  private func lineRange(_ bytes: [UInt8], at index: Int) -> Range<Int> {
    let start = bytes[..<index].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    let end = bytes[index...].firstIndex(of: 0x0A).map { $0 + 1 } ?? bytes.count
    return start..<end
  }

  private func removeLine(_ bytes: inout [UInt8], at index: Int) {
    bytes.removeSubrange(lineRange(bytes, at: index))
  }

  /// Takes one line out, or a copy of it, and puts it before another.
  private func moveLine(_ bytes: inout [UInt8], from index: Int, _ random: inout SplitMix64) {
    let range = lineRange(bytes, at: index)
    let line = Array(bytes[range])
    if Bool.random(using: &random) { bytes.removeSubrange(range) }
    guard !bytes.isEmpty else { return }
    let target = lineRange(bytes, at: Int.random(in: bytes.indices, using: &random)).lowerBound
    bytes.insert(contentsOf: line, at: target)
  }
}

/// SplitMix64 (Steele et al., 2014): the same numbers on every machine.
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
