/// Which layer of the network that was pruned first a layer came from, as a comment above its
/// section says it: `layer 12`, `layer 12, 40 of 64 channels`, or with those that are left
/// `layer 12, 40 of 64 channels: f0a1…`. Darknet ignores comments.
///
/// The channels are hexadecimal digits, each of four channels, the first one the highest bit.
package struct LayerOrigin: Hashable, Sendable {
  /// Index in the first cfg.
  package var layer: Int
  /// Channels there.
  package var width: Int
  /// Which of them are left, ascending; nil where the comment does not say.
  package var channels: [Int]?

  /// Reads a comment of an earlier pruning; a layer without one is its own origin.
  ///
  /// - Parameters:
  ///   - layer: index in the cfg at hand.
  ///   - width: its channels.
  ///   - comment: what stands before its section.
  package init(layer: Int, width: Int, comment: String?) {
    (self.layer, self.width) = (layer, width)
    channels = Array(0..<width)
    guard let comment, let said = LayerOrigin(comment) else { return }
    self = said
    if channels == nil, said.width == 0 {
      // All channels that there are.
      (self.width, channels) = (width, Array(0..<width))
    } else if let known = channels, known.count != width {
      channels = nil
    }
  }

  /// What a comment says; a width of 0 is that of the layer itself. Nil where it is no such
  /// comment.
  package init?(_ comment: String) {
    let words = comment.split(separator: " ")
    guard [2, 6, 7].contains(words.count), words[0] == "layer",
      words[1].hasSuffix(",") == (words.count > 2),
      let origin = Int(words[1].hasSuffix(",") ? words[1].dropLast() : words[1]), origin >= 0
    else { return nil }
    layer = origin
    guard words.count > 2 else {
      width = 0
      return
    }
    guard words[3] == "of", words[5] == (words.count == 7 ? "channels:" : "channels"),
      let original = Int(words[4]), original > 0
    else { return nil }
    width = original
    if words.count == 7 { channels = Self.channels(words[6], of: original) }
  }

  private static func channels(_ digits: Substring, of width: Int) -> [Int]? {
    guard digits.count == (width + 3) / 4 else { return nil }
    var channels: [Int] = []
    for (place, digit) in digits.enumerated() {
      guard let bits = digit.hexDigitValue else { return nil }
      channels += (0..<4).filter { bits & (8 >> $0) != 0 }.map { 4 * place + $0 }
    }
    return channels.last.map { $0 < width } ?? true ? channels : nil
  }

  /// The origin of a layer of this one's channels that keeps some of them, by index.
  package func keeping(_ kept: [Int]) -> LayerOrigin {
    var origin = self
    origin.channels = channels.flatMap { channels in
      kept.allSatisfy(channels.indices.contains) ? kept.map { channels[$0] } : nil
    }
    return origin
  }

  /// The comment for a layer of so many channels.
  package func comment(width now: Int) -> String {
    guard now < width else { return "layer \(layer)" }
    let count = "layer \(layer), \(now) of \(width) channels"
    // What is left in another order, or twice, cannot be said.
    guard let channels, channels.count == now, zip(channels, channels.dropFirst()).allSatisfy(<)
    else { return count }
    var bits = [Int](repeating: 0, count: (width + 3) / 4)
    for channel in channels { bits[channel / 4] |= 8 >> (channel % 4) }
    return count + ": " + bits.map { String($0, radix: 16) }.joined()
  }
}

extension NetworkSpec {
  /// Which layer of the network that was pruned first a layer came from.
  package func origin(ofLayer index: Int) -> LayerOrigin {
    LayerOrigin(
      layer: index, width: outChannels(ofLayer: index), comment: section(ofLayer: index).comment)
  }
}
