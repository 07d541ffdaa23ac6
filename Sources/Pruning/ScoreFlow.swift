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
  /// One summand of a channel: what a convolution made, times what it was multiplied by since.
  struct Summand: Hashable {
    /// The slot that the convolution made, the first factor of the product.
    var slot: Int
    /// The smallest score of the product's factors.
    var score: Float
  }

  /// What all readers see of each class; nil where one of them sees something unjudged.
  private(set) var summands: [[Summand]?]

  private let classOfSlot: [Int]
  private let slots: ChannelSlots
  private let slotScores: [Float?]
  private var isRead: [Bool]

  /// Lets the scores of all slots flow.
  ///
  /// - Parameter slotScores: the score of every slot; nil where there is none.
  init(
    _ spec: NetworkSpec, _ slots: ChannelSlots, _ classes: SlotClasses, slotScores: [Float?]
  ) {
    self.slots = slots
    self.slotScores = slotScores
    classOfSlot = classes.classOfSlot
    // What nothing reads is worth what its members are.
    summands = classes.classes.map { each in
      let own = each.members.compactMap { slot in
        slotScores[slot].map { Summand(slot: slot, score: $0) }
      }
      return own.isEmpty ? nil : own
    }
    isRead = [Bool](repeating: false, count: summands.count)
    _ = walk(spec)
  }

  /// The worth of each class under a merge of its summands; nil where it is unjudged.
  func worths(_ merge: ([Summand]) -> Float?) -> [Float?] { summands.map { $0.flatMap(merge) } }

  /// The scores of the channels that a layer makes.
  private func scores(_ layer: Int) -> [Channel] {
    slots.outputs[layer].map { slot in
      slotScores[slot].map { [Summand(slot: slot, score: $0)] }
    }
  }

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

extension ScoreFlow: ChannelAlgebra {
  /// A channel's summands; nil where one is unjudged.
  typealias Channel = [Summand]?

  mutating func input(_ count: Int) -> [Channel] { [Channel](repeating: nil, count: count) }

  mutating func made(
    by convolution: ConvolutionSpec, from input: [Channel], at layer: Int
  ) -> [Channel] {
    read(input, at: layer)
    return scores(layer)
  }

  mutating func filtered(
    _ input: [Channel], by convolution: ConvolutionSpec, at layer: Int
  ) -> [Channel] {
    let own = scores(layer)
    let multiplier = own.count / input.count
    return own.indices.map { Self.product(input[$0 / multiplier], own[$0]) }
  }

  mutating func summed(
    _ summands: [[Channel]], by shortcut: ShortcutSpec, at layer: Int
  ) -> [Channel] {
    summands[0].indices.map { channel in
      Self.sum(summands.filter { channel < $0.count }.map { $0[channel] })
    }
  }

  mutating func multiplied(
    _ channels: [Channel], by factors: [Channel], _ activation: Activation, at layer: Int
  ) -> [Channel] {
    zip(channels, factors).map { Self.product($0, $1) }
  }

  mutating func multiplied(
    _ channels: [Channel], byPlaces factor: Channel, _ activation: Activation, at layer: Int
  ) -> [Channel] {
    channels
  }

  mutating func gated(
    _ input: [Channel], by attention: SqueezeExcitationSpec, at layer: Int
  ) -> [Channel] {
    read(input, at: layer)
    return input
  }

  mutating func mixed(
    _ input: [Channel], by pool: ChannelPoolSpec, at layer: Int
  ) -> [Channel] {
    read(input, at: layer)
    return [Channel](repeating: nil, count: pool.outChannels)
  }

  mutating func read(
    _ input: [Channel], fusedWith others: [[Channel]], at layer: Int
  ) -> [Channel] {
    read(input, at: layer)
    return input
  }

  mutating func normalized(
    _ input: [Channel], by norm: BatchNormSpec, at layer: Int
  ) -> [Channel] { input }

  mutating func rearranged(
    _ input: [Channel], by reorg: ReorgSpec, at layer: Int
  ) -> [Channel] { input }

  mutating func upsampled(
    _ input: [Channel], by upsample: UpsampleSpec, at layer: Int
  ) -> [Channel] { input }

  mutating func cut(_ channels: [Channel], into count: Int, at layer: Int) {}
}
