import Darknet
import Networks
import Testing
import Torch

@testable import Training

@Suite struct OptimizerTests {
  // Without gradients a step of rate 1 and decay 1/2 halves what is decayed and leaves the rest.
  @Test func `kernels of all kinds are decayed, nothing else is`() throws {
    let cfg = """
      [net]
      width=4
      height=4
      channels=4
      [convolutional]
      batch_normalize=1
      filters=4
      size=1
      activation=leaky
      [depthwise]
      filters=4
      size=3
      pad=1
      activation=leaky
      [se]
      reduction=2
      [shortcut]
      from=0
      weights_type=per_channel
      [batchnorm]
      """
    let network = try Network(Configuration(parsing: cfg, path: "kinds.cfg"))
    let before = try network.parameters()
    try Optimizer(network).step(
      LearningRateSchedule.Values(
        rate: 1, biasRate: 1, momentum: 0, weightDecay: 0.5, warmup: 1))
    let after = try network.parameters()
    var decayed: [String] = []
    for (layer, arrays) in before.layers.enumerated() {
      for (role, array) in arrays {
        let values = after.layers[layer][role]?.values
        if values == array.values { continue }
        #expect(values == array.values.map { $0 / 2 }, "\(layer).\(role)")
        decayed.append("\(layer).\(role)")
      }
    }
    #expect(decayed.sorted() == ["0.weight", "1.weight", "2.excite", "2.squeeze"])
  }
}
