import Darknet

/// Where every channel of a network comes from, which channels stay or go together, and what every
/// axis of every parameter counts.
///
/// A *slot* is one channel of the network's input or of one convolution's output, numbered from 0
/// in the order of the cfg. Every layer's output is a list of slots: a convolution makes new ones,
/// every other layer passes on those it was given. A *tie* says that two slots stay or go together.
///
/// Surgery needs nothing but this: keep the labelled entries of each axis whose slots stay.
public struct ChannelSlots: Sendable {
  /// Who makes a slot.
  public struct Origin: Hashable, Sendable {
    /// The convolution; nil for the network's input.
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
  /// What each axis of each parameter counts: slots, or nil where it counts no channels.
  public package(set) var labels: [[ParameterRole: [[Int]?]]]
  /// All ties, in the order of the cfg.
  public package(set) var ties: [Tie]
  /// Slots that stay whatever their scores, each with the first reason found.
  public let frozen: [Int: Exclusion]

  /// Labels the channels of a network.
  ///
  /// - Throws: ``ConfigurationError`` when the network is too large.
  public init(_ spec: NetworkSpec) throws(ConfigurationError) {
    var builder = SlotBuilder(
      inputChannels: spec.net.channels, layout: try spec.parameterLayout())
    for layer in spec.layers { builder.add(layer) }
    builder.freezeOutput()
    origins = builder.origins
    outputs = builder.outputs
    labels = builder.labels
    ties = builder.ties
    frozen = builder.frozen
  }

  /// The slots that a layer makes, in channel order; empty for all but convolutions.
  public func made(by layer: Int) -> [Int] {
    origins.indices.filter { origins[$0].layer == layer }
  }
}

/// Walks a cfg from its input and labels what it sees.
private struct SlotBuilder {
  private(set) var origins: [ChannelSlots.Origin] = []
  private(set) var outputs: [[Int]] = []
  private(set) var labels: [[ParameterRole: [[Int]?]]] = []
  private(set) var ties: [ChannelSlots.Tie] = []
  private(set) var frozen: [Int: Exclusion] = [:]
  private let layout: [[ParameterSlot]]
  /// The output of the layer before the one that is added.
  private var current: [Int] = []
  private var networkInput: [Int] = []

  init(inputChannels: Int, layout: [[ParameterSlot]]) {
    self.layout = layout
    networkInput = makeSlots(inputChannels, layer: nil)
    freeze(networkInput, because: .networkInput)
    current = networkInput
  }

  mutating func add(_ layer: LayerSpec) {
    let index = outputs.count
    let input = current
    var axes: [ParameterRole: [[Int]?]] = [:]
    switch layer {
    case .convolutional(let convolution), .depthwise(let convolution):
      current = makeSlots(convolution.outChannels, layer: index)
      axes = label(convolution, input: input, index: index)
    case .maxPool, .localAveragePool, .averagePool, .upsample, .dropout:
      break
    case .channelMaxPool(let pool):
      freeze(input, because: .mixedChannels(layer: index))
      current = makeSlots(pool.outChannels, layer: index)
      freeze(current, because: .mixedChannels(layer: index))
    case .batchNorm:
      axes = Dictionary(layout[index].map { ($0.role, [input]) }) { first, _ in first }
    case .route(let route):
      current = route.sources.flatMap { source in
        let slots = outputs[source]
        tieChunks(slots, count: route.groups, layer: index)
        let width = slots.count / route.groups
        return slots[route.groupID * width..<(route.groupID + 1) * width]
      }
    case .shortcut(let shortcut):
      for source in shortcut.sources {
        // Where widths differ, Darknet adds the first channels that both have.
        tie(current, outputs[source], .parallel, layer: index)
      }
      axes = Dictionary(
        layout[index].map { ($0.role, $0.shape.count == 2 ? [nil, input] : [nil]) }
      ) { first, _ in first }
    case .scaleChannels(let scale):
      current = outputs[scale.source]
      if scale.scalesPlaces {
        freeze(current + input, because: .factorPerPlace(layer: index))
      } else {
        tie(current, input, .product, layer: index)
      }
    case .sam(let sam):
      tie(current, outputs[sam.source], .product, layer: index)
    case .squeezeExcitation:
      // What is between both linear layers stays.
      axes = [.squeeze: [nil, input], .excite: [input, nil]]
    case .reorg(let reorg):
      // Darknet reads stride² channels as one map. Where stride² divides the height, the channels of
      // the output are its input's in turn; elsewhere each has places of two neighbours of a block.
      for place in input.indices where !place.isMultiple(of: reorg.blockSize) {
        tie(input[place - place % reorg.blockSize], input[place], .block, layer: index)
      }
      current = reorg.repeated(input)
    case .reorg3d(let reorg):
      current = reorg.repeated(input)
    case .yolo(let yolo):
      let fused = yolo.fusionSources.flatMap { outputs[$0] }
      freeze(input + fused, because: .head(layer: index))
    case .gaussianYolo, .region:
      freeze(input, because: .head(layer: index))
    }
    outputs.append(current)
    labels.append(axes)
  }

  /// Whoever runs the network reads its last layer.
  mutating func freezeOutput() { freeze(current, because: .networkOutput) }

  private mutating func label(
    _ convolution: ConvolutionSpec, input: [Int], index: Int
  ) -> [ParameterRole: [[Int]?]] {
    let groups = convolution.groups
    if convolution.isDepthwise(inputChannels: input.count) {
      let multiplier = current.count / input.count
      for (channel, slot) in current.enumerated() {
        tie(input[channel / multiplier], slot, .product, layer: index)
      }
    } else if groups > 1 {
      tieChunks(input, count: groups, layer: index)
      tieChunks(current, count: groups, layer: index)
    }
    if let shared = convolution.shareIndex {
      let sharedInput = shared == 0 ? networkInput : outputs[shared - 1]
      freeze(
        input + current + sharedInput + outputs[shared],
        because: .sharedParameters(layer: shared))
    }
    var axes: [ParameterRole: [[Int]?]] = [:]
    for slot in layout[index] {
      var label = [[Int]?](repeating: nil, count: slot.shape.count)
      label[0] = current
      // Chunks keep the same places, so the first one speaks for all. A depthwise kernel has its
      // own channel only, and nothing to choose from.
      if slot.role == .weight && !convolution.isDepthwise(inputChannels: input.count) {
        label[1] = Array(input.prefix(input.count / groups))
      }
      axes[slot.role] = label
    }
    return axes
  }

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

extension ConvolutionSpec {
  /// Whether every output channel is computed from one input channel alone.
  ///
  /// A convolution over one channel counts as an ordinary one: it may make that channel's
  /// successors independent of each other.
  func isDepthwise(inputChannels: Int) -> Bool { groups > 1 && groups == inputChannels }
}

extension ReorgSpec {
  /// Channels that `[reorg]` reads as one map.
  var blockSize: Int { stride * stride }

  /// What the output's channels are made of, where the input's are made of `channels`.
  func repeated<Element>(_ channels: [Element]) -> [Element] {
    (0..<blockSize).flatMap { _ in channels }
  }
}
