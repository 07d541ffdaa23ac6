import Darknet

/// What every class of slots is worth to the layers that read it.
///
/// Scores flow through the network as channels do: a convolution's channel has its own score, a sum
/// keeps a list of its summands' scores, a product takes the smallest of its factors. A class is
/// worth what the method's merge makes of all summands that any reader of several channels (a
/// convolution, a head) sees of it. So an expanded channel dies with its depthwise kernel, but a
/// channel that something else reads too, as in a ghost module, does not.
///
/// A channel without a score has no say in a product and leaves a sum unjudged. Verdicts flow as
/// scores do: one for a channel that would stay by itself, zero for the others.
struct ScoreFlow {
  /// One summand of a channel, led by the slot of the convolution that made it.
  struct Summand: Hashable {
    /// The slot that leads the summand's product.
    var slot: Int
    /// The smallest score of the product's factors.
    var score: Float
  }

  /// What all readers see of each class; nil where one of them sees something unjudged.
  private(set) var summands: [[Summand]?]

  /// A channel's summands; nil where one is unjudged.
  private typealias Channel = [Summand]?

  private let classOfSlot: [Int]
  private let slots: ChannelSlots
  private var isRead: [Bool]

  /// Lets the scores of all slots flow.
  ///
  /// - Parameter slotScores: the score of every slot; nil where there is none.
  init(
    _ spec: NetworkSpec, _ slots: ChannelSlots, _ classes: SlotClasses, slotScores: [Float?]
  ) {
    self.slots = slots
    classOfSlot = classes.classOfSlot
    // What nothing reads is worth what its members are.
    summands = classes.classes.map { each in
      let own = each.members.compactMap { slot in
        slotScores[slot].map { Summand(slot: slot, score: $0) }
      }
      return own.isEmpty ? nil : own
    }
    isRead = [Bool](repeating: false, count: summands.count)

    var outputs: [[Channel]] = []
    for (index, layer) in spec.layers.enumerated() {
      let input = outputs.last ?? [Channel](repeating: nil, count: spec.net.channels)
      var output = input
      switch layer {
      case .convolutional(let convolution), .depthwise(let convolution):
        let own = slots.outputs[index].map { slot -> Channel in
          slotScores[slot].map { [Summand(slot: slot, score: $0)] }
        }
        if convolution.isDepthwise(inputChannels: input.count) {
          let multiplier = own.count / input.count
          output = own.indices.map { Self.product(input[$0 / multiplier], own[$0]) }
        } else {
          output = own
          read(input, at: index)
        }
      case .route(let route):
        output = route.sources.flatMap { source in
          let part = outputs[source].count / route.groups
          return outputs[source][route.groupID * part..<(route.groupID + 1) * part]
        }
      case .shortcut(let shortcut):
        output = input.indices.map { channel in
          let others = shortcut.sources.map { outputs[$0] }.filter { channel < $0.count }
          return Self.sum([input[channel]] + others.map { $0[channel] })
        }
      case .scaleChannels(let scale):
        let scaled = outputs[scale.source]
        output = scaled.indices.map {
          scale.scalesPlaces ? scaled[$0] : Self.product(scaled[$0], input[$0])
        }
      case .sam(let sam):
        output = zip(outputs[sam.source], input).map { Self.product($0, $1) }
      case .channelMaxPool(let pool):
        read(input, at: index)
        output = [Channel](repeating: nil, count: pool.outChannels)
      case .reorg(let reorg), .reorg3d(let reorg):
        output = reorg.repeated(input)
      case .squeezeExcitation, .yolo, .gaussianYolo, .region:
        read(input, at: index)
      case .maxPool, .localAveragePool, .averagePool, .upsample, .dropout, .batchNorm:
        break
      }
      outputs.append(output)
    }
  }

  /// The worth of each class under a merge of its summands; nil where it is unjudged.
  func worths(_ merge: ([Summand]) -> Float?) -> [Float?] { summands.map { $0.flatMap(merge) } }

  /// Notes what the layer `reader` sees of the layer before it.
  private mutating func read(_ channels: [Channel], at reader: Int) {
    guard reader > 0 else { return }
    for (slot, channel) in zip(slots.outputs[reader - 1], channels) {
      let index = classOfSlot[slot]
      guard isRead[index] else {
        isRead[index] = true
        summands[index] = channel.map { Self.united([], $0) }
        continue
      }
      if let known = summands[index] { summands[index] = channel.map { Self.united(known, $0) } }
    }
  }

  /// Summands of both lists by slot; of one that is in both, the larger score.
  private static func united(_ known: [Summand], _ new: [Summand]) -> [Summand] {
    var result = known
    for summand in new {
      if let place = result.firstIndex(where: { $0.slot == summand.slot }) {
        result[place].score = max(result[place].score, summand.score)
      } else {
        result.append(summand)
      }
    }
    return result
  }

  private static func sum(_ channels: [Channel]) -> Channel {
    var result: [Summand] = []
    for channel in channels {
      guard let channel else { return nil }
      result = united(result, channel)
    }
    return result
  }

  /// Each summand of `channel` times a factor, which lives while any of its own summands does.
  private static func product(_ channel: Channel, _ factor: Channel) -> Channel {
    guard let channel else { return factor }
    guard let limit = factor.flatMap({ $0.map(\.score).max() }) else { return channel }
    return channel.map { Summand(slot: $0.slot, score: min($0.score, limit)) }
  }
}
