/// Which layer of the network that was pruned first a layer came from, as a comment of the cfg says it:
/// `layer 12` or `layer 12, 40 of 64 channels`. Darknet ignores comments.
struct LayerOrigin: Hashable {
  /// Index in the first cfg.
  var layer: Int
  /// Channels there.
  var width: Int

  /// Reads a comment of an earlier pruning; a layer without one is its own origin.
  ///
  /// - Parameters:
  ///   - layer: index in the cfg at hand.
  ///   - width: its channels.
  ///   - comment: what stands before its section.
  init(layer: Int, width: Int, comment: String?) {
    (self.layer, self.width) = (layer, width)
    let words = (comment ?? "").split(separator: " ")
    guard words.count == 2 || words.count == 6, words[0] == "layer",
      let origin = Int(words[1].hasSuffix(",") ? words[1].dropLast() : words[1])
    else { return }
    guard words.count == 6 else {
      self.layer = origin
      return
    }
    guard words[1].hasSuffix(","), words[3] == "of", words[5] == "channels",
      let original = Int(words[4])
    else { return }
    (self.layer, self.width) = (origin, original)
  }

  /// The comment for a layer of so many channels.
  func comment(width now: Int) -> String {
    "layer \(layer)" + (now < width ? ", \(now) of \(width) channels" : "")
  }
}
