import Darknet

/// Bits of single layers, as a text: a line for each layer with its index, the bits of its weights
/// and those of what it reads, `float` for either; `#` begins a comment.
///
/// ```
/// # layer weights reads
/// 0 8 8
/// 17 4 float
/// ```
public enum LayerBitsFile {
  /// The largest file that is read, in bytes.
  public static let maximumBytes = 1 << 20

  /// Reads a file.
  ///
  /// - Throws: `FileError` where it cannot be read, ``QuantizationError/malformedBits(_:line:found:)``
  ///   for the first line that says something else.
  public static func read(_ path: String) throws -> [Int: QuantizationOptions.LayerBits] {
    let text = try readTextFile(path, limit: maximumBytes)
    return try parse(String(decoding: text.bytes, as: UTF8.self), path: path)
  }

  /// Reads a text.
  static func parse(
    _ text: String, path: String
  ) throws(QuantizationError) -> [Int: QuantizationOptions.LayerBits] {
    var found: [Int: QuantizationOptions.LayerBits] = [:]
    for line in TextLines(text) {
      let content = line.content.prefix { $0 != UInt8(ascii: "#") }.trimmed
      guard !content.isEmpty else { continue }
      let words = content.text.split { $0 == " " || $0 == "\t" }
      guard words.count == 3, let layer = Int(words[0]), layer >= 0, found[layer] == nil,
        let weights = bits(words[1]), let activations = bits(words[2])
      else { throw .malformedBits(path, line: line.number, found: content.text) }
      found[layer] = .init(weights: weights.number, activations: activations.number)
    }
    return found
  }

  /// Bits or `float`; nil for anything else.
  private static func bits(_ word: Substring) -> (number: Int?, ())? {
    if word == "float" { return (nil, ()) }
    guard let number = Int(word), CodeRange.allowedBits.contains(number) else { return nil }
    return (number, ())
  }
}
