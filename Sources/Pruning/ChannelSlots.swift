import Darknet

/// Where every channel of a network comes from, which channels stay or go together, and what every
/// axis of every parameter counts.
///
/// A *slot* is one channel of the network's input or of one convolution's output, numbered from 0
/// in the order of the cfg. Every layer's output is a list of slots: a convolution makes new ones,
/// and so does a `[maxpool]` over channels, whose slots always stay; every other layer passes on
/// those it was given. A *tie* says that two slots stay or go together.
///
/// Surgery needs nothing but this: keep the labelled entries of each axis whose slots stay.
public struct ChannelSlots: Sendable {
  /// Who makes a slot.
  public struct Origin: Hashable, Sendable {
    /// The layer that makes it; nil for the network's input.
    public var layer: Int?
    /// The channel of its output.
    public var channel: Int
  }

  /// Two slots that stay or go together.
  public struct Tie: Hashable, Sendable {
    /// Why they are tied.
    public enum Kind: Hashable, Sendable {
      /// The channels are added (shortcut): the sum lives as long as one of them does.
      case parallel
      /// One channel is computed from the other alone (depthwise convolution): it is constant as
      /// soon as one of them is.
      case product
      /// The channels have the same place in two chunks (grouped route, grouped convolution), and
      /// chunks stay equal so that a cfg can say it.
      case chunk
      /// The channels are read as one map (reorg), and may share channels of the output.
      case block
    }

    /// Why they are tied.
    public var kind: Kind
    /// One slot.
    public var first: Int
    /// The other slot.
    public var second: Int
    /// The layer that ties them.
    public var layer: Int
  }

  /// The maker of each slot.
  public let origins: [Origin]
  /// The slots of each layer's output, in channel order.
  public package(set) var outputs: [[Int]]
  /// The label of each axis of each parameter, by layer and role: the slots that it counts, in its
  /// order, or nil where it counts no channels.
  public package(set) var labels: [[ParameterRole: [[Int]?]]]
  /// All ties, in the order of the cfg.
  public package(set) var ties: [Tie]
  /// Slots that stay whatever their scores, each with the first reason found.
  public let frozen: [Int: Exclusion]

  /// Numbers the channels of a network, and labels the axes that count them.
  ///
  /// - Throws: ``ConfigurationError`` when the network is too large.
  public init(_ spec: NetworkSpec) throws(ConfigurationError) {
    var builder = SlotBuilder(layout: try spec.parameterLayout())
    outputs = builder.walk(spec)
    if let last = outputs.last { builder.freezeOutput(last) }
    origins = builder.origins
    labels = builder.labels
    ties = builder.ties
    frozen = builder.frozen
  }

  /// The slots that a layer makes, in channel order; empty for layers that pass on what they read.
  public func made(by layer: Int) -> [Int] {
    origins.indices.filter { origins[$0].layer == layer }
  }
}

/// Numbers the channels and notes what the layers do to them.
private struct SlotBuilder: ChannelAlgebra {
  private(set) var origins: [ChannelSlots.Origin] = []
  private(set) var labels: [[ParameterRole: [[Int]?]]]
  private(set) var ties: [ChannelSlots.Tie] = []
  private(set) var frozen: [Int: Exclusion] = [:]
  private let layout: [[ParameterEntry]]
  /// What the convolutions so far read and made.
  private var convolutions: [Int: (input: [Int], output: [Int])] = [:]

  init(layout: [[ParameterEntry]]) {
    self.layout = layout
    labels = layout.map { _ in [:] }
  }

  mutating func input(_ count: Int) -> [Int] {
    let slots = makeSlots(count, layer: nil)
    freeze(slots, because: .networkInput)
    return slots
  }

  mutating func made(
    by convolution: ConvolutionSpec, from input: [Int], at layer: Int
  ) -> [Int] {
    let output = makeSlots(convolution.outChannels, layer: layer)
    if convolution.groups > 1 {
      tieChunks(input, count: convolution.groups, layer: layer)
      tieChunks(output, count: convolution.groups, layer: layer)
    }
    // Chunks keep the same places, so the first one speaks for all.
    label(layer, convolution, input, output, Array(input.prefix(input.count / convolution.groups)))
    return output
  }

  mutating func filtered(
    _ input: [Int], by convolution: ConvolutionSpec, at layer: Int
  ) -> [Int] {
    let output = makeSlots(convolution.outChannels, layer: layer)
    let multiplier = output.count / input.count
    for (channel, slot) in output.enumerated() {
      tie(input[channel / multiplier], slot, .product, layer: layer)
    }
    // A depthwise kernel has its own channel only, and nothing to choose from.
    label(layer, convolution, input, output, nil)
    return output
  }

  mutating func normalized(_ input: [Int], by norm: BatchNormSpec, at layer: Int) -> [Int] {
    labels[layer] = axes(layer) { _ in [input] }
    return input
  }

  mutating func summed(
    _ summands: [[Int]], by shortcut: ShortcutSpec, at layer: Int
  ) -> [Int] {
    let output = summands[0]
    // Where widths differ, Darknet adds the first channels that both have.
    for other in summands.dropFirst() { tie(output, other, .parallel, layer: layer) }
    labels[layer] = axes(layer) { $0.shape.count == 2 ? [nil, output] : [nil] }
    return output
  }

  mutating func multiplied(
    _ channels: [Int], by factors: [Int], _ activation: Activation, at layer: Int
  ) -> [Int] {
    tie(channels, factors, .product, layer: layer)
    return channels
  }

  mutating func multiplied(
    _ channels: [Int], byPlaces factor: Int, _ activation: Activation, at layer: Int
  ) -> [Int] {
    freeze(channels + [factor], because: .factorPerPlace(layer: layer))
    return channels
  }

  mutating func gated(
    _ input: [Int], by attention: SqueezeExcitationSpec, at layer: Int
  ) -> [Int] {
    // What is between both linear layers stays.
    labels[layer] = [.squeeze: [nil, input], .excite: [input, nil]]
    return input
  }

  mutating func mixed(_ input: [Int], by pool: ChannelPoolSpec, at layer: Int) -> [Int] {
    let output = makeSlots(pool.outChannels, layer: layer)
    freeze(input + output, because: .mixedChannels(layer: layer))
    return output
  }

  mutating func rearranged(_ input: [Int], by reorg: ReorgSpec, at layer: Int) -> [Int] {
    // Darknet reads stride² channels as one map. Where stride² divides the height, the channels of
    // the output are its input's in turn; elsewhere each has places of two neighbours of a block.
    for place in input.indices where !place.isMultiple(of: reorg.blockSize) {
      tie(input[place - place % reorg.blockSize], input[place], .block, layer: layer)
    }
    return input
  }

  mutating func upsampled(_ input: [Int], by upsample: UpsampleSpec, at layer: Int) -> [Int] {
    input
  }

  mutating func cut(_ channels: [Int], into count: Int, at layer: Int) {
    tieChunks(channels, count: count, layer: layer)
  }

  mutating func read(_ input: [Int], fusedWith others: [[Int]], at layer: Int) -> [Int] {
    freeze(input + others.joined(), because: .head(layer: layer))
    return input
  }

  /// Labels a convolution's parameters.
  ///
  /// - Parameter weightInput: what the second axis of its kernel counts.
  private mutating func label(
    _ layer: Int, _ convolution: ConvolutionSpec, _ input: [Int], _ output: [Int],
    _ weightInput: [Int]?
  ) {
    if let shared = convolution.shareIndex, let other = convolutions[shared] {
      freeze(
        input + output + other.input + other.output, because: .sharedParameters(layer: shared))
    }
    convolutions[layer] = (input, output)
    labels[layer] = axes(layer) { parameter in
      var label = [[Int]?](repeating: nil, count: parameter.shape.count)
      label[0] = output
      if parameter.role == .weight { label[1] = weightInput }
      return label
    }
  }

  /// The labels of a layer's parameters.
  private func axes(
    _ layer: Int, _ label: (ParameterEntry) -> [[Int]?]
  ) -> [ParameterRole: [[Int]?]] {
    Dictionary(layout[layer].map { ($0.role, label($0)) }) { first, _ in first }
  }

  /// Whoever runs the network reads its last layer.
  mutating func freezeOutput(_ slots: [Int]) { freeze(slots, because: .networkOutput) }

  private mutating func makeSlots(_ count: Int, layer: Int?) -> [Int] {
    let start = origins.count
    for channel in 0..<count { origins.append(.init(layer: layer, channel: channel)) }
    return Array(start..<start + count)
  }

  /// Ties slot by slot, as far as both lists go.
  private mutating func tie(
    _ first: [Int], _ second: [Int], _ kind: ChannelSlots.Tie.Kind, layer: Int
  ) {
    for (first, second) in zip(first, second) { tie(first, second, kind, layer: layer) }
  }

  private mutating func tie(
    _ first: Int, _ second: Int, _ kind: ChannelSlots.Tie.Kind, layer: Int
  ) {
    if first != second {
      ties.append(.init(kind: kind, first: first, second: second, layer: layer))
    }
  }

  private mutating func tieChunks(_ slots: [Int], count: Int, layer: Int) {
    let width = slots.count / count
    for place in slots.indices.dropFirst(width) {
      tie(slots[place % width], slots[place], .chunk, layer: layer)
    }
  }

  private mutating func freeze(_ slots: [Int], because reason: Exclusion) {
    for slot in slots where frozen[slot] == nil { frozen[slot] = reason }
  }
}
