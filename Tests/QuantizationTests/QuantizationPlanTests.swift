import Darknet
import Testing

@testable import Quantization

@Suite struct QuantizationPlanTests {
  private func spec(_ blocks: [String]) throws -> NetworkSpec {
    let lines = (["[net] width=16 height=16 channels=3"] + blocks)
      .flatMap { $0.split(separator: " ") }
    return try NetworkSpec(
      Configuration(parsing: lines.joined(separator: "\n"), path: "short.cfg"))
  }

  private func conv(_ filters: Int, _ rest: String = "activation=leaky") -> String {
    "[convolutional] batch_normalize=1 filters=\(filters) size=1 stride=1 \(rest)"
  }
  private let last = "[convolutional] filters=6 size=1 stride=1 activation=linear"
  private let head = "[yolo] mask=0 anchors=4,4 classes=1 num=1"

  // 0 conv, 1 conv, 2 pool, 3 upsample, 4 route of 3 and 0, 5 shortcut of 4 and 4's own source…
  private func crossing() throws -> NetworkSpec {
    try spec([
      conv(4), conv(4), "[maxpool] size=2 stride=2", "[upsample] stride=2",
      "[route] layers=-1,0", conv(8, "activation=relu"), "[shortcut] from=-2 activation=linear",
      last, head,
    ])
  }

  @Test func `what is joined shares a grid, what heads read is float`() throws {
    let plan = try QuantizationPlan(crossing(), QuantizationOptions())
    #expect(plan.groups.map(\.tensors) == [[-1], [0, 1, 2, 3, 4], [5], [6]])
    #expect(plan.groups.map(\.producers) == [[-1], [0, 1], [5], [6]])
    #expect(plan.groups.map(\.bits) == [8, 8, 8, 8])
    #expect(plan.groups.map(\.isNeverNegative) == [false, false, true, false])
    #expect(plan.group(of: 3) == 1 && plan.group(of: 6) == 3)
    #expect(plan.group(of: 7) == nil && plan.group(of: 8) == nil)
    #expect(plan.weightBits == [0: 8, 1: 8, 5: 8, 7: 8])
  }

  @Test func `a shortcut may share the grid of its summands`() throws {
    var options = QuantizationOptions(scheme: .pow2)
    options.shortcuts = .shared
    let plan = try QuantizationPlan(crossing(), options)
    #expect(plan.groups.map(\.tensors) == [[-1], [0, 1, 2, 3, 4, 5, 6]])
    #expect(plan.groups[1].producers == [0, 1, 5, 6])
  }

  // The picture is read by 0 alone, and 6 by 7, the last: both are float where these are.
  @Test func `first and last layers, float or at 8 bits`() throws {
    var options = QuantizationOptions(scheme: .dorefa)
    (options.weightBits, options.activationBits) = (3, 4)
    let floatEnds = try QuantizationPlan(crossing(), options)
    #expect(floatEnds.weightBits == [1: 3, 5: 3])
    #expect(floatEnds.groups.map(\.tensors) == [[0, 1, 2, 3, 4], [5]])
    options.ends = .eightBits
    let byteEnds = try QuantizationPlan(crossing(), options)
    #expect(byteEnds.weightBits == [0: 8, 1: 3, 5: 3, 7: 8])
    #expect(byteEnds.groups.map(\.bits) == [8, 4, 4, 8])
    options.ends = .same
    #expect(try QuantizationPlan(crossing(), options).groups.map(\.bits) == [4, 4, 4, 4])
  }

  // 5 reads the group of 4 with 6 bits; the shortcut wants the usual ones.
  @Test func `a grid has the most bits that one of its readers wants`() throws {
    var options = QuantizationOptions()
    (options.weightBits, options.activationBits) = (4, 4)
    options.layerBits = [
      5: .init(weights: 7, activations: 6), 1: .init(weights: nil, activations: 2),
    ]
    let plan = try QuantizationPlan(crossing(), options)
    #expect(plan.groups.map(\.bits) == [4, 6, 4, 4])
    #expect(plan.weightBits == [0: 4, 5: 7, 7: 4])
    #expect(
      plan.overruling(options, in: try crossing())
        == "'--layer-bits' is not followed in all: layer 1 reads what layer 0 gives, which has 6 bits "
        + "for layer 5")
  }

  // 0 alone reads the input; 1 and 5 read what the route joins, which the shortcut wants at 8 bits.
  @Test func `who does not get the bits of its own is named, and why`() throws {
    var options = QuantizationOptions()
    func told(_ layers: [Int: QuantizationOptions.LayerBits]) throws -> String? {
      options.layerBits = layers
      return try QuantizationPlan(crossing(), options).overruling(options, in: crossing())
    }
    #expect(
      try told([0: .init(weights: 2, activations: nil), 7: .init(weights: 2, activations: 16)])
        == nil)
    let float = QuantizationOptions.LayerBits(weights: 8, activations: nil)
    #expect(
      try told([1: float, 5: float])
        == "'--layer-bits' is not followed in all: layer 1 reads what layer 0 gives, which has 8 bits "
        + "for layer 6; layer 5 reads what layer 4 gives, which has 8 bits for layer 6")
    let spec = try spec([
      conv(8), conv(8), conv(8, "activation=leaky share_index=1"), last, head,
    ])
    options.layerBits = [2: .init(weights: 4, activations: 8)]
    #expect(
      try QuantizationPlan(spec, options).overruling(options, in: spec)
        == "'--layer-bits' is not followed in all: layer 2 uses the weights of layer 1, which have 8 "
        + "bits")
  }

  // 6, a shortcut, reads what 4 and 5 give, and 7 what 6 gives.
  @Test func `a layer without weights has bits of what it reads`() throws {
    var options = QuantizationOptions()
    options.layerBits = [6: .init(weights: nil, activations: 16)]
    #expect(try QuantizationPlan(crossing(), options).groups.map(\.bits) == [8, 16, 16, 8])
    // Float, where nobody else asks for bits.
    options.layerBits = [
      6: .init(weights: nil, activations: nil), 7: .init(weights: nil, activations: nil),
    ]
    let plan = try QuantizationPlan(crossing(), options)
    #expect(plan.groups.map(\.tensors) == [[-1], [0, 1, 2, 3, 4]])
    // It has no weights, and a pool no bits.
    for (layer, bits) in [(6, 4), (2, nil)] as [(Int, Int?)] {
      options.layerBits = [layer: .init(weights: bits, activations: 8)]
      #expect(throws: QuantizationError.noSuchLayer(layer, layers: 9)) {
        try QuantizationPlan(crossing(), options)
      }
    }
  }

  @Test func `weights of one and of two bits`() throws {
    #expect(
      try QuantizationPlan(crossing(), QuantizationOptions(scheme: .binary)).weightBits
        == [0: 8, 1: 1, 5: 1, 7: 8])
    #expect(
      try QuantizationPlan(crossing(), QuantizationOptions(scheme: .ternary)).weightBits
        == [0: 8, 1: 2, 5: 2, 7: 8])
  }

  @Test func `two heads, slices, rearrangements and shared weights`() throws {
    let plan = try QuantizationPlan(
      spec([
        conv(8), "[route] layers=-1 groups=2 group_id=1", "[reorg3d] stride=2",
        "[dropout] probability=.2", last, head, "[route] layers=0", conv(8),
        "[convolutional] share_index=7 batch_normalize=1 filters=8 size=1 stride=1 activation=mish",
        "[maxpool] size=2 stride=1 antialiasing=1", last, head,
      ]), QuantizationOptions())
    #expect(plan.groups.map(\.tensors) == [[-1], [0, 1, 2, 3, 6], [7], [8], [9]])
    #expect(plan.groups.map(\.producers) == [[-1], [0], [7], [8], [9]])
    #expect(plan.weightBits == [0: 8, 4: 8, 7: 8, 8: 8, 10: 8])
  }

  // The pool before the head passes the last convolution's values on.
  @Test func `what a head reads through a layer that passes on is float too`() throws {
    var options = QuantizationOptions()
    options.ends = .float
    let plan = try QuantizationPlan(
      spec([conv(4), conv(4), last, "[dropout] probability=.5", head]), options)
    #expect(plan.weightBits == [1: 8])
    #expect(plan.groups.map(\.tensors) == [[0]])
  }

  @Test func `bits out of range and layers without weights are refused`() throws {
    for bits in [0, 1, 17] {
      for change in [\QuantizationOptions.weightBits, \.activationBits] {
        var options = QuantizationOptions()
        options[keyPath: change] = bits
        #expect(throws: QuantizationError.bits(bits)) { try QuantizationPlan(crossing(), options) }
      }
      var options = QuantizationOptions()
      options.layerBits = [1: .init(weights: bits, activations: nil)]
      #expect(throws: QuantizationError.bits(bits)) { try QuantizationPlan(crossing(), options) }
    }
    for layer in [-1, 2, 9] {
      var options = QuantizationOptions()
      options.layerBits = [layer: .init(weights: 4, activations: 4)]
      #expect(throws: QuantizationError.noSuchLayer(layer, layers: 9)) {
        try QuantizationPlan(crossing(), options)
      }
    }
    var vote = QuantizationOptions()
    vote.activationRange = .cosineVote
    #expect(throws: QuantizationError.noVote(.google)) { try QuantizationPlan(crossing(), vote) }
  }
}
