import Darknet
import Testing
import _TestSupport

@testable import Pruning

/// Residual blocks that go as a whole.
@Suite struct BlockRemovalTests {
  private static let shortcut = "[shortcut]\nfrom=-3\nactivation=linear\n"
  private static let block = conv(2) + conv(4) + shortcut

  /// Layers: 0 conv, 1–3, 4–6 and 7–9 blocks, 10 conv, 11 head.
  private func chain(
    _ gammas: [[Float]] = [[0.3, 0.3, 0.3, 0.3], [0.1, 0.2, -0.1, 0.2], [0.9, 0.1, 0.1, 0.1]]
  ) throws -> (Configuration, NetworkParameters) {
    try handNetwork(
      conv(4) + Self.block + Self.block + Self.block + conv(3),
      gamma: [2: gammas[0], 5: gammas[1], 8: gammas[2]])
  }

  private func pruned(
    _ network: (Configuration, NetworkParameters), blocks: Int,
    method: PruningMethod = .layer, percent: Double = 0
  ) throws -> (Pruner, PruningResult) {
    var request = PruningRequest(percent: percent)
    request.blocks = blocks
    let pruner = try Pruner(network.0, network.1, method: method)
    return (pruner, try pruner.prune(request, force: true))
  }

  // Means 0.3, 0.15 and 0.3: the second goes first, and of two equal ones the earlier.
  @Test func `the blocks with the smallest mean go`() throws {
    let network = try chain()
    let first = try pruned(network, blocks: 1).1
    #expect(first.plan.removedBlocks.map(\.block) == [ResidualBlock(source: 3, shortcut: 6)])
    #expect(abs(first.plan.removedBlocks[0].worth - 0.15) < 1e-6)
    let second = try pruned(network, blocks: 2).1
    #expect(second.plan.removedBlocks.map(\.block.shortcut) == [3, 6])
    #expect(
      second.configuration.sections.map(\.name) == [
        "net", "convolutional", "convolutional", "convolutional", "shortcut", "convolutional",
        "convolutional", "yolo",
      ])
    #expect(second.newIndices == [0, nil, nil, nil, nil, nil, nil, 1, 2, 3, 4, 5, 6])
    #expect(second.plan.layers.map(\.after) == [4, 0, 0, 0, 0, 2, 4, 3, 6])
  }

  @Test func `references to all layers follow`() throws {
    // 0 conv; 1–3 a block; 4 route of 3 and 0; 5 conv; 6 route of the absolute layer 3; 7 conv.
    let network = try handNetwork(
      conv(4) + Self.block + "[route]\nlayers=-1,0\n" + conv(3) + "[route]\nlayers=3\n" + conv(2),
      gamma: [:])
    let result = try pruned(network, blocks: 1).1
    let references = result.configuration.sections.compactMap { $0["layers"] }
    #expect(references == ["-1,0", "0"])
    #expect(try PrunedNetwork(pruned(network, blocks: 1)).maskedDifference() < 1e-7)
  }

  @Test func `only closed branches can go`() throws {
    func blocks(_ layers: String) throws -> [ResidualBlock] {
      let spec = try NetworkSpec(handNetwork(layers + conv(2), gamma: [:]).0)
      return try ResidualBlock.all(in: spec, ChannelSlots(spec))
    }
    #expect(try blocks(conv(4) + Self.block) == [ResidualBlock(source: 0, shortcut: 3)])
    // Somebody else reads the branch.
    #expect(try blocks(conv(4) + Self.block + "[route]\nlayers=-1,2\n").isEmpty)
    // The branch adds what was made outside of it.
    #expect(try blocks(conv(4) + conv(4) + "[route]\nlayers=0\n[shortcut]\nfrom=-2\n").isEmpty)
    // Removing it would change the width.
    #expect(try blocks(conv(4) + conv(2) + conv(3) + Self.shortcut).isEmpty)
    // Its factors, its activation or a second source would go along.
    for change in ["weights_type=per_feature\n", "activation=leaky\n"] {
      #expect(
        try blocks(conv(4) + conv(2) + conv(4) + "[shortcut]\nfrom=-3\n" + change).isEmpty)
    }
    #expect(try blocks(conv(4) + conv(4) + conv(4) + "[shortcut]\nfrom=-3,-2\n").isEmpty)
    // Any number of layers, as in mobile networks.
    #expect(
      try blocks(
        conv(4) + conv(8) + conv(8, groups: 8) + "[dropout]\nprobability=.2\n" + conv(4)
          + "[shortcut]\nfrom=-5\n") == [ResidualBlock(source: 0, shortcut: 5)])
  }

  // CSP: the blocks of a stage are read by its route; yolov4 has 23 of them.
  @Test func `the blocks of CSP stages can go`() throws {
    for (network, count) in [(BuiltInNetwork.yolov4, 23), (.yolov3, 23), (.yolov4Tiny, 0)] {
      let spec = try NetworkSpec(network.configuration())
      #expect(try ResidualBlock.all(in: spec, ChannelSlots(spec)).count == count)
    }
    let configuration = try BuiltInNetwork.yolov4.configuration(
      classes: 2, width: 64, height: 64, widthMultiple: 0.02)
    let parameters = try randomParameters(NetworkSpec(configuration), seed: 4)
    for method in [PruningMethod.layer, .layerChannel, .layerChannelRegular] {
      let (pruner, result) = try pruned(
        (configuration, parameters), blocks: 12, method: method, percent: 0.4)
      #expect(result.configuration.sections.count == configuration.sections.count - 36)
      #expect(try PrunedNetwork(pruner, result).maskedDifference() < 1e-7)
      #expect(try PrunedNetwork(pruner, result).silentDifference() < 1e-7)
    }
  }

  // Layer 2 is silent and emits leaky(β) = leaky(±1): 1, −0.1, 1, −0.1. Layer 0's channels stay and
  // lack it; layer 4 (weights 1, 2, 3, 4) takes 1 − 0.2 + 3 − 0.4 = 3.4 off its mean of 0.5, and so
  // does layer 6 behind a second block's sum.
  @Test func `what the branch emits everywhere reaches all later readers`() throws {
    let text = conv(4) + Self.block + conv(1) + "[route]\nlayers=3\n" + conv(1)
    var network = try handNetwork(text, gamma: [:])
    network.1.layers[2][.beta]?.values = [1, -1, 1, -1]
    for layer in [4, 6] {
      network.1.layers[layer][.weight]?.values = [1, 2, 3, 4]
      network.1.layers[layer][.mean]?.values = [0.5]
    }
    let result = try pruned(network, blocks: 1).1
    let means = [1, 3].map { result.parameters.layers[$0][.mean]?.values[0] ?? 0 }
    #expect(means.allSatisfy { abs($0 - (0.5 - 3.4)) < 1e-5 })
    #expect(result.plan.lostConstants.isEmpty)
  }

  // A depthwise convolution at the start of a branch reads what varies, whatever passes that on
  // before it: it emits leaky(β), as above. Behind a `[batchnorm]`, which emits β = 0.5, it reads a
  // constant: leaky(2·(0.5 − 0.25) + 0) = 0.5 for each channel with kernel and σ of 1, in all
  // 10·0.5 = 5.
  @Test(arguments: [
    ("", 3.4), ("[route]\nlayers=0\n", 3.4), ("[maxpool]\nsize=3\nstride=1\n", 3.4),
    ("[dropout]\nprobability=.2\n", 3.4),
    ("[dropout]\nprobability=.2\n[batchnorm]\nactivation=linear\n", 5),
  ])
  func `what starts a branch reads no constant`(start: String, emitted: Float) throws {
    let count = start.count { $0 == "[" }
    let text =
      conv(4) + start + conv(4, groups: 4) + "[shortcut]\nfrom=\(-2 - count)\n" + conv(1)
    var network = try handNetwork(text, gamma: [:])
    let depthwise = count + 1
    if start.contains("batchnorm") {
      network.1.layers[count][.beta]?.values = [0.5, 0.5, 0.5, 0.5]
      network.1.layers[depthwise] = network.1.layers[depthwise].mapValues { array in
        ParameterArray(shape: array.shape, values: array.values.map { _ in 1 })
      }
      network.1.layers[depthwise][.variance]?.values = [Float](repeating: 1 - 1e-5, count: 4)
      network.1.layers[depthwise][.gamma]?.values = [2, 2, 2, 2]
      network.1.layers[depthwise][.mean]?.values = [0.25, 0.25, 0.25, 0.25]
      network.1.layers[depthwise][.beta]?.values = [0, 0, 0, 0]
    } else {
      network.1.layers[depthwise][.beta]?.values = [1, -1, 1, -1]
    }
    network.1.layers[count + 3][.weight]?.values = [1, 2, 3, 4]
    network.1.layers[count + 3][.mean]?.values = [0.5]
    let (pruner, result) = try pruned(network, blocks: 1)
    let mean = result.parameters.layers[1][.mean]?.values[0] ?? 0
    #expect(abs(mean - (0.5 - emitted)) < 1e-4)
    #expect(try PrunedNetwork(pruner, result).constantDifference() < 1e-5)
  }

  // The second block reads the sum of the first, which varies though its slots are the branch's.
  @Test func `a branch that reads a removed block's sum reads no constant`() throws {
    let text = conv(4) + Self.block + conv(4, groups: 4) + "[shortcut]\nfrom=-2\n" + conv(1)
    var network = try handNetwork(text, gamma: [:])
    network.1.layers[2][.beta]?.values = [0, 0, 0, 0]
    network.1.layers[4][.beta]?.values = [1, -1, 1, -1]
    network.1.layers[6][.weight]?.values = [1, 2, 3, 4]
    network.1.layers[6][.mean]?.values = [0.5]
    let result = try pruned(network, blocks: 2).1
    #expect(abs((result.parameters.layers[1][.mean]?.values[0] ?? 0) - (0.5 - 3.4)) < 1e-5)
  }

  // The second shortcut's leaky stops what the first block emitted: at most 2 of leaky(2),
  // leaky(−1).
  @Test func `an activation loses what comes through a sum, and says so`() throws {
    let text =
      conv(2) + conv(2) + "[shortcut]\nfrom=-2\nactivation=linear\n" + conv(2)
      + "[shortcut]\nfrom=-2\nactivation=leaky\n" + conv(1)
    var network = try handNetwork(text, gamma: [:])
    network.1.layers[1][.beta]?.values = [2, -1]
    let result = try pruned(network, blocks: 1).1
    #expect(result.plan.removedBlocks.map(\.block.shortcut) == [2])
    #expect(result.plan.lostConstants == [LostConstant(layer: 4, largest: 2)])
  }

  @Test func `an outer block takes the inner one along`() throws {
    // 0 conv; 1 conv, 2–4 inner block with source 1, 5 shortcut to 0.
    let text = conv(4) + conv(4) + Self.block + "[shortcut]\nfrom=-5\n" + conv(2)
    let network = try handNetwork(text, gamma: [1: [9, 9, 9, 9], 3: [1, 1, 1, 1]])
    let spec = try NetworkSpec(network.0)
    #expect(
      try ResidualBlock.all(in: spec, ChannelSlots(spec)) == [
        ResidualBlock(source: 1, shortcut: 4), ResidualBlock(source: 0, shortcut: 5),
      ])
    #expect(try pruned(network, blocks: 1).1.plan.removedBlocks.map(\.block.shortcut) == [4])
  }

  // With layers 0, 2, 5 and 8 added, the leader's 0.3, 0.5 and 0.7 of 0.1 0.2 0.3 0.4 0.5 0.6 0.7 …
  @Test func `blocks are judged by the channels that stay`() throws {
    var network = try chain([[0.9, 0.9, 0.1, 0.1], [0.8, 0.8, 0.8, 0.8], [0.85, 0.85, 0.7, 0.7]])
    network.1.layers[0][.gamma]?.values = [0.5, 0.6, 0.01, 0.02]
    for layer in [1, 4, 7, 10] {
      let count = network.1.layers[layer][.gamma]?.values.count ?? 0
      network.1.layers[layer][.gamma]?.values = [Float](repeating: 0.4, count: count)
    }
    var request = PruningRequest(percent: 2.0 / 13)
    request.blocks = 1
    request.multiple = 1
    // Leaders 0.01 0.02 0.5 0.6 and nine of 0.4: the place 2 of 13 is 0.4, channels 0 and 1 stay.
    let pruner = try Pruner(network.0, network.1, method: .layerChannelRegular)
    let result = try pruner.prune(request, force: true)
    #expect(result.keptChannels[0] == [0, 1])
    // Of the channels that stay 0.9, 0.8 and 0.85; of all 0.5, 0.8 and 0.775.
    #expect(result.plan.removedBlocks.map(\.block.shortcut) == [6])
  }

  @Test func `more blocks than there are is an error`() throws {
    let error = #expect(throws: PruningError.tooFewBlocks(asked: 4, found: 3)) {
      try pruned(chain(), blocks: 4)
    }
    #expect(
      error?.description
        == "4 residual blocks cannot be removed: the network has 3 whose removal leaves the rest "
        + "intact")
    let none = try handNetwork(conv(2) + conv(2), gamma: [:])
    #expect(throws: PruningError.noBlocks) { try pruned(none, blocks: 1) }
  }
}

extension PrunedNetwork {
  fileprivate init(_ pruned: (Pruner, PruningResult)) { self.init(pruned.0, pruned.1) }
}
