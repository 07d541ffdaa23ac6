import Darknet
import Testing
import _TestSupport

@testable import Pruning

@Suite struct SurgeryTests {
  // [2, 3, 2] holding 0...11; rows 1, columns 0 and 2: 6 7 10 11.
  @Test func `a gather keeps the places of every labelled axis`() {
    let array = ParameterArray(shape: [2, 3, 2], values: (0..<12).map(Float.init))
    #expect(
      array.gathered([[1], [0, 2], nil])
        == ParameterArray(shape: [1, 2, 2], values: [6, 7, 10, 11]))
    #expect(
      array.gathered([nil, [1], nil])
        == ParameterArray(shape: [2, 1, 2], values: [2, 3, 8, 9]))
    #expect(array.gathered([nil, nil, [1]]).values == [1, 3, 5, 7, 9, 11])
    #expect(array.gathered([nil, nil, nil]) == array)
    #expect(array.gathered([[], nil, nil]) == ParameterArray(shape: [0, 3, 2], values: []))
  }

  // Slots 3 and 4 of layer 0's four (2...5 after two inputs) go.
  @Test func `the cfg changes in filters and groups, and nowhere else`() throws {
    let text = """
      [net]
      width=8
      height=8
      channels=2
      # a comment
      [convolutional]
      batch_normalize=1
      size=1
      filters=4
      my_key=kept
      activation=leaky
      [convolutional]
      filters=8
      groups=4
      size=3
      batch_normalize=1
      activation=relu
      [depthwise]
      filters=8
      size=3
      batch_normalize=1
      activation=relu
      [convolutional]
      filters=5
      size=1
      activation=linear
      """
    let configuration = try Configuration(parsing: text, path: "surgery.cfg")
    let spec = try NetworkSpec(configuration)
    let slots = try ChannelSlots(spec)
    let classes = SlotClasses(slots)
    let gone = Set([3, 4].map { classes.classOfSlot[$0] })
    let mask = KeepMask(stays: classes.classOfSlot.map { !gone.contains($0) })
    let surgery = Surgery(spec: spec, slots: slots, mask: mask)
    var expected = configuration
    expected.sections[1]["filters"] = "2"
    expected.sections[2]["filters"] = "4"
    expected.sections[2]["groups"] = "2"
    expected.sections[3]["filters"] = "4"
    let pruned = surgery.pruned(configuration)
    #expect(pruned == expected)
    let parameters = surgery.pruned(try randomParameters(spec, seed: 2))
    #expect(parameters.misfit(with: try NetworkSpec(pruned)) == nil)
    #expect(parameters.layers[1][.weight]?.shape == [4, 1, 3, 3])
    #expect(parameters.layers[3][.weight]?.shape == [5, 4, 1, 1])
  }

  // Of eight channels, four between the linear layers, two stay: a reduction by 2 would say one.
  @Test func `squeeze and excitation keeps the width between its layers`() throws {
    let (configuration, parameters) = try handNetwork(
      conv(8) + "[se]\nreduction=2\n" + conv(2),
      gamma: [0: [0.1, 0.1, 0.1, 0.9, 0.1, 0.1, 0.8, 0.1], 2: [1, 2]])
    let pruner = try Pruner(configuration, parameters)
    let result = try pruner.prune(percent: 0.6)
    #expect(result.keptChannels[1] == [3, 6])
    #expect(result.configuration.sections[2]["squeeze"] == "4")
    #expect(result.parameters.layers[1][.squeeze]?.shape == [4, 2])
    #expect(result.parameters.layers[1][.excite]?.shape == [2, 4])
    #expect(try PrunedNetwork(pruner, result).maskedDifference() < 1e-7)
    // Its first layer has no bias: what dropped channels emit is lost, and said to be.
    #expect(result.plan.lostConstants.map(\.layer) == [1])
    // Again, from the smaller cfg.
    let again = try Pruner(result.configuration, result.parameters).prune(percent: 0.3, force: true)
    #expect(again.configuration.sections[2]["squeeze"] == "4")
  }
}
