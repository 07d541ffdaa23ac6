/// One to four changes: a bit, a byte, a piece doubled, moved or lost, a number made extreme.
public func mutated(_ seed: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
  var bytes = seed
  for _ in 0..<Int.random(in: 1...4, using: &generator) {
    guard !bytes.isEmpty else { break }
    let at = Int.random(in: 0..<bytes.count, using: &generator)
    let length = Int.random(in: 1...16, using: &generator)
    let piece = bytes[at..<min(at + length, bytes.count)]
    switch Int.random(in: 0..<7, using: &generator) {
    case 0: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
    case 1: bytes[at] = UInt8.random(in: .min ... .max, using: &generator)
    case 2: bytes.removeSubrange(piece.indices)
    case 3:
      bytes.insert(contentsOf: piece, at: Int.random(in: 0..<bytes.count, using: &generator))
    case 4: bytes.removeLast(bytes.count - at)
    case 5:
      let words = ["-1", "0", "99999999999", "[yolo]\n", "=", "\n", "nan", ",,", "#"]
      bytes.insert(contentsOf: (words.randomElement(using: &generator) ?? "").utf8, at: at)
    default: bytes.replaceSubrange(piece.indices, with: piece.reversed())
    }
  }
  return bytes
}

/// Every line of a cfg spoilt in turn: its value made impossible, itself lost, doubled or renamed.
///
/// - Returns: each broken text once, in a fixed order.
public func spoiltLines(of text: String) -> [String] {
  let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  let values = ["-1", "0", "99999999999999999999", "70000", "two", "nan", "", "1,2,,3", "-9999"]
  var result: [String] = []
  for (index, line) in lines.enumerated() where !line.isEmpty {
    var versions: [[String]] = [[], [line, line]]
    if let equals = line.firstIndex(of: "=") {
      versions += values.map { ["\(line[...equals])\($0)"] }
      versions += [["x\(line)"], [String(line[..<equals])]]
    } else {
      versions += [["[\(line.dropFirst().dropLast())x]"], [String(line.dropLast())], ["[lstm]"]]
    }
    for version in versions {
      result.append(
        (lines[..<index] + version + lines[(index + 1)...]).joined(separator: "\n"))
    }
  }
  var seen: Set<String> = [text]
  return result.filter { seen.insert($0).inserted }
}
