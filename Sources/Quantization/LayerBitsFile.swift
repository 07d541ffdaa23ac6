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
  /// - Parameters:
  ///   - spec: the network that the layers are of; without it ``QuantizationPlan`` alone refuses what
  ///     this cannot have, and cannot say in which line.
  ///   - mostWeightBits: the most bits that weights may have, where what they are for has no more.
  /// - Throws: `FileError` where it cannot be read, ``QuantizationError/malformedBits(_:line:found:)``
  ///   for the first line that says something else, ``QuantizationError/unfitBits(_:_:)`` for the first
  ///   one that asks for what the network cannot have.
  public static func read(
    _ path: String, for spec: NetworkSpec? = nil, mostWeightBits: Int? = nil
  ) throws -> [Int: QuantizationOptions.LayerBits] {
    let text = try readTextFile(path, limit: maximumBytes)
    return try parse(
      String(decoding: text.bytes, as: UTF8.self), path: path, for: spec,
      mostWeightBits: mostWeightBits)
  }

  /// Reads a text.
  static func parse(
    _ text: String, path: String, for spec: NetworkSpec? = nil, mostWeightBits: Int? = nil
  ) throws(QuantizationError) -> [Int: QuantizationOptions.LayerBits] {
    var found: [Int: QuantizationOptions.LayerBits] = [:]
    for line in TextLines(text) {
      let content = line.content.prefix { $0 != UInt8(ascii: "#") }.trimmed
      guard !content.isEmpty else { continue }
      let words = content.text.split { $0 == " " || $0 == "\t" }
      guard words.count == 3, let layer = Int(words[0]), layer >= 0, found[layer] == nil,
        let weights = bits(words[1]), let activations = bits(words[2])
      else { throw .malformedBits(path, line: line.number, found: content.text) }
      let own = QuantizationOptions.LayerBits(
        weights: weights.number, activations: activations.number)
      let place = SourcePlace(path: path, line: line.number)
      if let most = mostWeightBits, let bits = own.weights, bits > most {
        throw .unfitBits(place, .tooManyWeightBits(bits, most: most))
      }
      do throws(QuantizationError) {
        if let spec { try own.check(forLayer: layer, of: spec) }
      } catch { throw .unfitBits(place, error) }
      found[layer] = own
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
