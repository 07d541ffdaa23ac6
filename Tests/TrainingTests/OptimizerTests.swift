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
    try Optimizer(network.allParameters).step(
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

  private func network() throws -> Network {
    try Network(
      BuiltInNetwork.yolov4Tiny.configuration(
        classes: 1, width: 64, height: 64, widthMultiple: 0.125), seed: 3)
  }

  private let values = LearningRateSchedule.Values(
    rate: 0.01, biasRate: 0.1, momentum: 0.5, weightDecay: 0.1, warmup: 1)

  /// Sets every gradient to a number.
  private func setGradients(_ optimizer: Optimizer, _ value: Double) throws {
    for parameter in optimizer.parameters {
      try parameter.value.setGrad(.full(parameter.value.shape, Float(value)))
    }
  }

  // Adam's first step is rate · g / (|g| + ε), whatever the gradient: 0.01 or, for biases, 0.1.
  // Where weights are decayed, g = 2 + 0.1 · x > 0 for |x| < 20, so their step is the same.
  @Test func `the first step of Adam is the learning rate`() throws {
    let network = try network()
    let optimizer = try Optimizer(network.allParameters, method: .adam)
    let before = try network.learnableTensors.map { try $0.tensor.toFloats() }
    try setGradients(optimizer, 2)
    try optimizer.step(values)
    for (entry, old) in zip(try network.learnableTensors, before) {
      let rate: Float =
        entry.parameter.group == .biases ? 0.1 : 0.01
      let new = try entry.tensor.toFloats()
      #expect(zip(new, old).allSatisfy { abs($1 - $0 - rate) < 1e-5 })
    }
  }

  // Second step with g = −2 after g = 2, without decay (BN scales): m = 0.9·0.2 − 0.2 = −0.02, over
  // 1 − 0.81 = 0.19; v = 0.999·0.004 + 0.004 = 0.007996, over 1 − 0.998001 = 0.001999: 4. The step
  // is −0.01 · (−0.10526316 / 2) = 0.00052632. A step that met an infinity counts nothing.
  @Test func `steps are counted, but for those that are left out`() throws {
    let network = try network()
    let optimizer = try Optimizer(network.allParameters, method: .adam)
    let scale = try #require(
      try network.learnableTensors.first {
        $0.parameter.group == .scales
      })
    let before = try scale.tensor.toFloats()
    try setGradients(optimizer, 2)
    // As the scaler gives it.
    try optimizer.step(values, foundInfinity: .zeros([1]))
    try setGradients(optimizer, .infinity)
    try optimizer.step(values, foundInfinity: .ones([1]))
    try setGradients(optimizer, -2)
    try optimizer.step(values, foundInfinity: .zeros([1]))
    let after = try scale.tensor.toFloats()
    #expect(zip(after, before).allSatisfy { abs($0 - $1 + 0.01 - 0.00052632) < 1e-6 })
    let steps = try #require(optimizer.state.first { $0.name == "adam.steps" })
    #expect(try steps.tensor.toFloats() == [2])
  }

  @Test func `the state of each method is what its steps need`() throws {
    let network = try network()
    let count = try network.learnableTensors.count
    #expect(try Optimizer(network.allParameters).state.count == count)
    #expect(try Optimizer(network.allParameters, method: .adam).state.count == 2 * count + 1)
  }
}
