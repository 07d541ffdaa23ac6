/// Nearest-neighbour enlargement.
public struct UpsampleSpec: Hashable, Sendable {
  /// How many times larger each side becomes, 1...64.
  public var stride: Int
  /// What every value is multiplied by (`scale`), 1 unless the cfg says.
  public var scale: Float
}

extension UpsampleSpec {
  init(_ reader: inout SectionReader) throws(ConfigurationError) {
    stride = try reader.integer("stride", in: 1...64, default: 2)
    scale = Float(try reader.number("scale", in: -1e6...1e6, default: 1))
    reader.know(SectionReader.trainingKeys)
  }
}

/// Dropout, the identity at inference.
public struct DropoutSpec: Hashable, Sendable {
  /// The share of values that is dropped in training, 0...1.
  public var probability: Float
}

extension DropoutSpec {
  init(_ reader: inout SectionReader) throws(ConfigurationError) {
    try reader.refuse(["dropblock"])
    probability = Float(try reader.number("probability", in: 0...1, default: 0.2))
    reader.know(SectionReader.trainingKeys)
    reader.know(["dropblock_size_abs", "dropblock_size_rel"])
  }
}

/// Squeeze and excitation (extension, docs/formulas.md 1.4): global mean, two bias-free linear
/// layers with a ReLU between, hard sigmoid, and a product with the input, channel by channel.
public struct SqueezeExcitationSpec: Hashable, Sendable {
  /// Channels of the map that is scaled.
  public var channels: Int
  /// Channels between the two linear layers, at least 1: `squeeze`, a key of ours that pruned
  /// networks have, or else `channels / reduction`.
  public var hiddenChannels: Int
}

extension SqueezeExcitationSpec {
  init(_ reader: inout SectionReader, inChannels: Int) throws(ConfigurationError) {
    channels = try reader.integer("filters", in: 1...65536, default: inChannels)
    guard channels == inChannels else {
      throw .mismatch(
        "'filters=\(channels)' of an [se] is not the \(inChannels) channels it reads",
        at: reader.place(of: "filters"))
    }
    let reduction = try reader.integer("reduction", in: 1...65536, default: 4)
    hiddenChannels = try reader.integer("squeeze", in: 1...65536, default: channels / reduction)
    guard hiddenChannels > 0 else {
      throw .mismatch(
        "a reduction by \(reduction) leaves nothing of \(channels) channels",
        at: reader.place(of: "reduction"))
    }
  }
}

/// Batch normalization on its own.
public struct BatchNormSpec: Hashable, Sendable {
  /// Added to the variance: 1e-5, or 1e-4 for the extension `[BatchNorm2d]`.
  public var epsilon: Float
  /// How much of a batch's statistics enters the running ones: 0.1, or 0.03 for `[BatchNorm2d]`.
  public var momentum: Float
  /// The activation, linear unless the cfg says.
  public var activation: Activation
}

extension BatchNormSpec {
  init(_ reader: inout SectionReader) throws(ConfigurationError) {
    let isExtension = reader.section.name == "BatchNorm2d"
    epsilon = isExtension ? 1e-4 : Float(ConvolutionSpec.epsilon)
    momentum = isExtension ? 0.03 : 0.1
    activation = try reader.activation(default: .linear)
    reader.know(SectionReader.trainingKeys)
    reader.know(["filters"])
  }
}

/// `[reorg]` and `[reorg3d]`: `stride × stride` places become channels.
public struct ReorgSpec: Hashable, Sendable {
  /// The side of the square that becomes channels, 1...64; it divides height and width.
  public var stride: Int
}

extension ReorgSpec {
  init(_ reader: inout SectionReader) throws(ConfigurationError) {
    stride = try reader.integer("stride", in: 1...64, default: 1)
    try reader.refuse(["reverse"])
    reader.know(SectionReader.trainingKeys)
  }
}
