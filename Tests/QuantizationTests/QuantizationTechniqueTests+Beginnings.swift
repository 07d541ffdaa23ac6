import Darknet
import Networks
import Testing
import Torch
import _TestSupport

@testable import Quantization
@testable import Training

/// Training on codes of channels that are the same everywhere, and of tensors that begin as zeros.
extension QuantizationTechniqueTests {
  private func text(_ layers: Int) -> String {
    let layer = """
      [convolutional]
      batch_normalize=1
      filters=8
      size=1
      activation=leaky

      """
    return "[net]\nwidth=8\nheight=8\nchannels=3\n"
      + String(repeating: layer, count: layers) + handHead
  }

  private func set(_ name: String, _ value: Double, in network: Network) throws {
    let parameter = try #require(try network.allParameters.first { $0.name == name })
    try withoutGrad { _ = try parameter.value.detach().fillInPlace(value) }
  }

  // Every second batch is black: all channels are the same everywhere, and σ of the batch is 0.
  // Folded by 1 / √ε = 316, what rounding does would grow from layer to layer.
  @Test(arguments: [QuantizationScheme.google, .lsqPlus], [2, 4])
  func `channels that are the same everywhere leave the network finite`(
    scheme: QuantizationScheme, bits: Int
  ) throws {
    let network = try handNetwork(text(16), seed: 3)
    for layer in 0..<16 {
      for (role, value) in [("gamma", 1), ("beta", 0.5), ("mean", 0), ("variance", 1)] {
        try set("\(layer).\(role)", value, in: network)
      }
    }
    let technique = QuantizationTechnique(options(scheme, bits: bits))
    try technique.attach(to: network, epochs: epochs(8))
    let losses = try train(
      network, technique, steps: 8, brightness: [0, 1])
    #expect(losses.allSatisfy { $0.isFinite }, "\(scheme): \(losses)")
    for parameter in try network.allParameters {
      #expect(try parameter.value.allFinite(), "\(parameter.name)")
    }
  }

  // γ = β = 0 makes the second layer's kernel and output zero; then γ doubles from 0.001 to 0.512, and
  // nothing learns. A kernel of 4 bits has 7 steps, an activation reaches about as far as γ.
  @Test(arguments: [QuantizationScheme.lsq, .lsqPlus, .tpsq, .pact])
  func `steps of what was zero follow it while it grows`(scheme: QuantizationScheme) throws {
    for isPerChannel in [true, false] {
      let network = try handNetwork(text(3), seed: 3)
      try set("1.gamma", 0, in: network)
      try set("1.beta", 0, in: network)
      var options = options(scheme, bits: 4)
      options.isPerChannel = isPerChannel
      let technique = QuantizationTechnique(options)
      try technique.attach(to: network, epochs: epochs(60))
      for pass in 0..<11 {
        if pass > 0 { try set("1.gamma", 0.0005 * Double(1 << pass), in: network) }
        let images = try randomImages(network.spec, count: 2, seed: 1)
        _ = try withoutGrad { try network(images, .training) }
      }
      let layer = try #require(network.layers[1] as? TrainedLayer)
      let comment: Comment = "\(scheme), \(isPerChannel)"
      if let step = try layer.weightStep?.value.detach() {
        let convolution = try #require(layer.inner.convolution)
        let kernel = try convolution.foldedKernel(by: convolution.runningStatistics).weight.detach()
        let largest = try kernel.largestMagnitude(along: isPerChannel ? 0 : nil)
        let reach = try step * (scheme == .tpsq ? 1 : 7)
        for (own, needed) in zip(try reach.toFloats(), try largest.toFloats()) {
          #expect(own > needed / 8, comment)
        }
      }
      let grid = try #require(try layer.ranges.output?.range.grid)
      let ends = try grid.values(
        of: Tensor([Float(grid.range.lowest), Float(grid.range.highest)]))
      #expect(try ends.largestMagnitude().item() > 0.25, comment)
      // What it has to know goes on with the run.
      let again = QuantizationTechnique(options)
      try again.attach(to: handNetwork(text(3), seed: 4), epochs: epochs(60))
      let state = try #require(try technique.state())
      try again.restore(state)
      #expect(try again.state() == state)
    }
  }

  // The first tensor was zero and reaches 1 by now: 2 is no more than twice of it, 2.5 is.
  @Test func `a step begins anew where its tensor has more than doubled`() throws {
    let floors = StepFloors()
    let step = try Parameter("s", ParameterGroup("steps"), Tensor([1, 1] as [Float]))
    try floors.begin(step)
    #expect(try floors.grown(step, reach: { try Tensor([9, 9] as [Float]) }) == nil)
    floors.follow(step, from: [1, .greatestFiniteMagnitude])
    #expect(try floors.grown(step, reach: { try Tensor([2, 9] as [Float]) }) == nil)
    let grown = try #require(
      try floors.grown(step, reach: { try Tensor([2.5, 9] as [Float]) }))
    #expect(try grown.to(.float32).toFloats() == [1, 0])
    #expect(floors.reaches["s"] == [2.5, .greatestFiniteMagnitude])
    try withoutGrad { _ = try step.value.detach().fillInPlace(8) }
    try floors.begin(step, where: grown)
    #expect(floors.floors["s"] == [0.5, 0.0625])
  }
}
