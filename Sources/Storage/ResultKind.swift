/// What a folder of results holds; only the same kind of result replaces it.
package struct ResultKind: Hashable, Sendable {
  /// In words that follow "holds".
  package let words: String

  init(_ words: String) { self.words = words }

  package static let training = Self("a training")
  package static let pruning = Self("a pruned network")
  package static let quantization = Self("a quantized network")
  package static let detections = Self("detections")
  package static let test = Self("the figures of a test")
  package static let program = Self("an exported network")
  package static let dump = Self("the values of layers")
  package static let dataset = Self("a data set")
  package static let division = Self("lists of a divided data set")
  package static let statistics = Self("the statistics of a data set")
  package static let exportedDataset = Self("a data set for other programs")

  /// Whether a folder that holds another kind takes this one too: what is told of a data set may
  /// lie beside it.
  package func mayLie(beside other: Self) -> Bool {
    let told: Set = [Self.division, .statistics]
    return other == self || told.contains(self) && (other == .dataset || told.contains(other))
  }

  /// The kind that names of files speak for, where their list says none, as those of earlier
  /// versions do; nil where they speak for none.
  static func inferred(from names: some Sequence<String>) -> Self? {
    let names = Set(names)
    func has(_ ending: String) -> Bool { names.contains { $0.hasSuffix(ending) } }
    if !names.isDisjoint(with: ["request.json", "last.safetensors", "run.json"]) {
      return .training
    }
    if names.contains("certificate.json") { return .pruning }
    if names.contains("model.quantization.safetensors") { return .quantization }
    if has(".data") {
      let hasPictures = names.contains { $0.hasPrefix("images/") || $0.hasPrefix("labels/") }
      return hasPictures ? .dataset : .division
    }
    return has(".c") ? .program : nil
  }
}
