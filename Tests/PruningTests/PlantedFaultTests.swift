import Darknet
import Testing
import _TestSupport

@testable import Pruning

/// Every mistake that channel surgery invites, made on purpose: the checks have to see it.
@Suite struct PlantedFaultTests {
  private static let tolerance = 1e-4

  /// A pruner and a mask that drops some of every convolution's channels, on a small network.
  private struct Subject {
    var pruner: Pruner
    var mask: KeepMask

    init(_ layers: String, percent: Double = 0.4, seed: UInt64 = 7) throws {
      let head = """
        [convolutional]
        filters=6
        size=1
        activation=linear
        [yolo]
        mask=0
        anchors=4,4
        classes=1
        num=1
        """
      let text = "[net]\nwidth=12\nheight=12\nchannels=3\n" + layers + head
      let configuration = try Configuration(parsing: text, path: "fault.cfg")
      let parameters = try randomParameters(NetworkSpec(configuration), seed: seed)
      pruner = try Pruner(configuration, parameters)
      mask = try pruner.prune(percent: percent, force: true).mask
    }

    /// The slots that a convolution makes, in channel order.
    func slots(_ layer: Int) -> [Int] { pruner.slots.made(by: layer) }

    /// Swaps one slot that stays with one that goes, so that the width is the same and the choice
    /// is not.
    func swapped(in layer: Int) -> KeepMask {
      var mask = mask
      let own = slots(layer)
      if let kept = own.first(where: { mask.stays[$0] }),
        let dropped = own.first(where: { !mask.stays[$0] })
      {
        mask.stays.swapAt(kept, dropped)
      }
      return mask
    }
  }

  private static func block(
    _ filters: Int, size: Int = 1, groups: Int = 1, activation: String = "leaky",
    batchNormalize: Bool = true
  ) -> String {
    """
    [convolutional]
    batch_normalize=\(batchNormalize ? 1 : 0)
    filters=\(filters)
    size=\(size)
    groups=\(groups)
    activation=\(activation)

    """
  }

  private static let concatenation =
    block(8) + "[route]\nlayers=0\n" + block(6) + "[route]\nlayers=0,2\n" + block(8)
  private static let halves =
    block(8, size: 3) + "[route]\nlayers=-1\ngroups=2\ngroup_id=1\n" + block(6)
    + "[route]\nlayers=-1,-2\n" + block(8)
  private static let residual = block(8) + block(8) + "[shortcut]\nfrom=-2\n" + block(6)
  private static let depthwise = block(8, size: 3) + block(8, size: 3, groups: 8) + block(6)
  private static let chain = block(8, size: 3, activation: "mish") + block(8, size: 3) + block(6)
  private static let unequal = block(5) + block(9) + "[shortcut]\nfrom=-2\n" + block(6)
  private static let reorganized = block(16) + "[reorg]\nstride=2\n" + block(6)
  private static let grouped = block(8) + block(8, groups: 2) + block(6)

  private static let networks = [
    "concatenation": concatenation, "halves": halves, "residual": residual,
    "depthwise": depthwise, "chain": chain, "unequal": unequal, "grouped": grouped,
    "reorganized": reorganized,
  ]

  /// What the faults are measured against: the same networks, built by the same steps.
  @Test(arguments: networks.keys.sorted())
  func `without a fault every check passes`(name: String) throws {
    let subject = try Subject(try #require(Self.networks[name]))
    let pruned = try PrunedNetwork(subject.pruner, mask: subject.mask)
    #expect(subject.mask.stays.contains(false))
    #expect(try pruned.maskedDifference() < 1e-7)
    #expect(try pruned.constantDifference() < 1e-5)
    #expect(try pruned.silentDifference() < 1e-7)
  }

  private func expectMaskedToFail(_ pruned: PrunedNetwork) throws {
    #expect(try pruned.maskedDifference() > Self.tolerance)
  }

  private func expectConstantsToFail(_ pruned: PrunedNetwork) throws {
    #expect(try pruned.constantDifference() > Self.tolerance)
  }

  @Test func `a shifted route offset is seen`() throws {
    let subject = try Subject(Self.concatenation)
    var slots = subject.pruner.slots
    let label = try #require(slots.labels[4][.weight]?[1])
    slots.labels[4][.weight]?[1] = Array(label.dropFirst()) + [label[0]]
    try expectMaskedToFail(
      PrunedNetwork(subject.pruner, mask: subject.mask, surgerySlots: slots))
  }

  @Test func `swapped parts of a concatenation are seen`() throws {
    let subject = try Subject(Self.halves)
    var slots = subject.pruner.slots
    let label = try #require(slots.labels[4][.weight]?[1])
    slots.labels[4][.weight]?[1] = Array(label.dropFirst(6)) + Array(label.prefix(6))
    try expectMaskedToFail(
      PrunedNetwork(subject.pruner, mask: subject.mask, surgerySlots: slots))
  }

  @Test func `the wrong half of a grouped route is seen`() throws {
    let subject = try Subject(Self.halves)
    var mask = subject.mask
    // The halves keep as many places, but not the same ones.
    let own = subject.slots(0)
    for place in 0..<4 { mask.stays[own[place]] = place < 2 }
    for place in 0..<4 { mask.stays[own[4 + place]] = place >= 2 }
    var slots = subject.pruner.slots
    slots.labels[2][.weight]?[1] = Array(own.prefix(4))
    try expectMaskedToFail(PrunedNetwork(subject.pruner, mask: mask, surgerySlots: slots))
  }

  @Test func `unequal chunks are seen`() throws {
    let subject = try Subject(Self.halves)
    var mask = subject.mask
    for (place, slot) in subject.slots(0).enumerated() {
      mask.stays[slot] = place < 4 || place == 5
    }
    try expectMaskedToFail(PrunedNetwork(subject.pruner, mask: mask))
    for (place, slot) in subject.slots(0).enumerated() { mask.stays[slot] = place < 4 || place > 5 }
    try expectMaskedToFail(PrunedNetwork(subject.pruner, mask: mask))
  }

  // On a grid of 6 × 6 a channel is one and a half rows of four, so neighbours mix.
  @Test func `a channel that goes without its block of a reorg is seen`() throws {
    let subject = try Subject("[maxpool]\nsize=2\nstride=2\n" + Self.reorganized)
    var mask = subject.mask
    for (place, slot) in subject.slots(1).enumerated() { mask.stays[slot] = place < 8 }
    #expect(try PrunedNetwork(subject.pruner, mask: mask).maskedDifference() < 1e-7)
    mask.stays[subject.slots(1)[7]] = false
    mask.stays[subject.slots(1)[8]] = true
    try expectMaskedToFail(PrunedNetwork(subject.pruner, mask: mask))
  }

  @Test func `a member of a shortcut that decides alone is seen`() throws {
    let subject = try Subject(Self.residual)
    try expectMaskedToFail(PrunedNetwork(subject.pruner, mask: subject.swapped(in: 1)))
  }

  @Test func `a shortcut prefix tied to the wrong channels is seen`() throws {
    let subject = try Subject(Self.unequal)
    var slots = subject.pruner.slots
    // The last five of nine instead of the first.
    slots.ties = slots.ties.map { tie in
      var tie = tie
      if tie.kind == .parallel { tie.first += 4 }
      return tie
    }
    let classes = SlotClasses(slots)
    // The wider summand drops its first channel and keeps what the wrong ties say.
    let wide = subject.slots(1)
    let stays = slots.origins.indices.map { slot in
      classes.classOfSlot[slot] != classes.classOfSlot[wide[4]] && slot != wide[1]
    }
    try expectMaskedToFail(PrunedNetwork(subject.pruner, mask: KeepMask(stays: stays)))
  }

  @Test func `a depthwise convolution that does not follow its input is seen`() throws {
    let subject = try Subject(Self.depthwise)
    try expectMaskedToFail(PrunedNetwork(subject.pruner, mask: subject.swapped(in: 1)))
  }

  @Test func `input channels cut by the output's choice are seen`() throws {
    let subject = try Subject(Self.chain)
    var slots = subject.pruner.slots
    slots.labels[1][.weight]?[1] = subject.slots(1)
    try expectMaskedToFail(
      PrunedNetwork(subject.pruner, mask: subject.mask, surgerySlots: slots))
  }

  @Test func `batch normalisation that is cut at other places than its kernel is seen`() throws {
    for role in [ParameterRole.gamma, .beta, .mean, .variance] {
      let subject = try Subject(Self.chain)
      var slots = subject.pruner.slots
      slots.labels[1][role]?[0] = subject.slots(1).reversed()
      try expectMaskedToFail(
        PrunedNetwork(subject.pruner, mask: subject.mask, surgerySlots: slots))
    }
  }

  @Test func `a bias that keeps its first entries is seen`() throws {
    let layers =
      Self.block(8, size: 3) + Self.block(8, size: 3, groups: 8, batchNormalize: false)
      + Self.block(6)
    let subject = try Subject(layers)
    var slots = subject.pruner.slots
    slots.labels[1][.bias]?[0] = subject.slots(0).reversed()
    try expectMaskedToFail(
      PrunedNetwork(subject.pruner, mask: subject.mask, surgerySlots: slots))
  }

  @Test func `missing compensation is seen`() throws {
    for layers in [Self.chain, Self.residual, Self.depthwise, Self.halves, Self.reorganized] {
      let subject = try Subject(layers)
      try expectConstantsToFail(
        PrunedNetwork(
          subject.pruner, mask: subject.mask,
          spoilCompensated: { $0 = subject.pruner.parameters }))
    }
  }

  @Test func `a constant added to the mean instead of taken away is seen`() throws {
    let subject = try Subject(Self.chain)
    try expectConstantsToFail(
      PrunedNetwork(
        subject.pruner, mask: subject.mask,
        spoilCompensated: { compensated in
          for index in compensated.layers.indices {
            guard let old = subject.pruner.parameters.layers[index][.mean]?.values else { continue }
            for (channel, value) in old.enumerated() {
              let moved = compensated.layers[index][.mean]?.values[channel] ?? value
              compensated.layers[index][.mean]?.values[channel] = 2 * value - moved
            }
          }
        }))
  }

  @Test func `a constant that went through the wrong activation is seen`() throws {
    let subject = try Subject(Self.chain)
    var configuration = subject.pruner.configuration
    configuration.sections[1]["activation"] = "leaky"
    try expectConstantsToFail(
      PrunedNetwork(
        subject.pruner, mask: subject.mask, compensationSpec: try NetworkSpec(configuration)))
  }

  @Test func `constants that stop at a depthwise convolution are seen`() throws {
    let subject = try Subject(Self.depthwise)
    // With γ = 0 in the depthwise layer too, its constant is act(β) whatever comes in.
    var parameters = subject.pruner.parameters
    parameters.layers[1].zero([.gamma])
    let wrong = Compensation(
      spec: subject.pruner.spec, slots: subject.pruner.slots, mask: subject.mask)(parameters)
      .parameters
    try expectConstantsToFail(
      PrunedNetwork(
        subject.pruner, mask: subject.mask,
        spoilCompensated: { $0.layers[2] = wrong.layers[2] }))
  }

  @Test func `a head's bias that does not take over the constants is seen`() throws {
    let subject = try Subject(Self.block(8, size: 3))
    let old = subject.pruner.parameters.layers[1]
    try expectConstantsToFail(
      PrunedNetwork(
        subject.pruner, mask: subject.mask, spoilCompensated: { $0.layers[1] = old }))
  }

  /// A network whose first residual block goes, with what follows it.
  private func blockSubject() throws -> Subject {
    var subject = try Subject(
      Self.block(8) + Self.block(4) + Self.block(8, activation: "mish")
        + "[shortcut]\nfrom=-3\nactivation=linear\n" + Self.block(6) + "[route]\nlayers=3,4\n"
        + Self.block(6))
    subject.mask.removedBlocks = [ResidualBlock(source: 0, shortcut: 3)]
    return subject
  }

  @Test func `a removed block passes every check`() throws {
    let subject = try blockSubject()
    let pruned = try PrunedNetwork(subject.pruner, mask: subject.mask)
    #expect(try pruned.maskedDifference() < 1e-7)
    #expect(try pruned.constantDifference() < 1e-5)
    #expect(try pruned.silentDifference() < 1e-7)
  }

  @Test func `constants of a removed block that reach only the next layer are seen`() throws {
    let subject = try blockSubject()
    let alone = try PrunedNetwork(
      subject.pruner,
      mask: KeepMask(stays: subject.mask.stays))
    try expectConstantsToFail(
      PrunedNetwork(
        subject.pruner, mask: subject.mask,
        spoilCompensated: { $0.layers[6] = alone.masked.parameters.layers[6] }))
  }

  @Test func `a reference that is not renumbered is seen`() throws {
    let subject = try blockSubject()
    var pruned = try PrunedNetwork(subject.pruner, mask: subject.mask)
    // The route reads layers 0 and 1 now; as if the first number had gone down by one layer less.
    pruned.configuration.sections[3]["layers"] = "1,1"
    try expectMaskedToFail(pruned)
  }

  @Test func `parameters of a compact network in another order are seen`() throws {
    let subject = try Subject(Self.grouped)
    try expectMaskedToFail(
      PrunedNetwork(
        subject.pruner, mask: subject.mask,
        spoilCompact: { parameters in
          if let weight = parameters.layers[1][.weight] {
            parameters.layers[1][.weight] = ParameterArray(
              shape: weight.shape, values: weight.values.reversed())
          }
        }))
  }
}
