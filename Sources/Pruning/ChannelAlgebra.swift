import Darknet

/// What becomes of channels in a network, whatever a channel is taken for: its number
/// (``ChannelSlots``), what it is worth (`ScoreFlow`), the constant that is left of it
/// (``Compensation``).
///
/// ``walk(_:)`` goes through a network once and says what every kind of layer does to channels in
/// the operations below; channels that a layer only passes on, and those that a route gathers, need
/// none. A new kind of layer is a line of the walk, which the compiler asks for. One that none of
/// the operations fits brings an operation, which the compiler asks of each conforming type.
protocol ChannelAlgebra {
  /// What a channel is taken for.
  associatedtype Channel

  /// The channels of the network's input.
  mutating func input(_ count: Int) -> [Channel]

  /// Channels that a convolution makes, each from all channels of its group.
  mutating func made(
    by convolution: ConvolutionSpec, from input: [Channel], at layer: Int
  ) -> [Channel]

  /// Channels that a depthwise convolution makes, the same number from each channel, in turn.
  mutating func filtered(
    _ input: [Channel], by convolution: ConvolutionSpec, at layer: Int
  ) -> [Channel]

  /// Channels through batch normalisation.
  mutating func normalized(_ input: [Channel], by norm: BatchNormSpec, at layer: Int) -> [Channel]

  /// The sum of several lists, as wide as the first; others may be narrower or wider.
  mutating func summed(
    _ summands: [[Channel]], by shortcut: ShortcutSpec, at layer: Int
  ) -> [Channel]

  /// Channels times factors, one for each.
  mutating func multiplied(
    _ channels: [Channel], by factors: [Channel], _ activation: Activation, at layer: Int
  ) -> [Channel]

  /// Channels times one map, which has a factor for each place.
  mutating func multiplied(
    _ channels: [Channel], byPlaces factor: Channel, _ activation: Activation, at layer: Int
  ) -> [Channel]

  /// Channels times factors that squeeze and excitation makes from all of them.
  mutating func gated(
    _ input: [Channel], by attention: SqueezeExcitationSpec, at layer: Int
  ) -> [Channel]

  /// Channels each of which is the greatest of several.
  mutating func mixed(
    _ input: [Channel], by pool: ChannelPoolSpec, at layer: Int
  ) -> [Channel]

  /// Channels of which `[reorg]` may put several into one; their order stays.
  mutating func rearranged(_ input: [Channel], by reorg: ReorgSpec, at layer: Int) -> [Channel]

  /// Channels that are enlarged; each place of an output is `scale` times its input.
  mutating func upsampled(_ input: [Channel], by upsample: UpsampleSpec, at layer: Int) -> [Channel]

  /// A route takes one of `count` equal chunks of these.
  mutating func cut(_ channels: [Channel], into count: Int, at layer: Int)

  /// A head reads these; what it hands out is what it was given.
  mutating func read(_ input: [Channel], fusedWith others: [[Channel]], at layer: Int) -> [Channel]
}

extension ChannelAlgebra {
  /// Goes through a network.
  ///
  /// - Returns: the channels of each layer's output.
  mutating func walk(_ spec: NetworkSpec) -> [[Channel]] {
    let first = input(spec.net.channels)
    var outputs = [[Channel]](repeating: [], count: spec.layers.count)
    for index in spec.evaluationOrder {
      let input = index > 0 ? outputs[index - 1] : first
      outputs[index] = output(of: spec.layers[index], at: index, reading: input, outputs)
    }
    return outputs
  }

  private mutating func output(
    of layer: LayerSpec, at index: Int, reading input: [Channel], _ outputs: [[Channel]]
  ) -> [Channel] {
    switch layer {
    case .convolutional(let convolution), .depthwise(let convolution):
      convolution.isDepthwise(inputChannels: input.count)
        ? filtered(input, by: convolution, at: index)
        : made(by: convolution, from: input, at: index)
    case .batchNorm(let norm): normalized(input, by: norm, at: index)
    case .maxPool, .localAveragePool, .averagePool, .dropout: input
    case .upsample(let upsample): upsampled(input, by: upsample, at: index)
    case .route(let route):
      route.sources.flatMap { source in
        let channels = outputs[source]
        cut(channels, into: route.groups, at: index)
        let width = channels.count / route.groups
        return channels[route.groupID * width..<(route.groupID + 1) * width]
      }
    case .shortcut(let shortcut):
      summed([input] + shortcut.sources.map { outputs[$0] }, by: shortcut, at: index)
    case .scaleChannels(let scale):
      scale.scalesPlaces
        ? multiplied(outputs[scale.source], byPlaces: input[0], scale.activation, at: index)
        : multiplied(outputs[scale.source], by: input, scale.activation, at: index)
    case .sam(let sam):
      multiplied(input, by: outputs[sam.source], sam.activation, at: index)
    case .squeezeExcitation(let attention): gated(input, by: attention, at: index)
    case .channelMaxPool(let pool): mixed(input, by: pool, at: index)
    case .reorg(let reorg): reorg.repeated(rearranged(input, by: reorg, at: index))
    case .reorg3d(let reorg): reorg.repeated(input)
    case .yolo(let yolo):
      read(input, fusedWith: yolo.fusionSources.map { outputs[$0] }, at: index)
    case .gaussianYolo, .region: read(input, fusedWith: [], at: index)
    }
  }
}

extension ReorgSpec {
  /// Channels that `[reorg]` reads as one map.
  var blockSize: Int { stride * stride }

  /// What the output's channels are made of, where the input's are made of `channels`.
  func repeated<Element>(_ channels: [Element]) -> [Element] {
    (0..<blockSize).flatMap { _ in channels }
  }
}
