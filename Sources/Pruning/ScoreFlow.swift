import Darknet

/// What every class of slots is worth to the layers that read it.
///
/// Scores flow through the network as channels do: a convolution's channel has its own score, a sum
/// what the method's merge makes of its summands, a product the smallest of its factors. A class is
/// worth the most that any reader of several channels (a convolution, a head) sees of it. So an
/// expanded channel dies with its depthwise kernel, but a channel that something else reads too, as
/// in a ghost module, does not.
///
/// A channel without a score has no say in a product and leaves a sum unjudged.
struct ScoreFlow {
  /// The worth of each class; nil where a reader sees something unjudged.
  private(set) var worths: [Float?]

  private let classOfSlot: [Int]
  private let slots: ChannelSlots
  private var isRead: [Bool]

  /// Lets the scores of all slots flow.
  ///
  /// - Parameter slotScores: the score of every slot; nil where there is none.
  init(
    _ spec: NetworkSpec, _ slots: ChannelSlots, _ classes: SlotClasses, slotScores: [Float?],
    merge: PruningMethod.ParallelMerge
  ) {
    self.slots = slots
    classOfSlot = classes.classOfSlot
    // What nothing reads is worth what its members are.
    worths = classes.classes.map { each in each.members.compactMap { slotScores[$0] }.max() }
    isRead = [Bool](repeating: false, count: worths.count)

    var outputs: [[Float?]] = []
    for (index, layer) in spec.layers.enumerated() {
      let input = outputs.last ?? [Float?](repeating: nil, count: spec.net.channels)
      var output = input
      switch layer {
      case .convolutional(let convolution), .depthwise(let convolution):
        let own = slots.outputs[index].map { slotScores[$0] }
        if convolution.isDepthwise(inputChannels: input.count) {
          let multiplier = own.count / input.count
          output = own.indices.map { Self.product(own[$0], input[$0 / multiplier]) }
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
          let summands = [input[channel]] + others.map { $0[channel] }
          let judged = summands.compactMap { $0 }
          return judged.count == summands.count ? merge.score(judged) : nil
        }
      case .scaleChannels(let scale):
        let scaled = outputs[scale.source]
        output = scaled.indices.map {
          scale.scalesPlaces ? scaled[$0] : Self.product(scaled[$0], input[$0])
        }
      case .sam(let sam):
        output = zip(outputs[sam.source], input).map { Self.product($0, $1) }
      case .reorg(let reorg):
        read(input, at: index)
        output = [Float?](repeating: nil, count: input.count * reorg.stride * reorg.stride)
      case .channelMaxPool(let pool):
        read(input, at: index)
        output = [Float?](repeating: nil, count: pool.outChannels)
      case .reorg3d(let reorg):
        output = (0..<reorg.stride * reorg.stride).flatMap { _ in input }
      case .squeezeExcitation, .yolo, .gaussianYolo, .region:
        read(input, at: index)
      case .maxPool, .localAveragePool, .averagePool, .upsample, .dropout, .batchNorm:
        break
      }
      outputs.append(output)
    }
  }

  /// Notes what the layer `reader` sees of the layer before it.
  private mutating func read(_ scores: [Float?], at reader: Int) {
    guard reader > 0 else { return }
    for (slot, score) in zip(slots.outputs[reader - 1], scores) {
      let index = classOfSlot[slot]
      guard isRead[index] else {
        isRead[index] = true
        worths[index] = score
        continue
      }
      if let worth = worths[index] { worths[index] = score.map { max(worth, $0) } }
    }
  }

  private static func product(_ a: Float?, _ b: Float?) -> Float? {
    guard let a, let b else { return a ?? b }
    return min(a, b)
  }
}
