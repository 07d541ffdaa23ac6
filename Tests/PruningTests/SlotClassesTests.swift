import Darknet
import Testing

@testable import Pruning

/// Labels and classes of small networks, worked out by hand.
@Suite struct SlotClassesTests {
  /// `[net]` with a 2-channel input, then the given sections, one line each, `;` between entries.
  private func slots(_ sections: String...) throws -> ChannelSlots { try slots(sections) }

  private func slots(_ sections: [String]) throws -> ChannelSlots {
    try ChannelSlots(try spec(sections))
  }

  private func spec(_ sections: [String]) throws -> NetworkSpec {
    let text =
      "[net]\nwidth=8\nheight=8\nchannels=2\n"
      + sections.map { $0.split(separator: " ").joined(separator: "\n") + "\n" }.joined()
    return try NetworkSpec(Configuration(parsing: text, path: "test.cfg"))
  }

  private func conv(_ filters: Int, groups: Int = 1, batchNormalize: Int = 1) -> String {
    "[convolutional] batch_normalize=\(batchNormalize) filters=\(filters) size=1 "
      + "activation=leaky groups=\(groups)"
  }

  /// The classes with more than one member, by slot.
  private func joined(_ slots: ChannelSlots) -> [[Int]] {
    SlotClasses(slots).classes.map(\.members).filter { $0.count > 1 }
  }

  // Slots 0, 1 are the input; layer 0 makes 2...4, layer 1 makes 5...8.
  @Test func `convolutions make slots and other layers pass them on`() throws {
    let slots = try slots(
      conv(3), conv(4), "[maxpool] size=2 stride=2", "[upsample] stride=2", "[dropout]",
      "[route] layers=0,-1", "[batchnorm]", conv(2))
    #expect(slots.outputs[0] == [2, 3, 4])
    #expect(slots.outputs[1] == [5, 6, 7, 8])
    #expect(slots.outputs[4] == [5, 6, 7, 8])
    #expect(slots.outputs[5] == [2, 3, 4, 5, 6, 7, 8])
    #expect(slots.labels[6][.gamma] == [[2, 3, 4, 5, 6, 7, 8]])
    #expect(slots.labels[7][.weight] == [[9, 10], [2, 3, 4, 5, 6, 7, 8], nil, nil])
    #expect(slots.labels[7][.mean] == [[9, 10]])
    #expect(slots.ties.isEmpty)
  }

  // x has slots 5...8, the source 2...4: only the first three are added.
  @Test func `a shortcut ties the channels that both have`() throws {
    #expect(
      try joined(slots(conv(3), conv(4), "[shortcut] from=-2", conv(2)))
        == [[2, 5], [3, 6], [4, 7]])
    #expect(
      try joined(slots(conv(4), conv(3), "[shortcut] from=-2", conv(2)))
        == [[2, 6], [3, 7], [4, 8]])
  }

  @Test func `shortcuts in a chain make one class`() throws {
    let slots = try slots(
      conv(2), conv(2), "[shortcut] from=-2", conv(2), "[shortcut] from=-2", conv(1))
    #expect(joined(slots) == [[2, 4, 6], [3, 5, 7]])
    #expect(slots.ties.allSatisfy { $0.kind == .parallel })
  }

  // Inputs 2, 3; outputs 4, 5 belong to 2 and 6, 7 to 3.
  @Test func `a depthwise convolution's outputs follow their input`() throws {
    let slots = try slots(conv(2), conv(4, groups: 2), conv(1))
    #expect(joined(slots) == [[2, 4, 5], [3, 6, 7]])
    #expect(slots.labels[1][.weight] == [[4, 5, 6, 7], nil, nil, nil])
    #expect(slots.ties.allSatisfy { $0.kind == .product })
  }

  // Inputs 2...5 in two chunks: 2 with 4, 3 with 5; outputs 6...11: 6 with 9, 7 with 10, 8 with 11.
  @Test func `a grouped convolution keeps its chunks equal`() throws {
    let slots = try slots(conv(4), conv(6, groups: 2), conv(1))
    #expect(joined(slots) == [[2, 4], [3, 5], [6, 9], [7, 10], [8, 11]])
    #expect(slots.labels[1][.weight] == [[6, 7, 8, 9, 10, 11], [2, 3], nil, nil])
  }

  // Layer 0 makes 2...7 (three chunks of two), layer 1 makes 8...10 (of one).
  @Test func `a grouped route cuts each source by itself`() throws {
    let slots = try slots(
      conv(6), conv(3), "[route] layers=0,1 groups=3 group_id=1", conv(1))
    #expect(slots.outputs[2] == [4, 5, 9])
    #expect(joined(slots) == [[2, 4, 6], [3, 5, 7], [8, 9, 10]])
  }

  @Test func `a pyramid repeats its slots`() throws {
    let slots = try slots(
      conv(2), "[maxpool] size=5 stride=1", "[route] layers=-2", "[maxpool] size=9 stride=1",
      "[route] layers=-1,-3,-4", conv(1))
    #expect(slots.outputs[4] == [2, 3, 2, 3, 2, 3])
    #expect(slots.labels[5][.weight]?[1] == [2, 3, 2, 3, 2, 3])
  }

  @Test func `space to depth repeats the whole list`() throws {
    let slots = try slots(conv(2), "[reorg3d] stride=2", conv(1))
    #expect(slots.outputs[1] == [2, 3, 2, 3, 2, 3, 2, 3])
  }

  // Four channels are read as one map of 2H × 2W; the two such maps go apart.
  @Test func `reorg repeats the whole list and ties the channels that it reads as one`() throws {
    let slots = try slots(conv(8), "[reorg] stride=2", conv(1))
    #expect(joined(slots) == [[2, 3, 4, 5], [6, 7, 8, 9]])
    #expect(slots.outputs[1] == (0..<4).flatMap { _ in 2..<10 })
    #expect(slots.ties.allSatisfy { $0.kind == .block })
  }

  @Test func `factors and what they scale are tied as products`() throws {
    let gated = try slots(
      conv(2), "[avgpool]", conv(2), "[scale_channels] from=0", conv(1))
    #expect(joined(gated) == [[2, 4], [3, 5]])
    #expect(gated.outputs[3] == [2, 3])
    #expect(gated.ties.allSatisfy { $0.kind == .product })
    let attention = try slots(conv(2), conv(2), "[sam] from=0", conv(1))
    #expect(joined(attention) == [[2, 4], [3, 5]])
    #expect(attention.outputs[2] == [4, 5])
  }

  // The first head reads layer 3 too, which comes after it.
  @Test func `a head that mixes later layers reads them all`() throws {
    let head = "[yolo] classes=3 anchors=1,1 from=0,3"
    let sections = [conv(10), head, "[route] layers=0", conv(10), head]
    let slots = try slots(sections)
    #expect(slots.made(by: 0) == Array(2..<12) && slots.made(by: 3) == Array(12..<22))
    #expect(slots.outputs[1] == slots.outputs[0] && slots.outputs[4] == slots.outputs[3])
    #expect((2..<22).allSatisfy { slots.frozen[$0] == .head(layer: 1) })
    #expect(try spec(sections).readers == [[1, 2, 4], [], [3], [1, 4], []])
  }

  @Test func `weights of a shortcut count channels only when each has its own`() throws {
    let perChannel = try slots(
      conv(2), conv(2), "[shortcut] from=-2 weights_type=per_channel", conv(1))
    #expect(perChannel.labels[2][.weight] == [nil, [4, 5]])
    let perFeature = try slots(
      conv(2), conv(2), "[shortcut] from=-2 weights_type=per_feature", conv(1))
    #expect(perFeature.labels[2][.weight] == [nil])
  }

  @Test func `squeeze and excitation passes channels on and counts them in both of its layers`()
    throws
  {
    let slots = try slots(conv(8), "[se]", conv(1))
    let made = slots.outputs[0]
    #expect(slots.outputs[1] == made && slots.ties.isEmpty)
    #expect(slots.labels[1] == [.squeeze: [nil, made], .excite: [made, nil]])
    #expect(slots.frozen[made[0]] == nil)
  }

  @Test func `what cannot be pruned is frozen, with the reason`() throws {
    let slots = try slots(
      conv(8), "[reorg3d] stride=2", conv(4), "[se]", conv(6),
      "[yolo] mask=0 anchors=4,4 classes=1 num=1", "[route] layers=4", conv(2))
    #expect(slots.frozen[0] == .networkInput)
    let pooled = try self.slots(conv(8), "[maxpool] maxpool_depth=1 out_channels=2", conv(4))
    #expect(pooled.frozen[3] == .mixedChannels(layer: 1))
    #expect(pooled.outputs[1].count == 2)
    let head = try #require(slots.outputs[4].first)
    #expect(slots.frozen[head] == .head(layer: 5))
    let last = try #require(slots.outputs[7].first)
    #expect(slots.frozen[last] == .networkOutput)
  }

  @Test func `convolutions that share parameters are frozen with what they read`() throws {
    let slots = try slots(
      conv(3), conv(3),
      "[convolutional] share_index=1 batch_normalize=1 filters=3 size=1 activation=leaky",
      conv(1))
    for layer in 0...2 {
      for slot in slots.outputs[layer] {
        #expect(slots.frozen[slot] == .sharedParameters(layer: 1))
      }
    }
  }

  /// Why each class of the convolution `layer` stays.
  private func reasons(_ spec: NetworkSpec, _ layer: Int) throws -> Set<Exclusion?> {
    let slots = try ChannelSlots(spec)
    let classes = SlotClasses(slots)
    let all = classes.exclusions(slots, spec: spec, excludedLayers: [:], needsScale: true)
    return Set(slots.made(by: layer).map { all[classes.classOfSlot[$0]] })
  }

  @Test func `a summand without batch normalisation freezes the sum`() throws {
    let spec = try spec([
      conv(2), conv(2, batchNormalize: 0), "[shortcut] from=-2", conv(1),
    ])
    #expect(try reasons(spec, 0) == [.noBatchNormalization(layer: 1)])
  }

  @Test func `a factor without batch normalisation has no vote`() throws {
    let depthwise = try spec([conv(2), conv(2, groups: 2, batchNormalize: 0), conv(1)])
    #expect(try reasons(depthwise, 0) == [nil])
    #expect(try reasons(depthwise, 1) == [nil])
    let gate = try spec([
      conv(2), "[avgpool]", conv(2, batchNormalize: 0), "[scale_channels] from=0", conv(1),
    ])
    #expect(try reasons(gate, 0) == [nil])
    // In a sum it is more than a factor, and so it is where it is read elsewhere too.
    let summand = try spec([
      conv(2), conv(2, groups: 2, batchNormalize: 0), "[shortcut] from=-2", conv(1),
    ])
    #expect(try reasons(summand, 0) == [nil])
    let bare = try spec([
      conv(2), conv(2, batchNormalize: 0), conv(2, groups: 2), "[shortcut] from=-2", conv(1),
    ])
    #expect(try reasons(bare, 2) == [.noBatchNormalization(layer: 1)])
    let reader = try spec([
      conv(2), "[avgpool]", conv(2, batchNormalize: 0), "[scale_channels] from=0",
      "[route] layers=2", conv(1),
    ])
    #expect(try reasons(reader, 0) == [.noBatchNormalization(layer: 2)])
  }

  // Slots: input 0, 1; layer 0 makes 2, 3; layer 1 makes 4, 5, tied to them by the shortcut of
  // layer 2; layer 3 makes 6, 7, tied to all by that of layer 4; layer 5 makes 8. Three scales
  // each: 1/√3; without layer 1 two: 1/√2.
  @Test func `a class of tied scales shares the pull of one`() throws {
    let slots = try slots(
      conv(2), conv(2), "[shortcut] from=-2", conv(2), "[shortcut] from=-2", conv(1), conv(1))
    let classes = SlotClasses(slots)
    let third = 1 / Float(3).squareRoot()
    #expect(
      classes.pullShares(of: [0, 1, 3, 5], slots) == [
        0: [third, third], 1: [third, third], 3: [third, third], 5: [1],
      ])
    let half = 1 / Float(2).squareRoot()
    #expect(classes.pullShares(of: [0, 3], slots) == [0: [half, half], 3: [half, half]])
  }
}
