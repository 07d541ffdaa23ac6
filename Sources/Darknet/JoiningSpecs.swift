/// Concatenation of layers along channels, or a part of each.
public struct RouteSpec: Hashable, Sendable {
  /// The layers read, absolute, in the order of concatenation; at least one.
  public var sources: [Int]
  /// Parts that each source is cut into (`groups`), 1 for the whole.
  public var groups: Int
  /// The part that is taken (`group_id`), `0..<groups`.
  public var groupID: Int
}

extension RouteSpec {
  init(_ reader: inout SectionReader, index: Int) throws(ConfigurationError) {
    guard let sources = try reader.references("layers", of: index) else {
      throw reader.missing("layers")
    }
    self.sources = sources
    groups = try reader.integer("groups", in: 1...65536, default: 1)
    groupID = try reader.integer("group_id", in: 0...(groups - 1), default: 0)
    reader.know(SectionReader.trainingKeys)
  }
}

/// The sum of the previous layer and others, position by position over the channels both have.
///
/// The output has the shape of the previous layer: what a narrower source lacks is left alone, and
/// what a wider one has in excess is not read.
public struct ShortcutSpec: Hashable, Sendable {
  /// Learnt factors of the summands (`weights_type`).
  public enum Weights: String, Hashable, Sendable, CaseIterable {
    case none
    /// One factor a summand, `[1 + sources]`.
    case perFeature = "per_feature"
    /// One factor a summand and channel, `[1 + sources, channels]`.
    case perChannel = "per_channel"
  }

  /// What makes the factors sum to nearly one (`weights_normalization`).
  public enum Normalization: String, Hashable, Sendable, CaseIterable {
    case none
    /// `max(w, 0) / (ε + Σ max(w, 0))`.
    case relu
    /// `exp(w − max) / (ε + Σ exp(w − max))`.
    case softmax
  }

  /// What Darknet adds to the sum of the factors that it divides by, ε.
  public static let sumEpsilon = 1e-4

  /// The layers added, absolute, beside the previous one; at least one.
  public var sources: [Int]
  /// The activation of the sum.
  public var activation: Activation
  /// Learnt factors; they are stored in `.weights`.
  public var weights: Weights
  /// How the factors are normalized.
  public var normalization: Normalization
}

extension ShortcutSpec {
  init(_ reader: inout SectionReader, index: Int) throws(ConfigurationError) {
    guard let sources = try reader.references("from", of: index) else {
      throw reader.missing("from")
    }
    self.sources = sources
    if index == 0 {
      throw .invalidReference(
        reader.section["from"] ?? "", key: "from", layer: index, reason: "has no layer before it",
        at: reader.place)
    }
    activation = try reader.activation(default: .linear)
    // Darknet's other name for per_feature.
    weights =
      reader.text("weights_type") == "per_layer"
      ? .perFeature : try reader.word("weights_type", default: .none)
    // The key was once spelt without its second "a".
    let key =
      reader.text("weights_normalization") == nil
      ? "weights_normalizion" : "weights_normalization"
    normalization =
      reader.text(key) == "avg_relu" ? .relu : try reader.word(key, default: .none)
    reader.know(["weights_normalizion"])
    try reader.refuse(["assisted_excitation"])
    reader.know(SectionReader.trainingKeys)
  }
}

/// Another layer's output times one factor a channel, or a place.
public struct ScaleChannelsSpec: Hashable, Sendable {
  /// The layer that is scaled, absolute.
  public var source: Int
  /// Whether the previous layer holds one factor a place (`scale_wh=1`) instead of one a channel.
  public var scalesPlaces: Bool
  /// The activation of the product.
  public var activation: Activation
}

extension ScaleChannelsSpec {
  init(_ reader: inout SectionReader, index: Int) throws(ConfigurationError) {
    source = try reader.singleReference("from", of: index)
    scalesPlaces = try reader.flag("scale_wh")
    activation = try reader.activation(default: .linear)
    reader.know(SectionReader.trainingKeys)
  }
}

/// The previous layer's output times another's, value by value (spatial attention).
public struct SamSpec: Hashable, Sendable {
  /// The other factor, absolute; both have one shape.
  public var source: Int
  /// The activation of the product.
  public var activation: Activation
}

extension SamSpec {
  init(_ reader: inout SectionReader, index: Int) throws(ConfigurationError) {
    source = try reader.singleReference("from", of: index)
    activation = try reader.activation(default: .linear)
    reader.know(SectionReader.trainingKeys)
  }
}

extension SectionReader {
  /// The earlier layers that `key` lists: negative numbers count back from layer `index`, others
  /// are absolute. Nil when the key is absent.
  mutating func references(
    _ key: String, of index: Int
  ) throws(ConfigurationError) -> [Int]? {
    guard let values = try integers(key) else { return nil }
    guard values.count <= 1024 else {
      throw .outOfRange(
        "\(values.count) layers", key: key, allowed: "at most 1024", at: place(of: key))
    }
    var result: [Int] = []
    for value in values {
      let (target, overflow) =
        value < 0 ? value.addingReportingOverflow(index) : (value, false)
      let reason: String? =
        if overflow || target < 0 {
          "counts back to before the first layer"
        } else if target == index {
          "refers to the layer itself"
        } else if target > index {
          "refers to a later layer, only layers before it can be read"
        } else {
          nil
        }
      if let reason {
        throw .invalidReference(
          String(value), key: key, layer: index, reason: reason, at: place(of: key))
      }
      result.append(target)
    }
    return result
  }

  mutating func singleReference(
    _ key: String, of index: Int
  ) throws(ConfigurationError) -> Int {
    guard let sources = try references(key, of: index) else { throw missing(key) }
    guard sources.count == 1 else {
      throw .invalidValue(
        section[key]?.excerpt ?? "", key: key, expected: "one layer", at: place(of: key))
    }
    return sources[0]
  }
}
