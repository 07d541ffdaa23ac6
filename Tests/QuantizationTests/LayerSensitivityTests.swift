import Darknet
import Networks
import Testing
import Torch
import _TestSupport

@testable import Quantization

@Suite struct LayerSensitivityTests {
  private func parts(
    seed: UInt64, bits: Int
  ) throws -> (network: Network, state: QuantizationState, pictures: Tensor) {
    let network = try randomNetwork(seed: seed)
    var options = QuantizationOptions()
    (options.weightBits, options.activationBits) = (bits, bits)
    let calibration = try PostTraining(network, options: options)
    let pictures = try randomImages(network.spec, count: 2, seed: seed)
    try calibration.calibrate(pictures)
    return (calibration.network, try calibration.finished(), pictures)
  }

  @Test func `one layer alone moves the heads less than all, and fewer bits more`() throws {
    for seed in 20..<24 as Range<UInt64> {
      let (network, state, pictures) = try parts(seed: seed, bits: 4)
      let sensitivity = try LayerSensitivity(network, state)
      let expected = try sensitivity.heads(pictures)
      let layers = network.spec.layers
      let computing = layers.indices.filter { layers[$0].computes }
      #expect(sensitivity.layers == computing)
      let all = try withoutGrad {
        try zip(expected, state.quantized(network)(pictures)).reduce(0) {
          try $0 + ($1.0 - $1.1).squared().sum().item() / $1.0.squared().sum().item()
        } / Double(expected.count)
      }
      var sum = 0.0
      for layer in sensitivity.layers {
        let error = try sensitivity.error(quantizing: layer, pictures, expected)
        #expect(error >= 0 && error.isFinite)
        guard layers[layer].convolution != nil else { continue }
        sum += error
        let two = try sensitivity.error(ofWeights: layer, bits: 2, pictures, expected)
        let eight = try sensitivity.error(ofWeights: layer, bits: 8, pictures, expected)
        #expect(two >= eight && eight < 1e-2)
      }
      // Errors of single layers with weights nearly add up; what others read is read by these too.
      #expect(sum > 0.2 * all && sum < 5 * all, "\(sum), \(all)")
      // The float network is as it was.
      for (a, b) in zip(try sensitivity.heads(pictures), expected) {
        #expect(try a.toFloats() == b.toFloats())
      }
    }
  }

  // Two convolutions with one kernel of 2 bits: what both uses of it do is its error, not what one does.
  @Test func `a kernel counts wherever it is used, and once`() throws {
    let network = try handNetwork(
      """
      [net]
      width=8
      height=8
      channels=3
      [convolutional]
      filters=3
      size=1
      activation=linear
      [convolutional]
      share_index=0
      filters=3
      size=1
      activation=linear
      \(handHead)
      """, seed: 4)
    var options = QuantizationOptions()
    options.weightBits = 2
    let calibration = try PostTraining(network, options: options)
    let pictures = try randomImages(network.spec, count: 2, seed: 1)
    try calibration.calibrate(pictures)
    let state = try calibration.finished()
    let sensitivity = try LayerSensitivity(calibration.network, state)
    let expected = try sensitivity.heads(pictures)
    // As if the network had been trained to these weights.
    let both = try network.copy()
    let weight = try #require(both.layers[0].convolution).weight.detach()
    let codes = try #require(state.kernels[0]).weights.values
    let found = try withoutGrad {
      _ = try weight.copyInPlace(codes)
      return try both(pictures)
    }
    let error = try withoutGrad {
      try (expected[0] - found[0]).squared().sum().item() / expected[0].squared().sum().item()
    }
    let own = try sensitivity.error(ofWeights: 0, bits: 2, pictures, expected)
    #expect(error > 1e-3 && abs(own - error) < 1e-4 * error, "\(own), \(error)")
    // Who uses it adds what it reads, and no weights.
    let (first, second) = (
      try sensitivity.error(quantizing: 0, pictures, expected),
      try sensitivity.error(quantizing: 1, pictures, expected)
    )
    #expect(abs(first - error) < 0.05 * error && second < 0.01 * error, "\(first), \(second)")
  }

  // Bits by sensitivity against the same for all, and against bits drawn at random, of equal size.
  @Test func `bits by sensitivity beat uniform and random ones`() throws {
    var (better, random) = (0, 0)
    for seed in 30..<36 as Range<UInt64> {
      let (network, state, pictures) = try parts(seed: seed, bits: 8)
      let sensitivity = try LayerSensitivity(network, state)
      let expected = try sensitivity.heads(pictures)
      let layers = try state.kernels.keys.sorted().map { index in
        BitAllocation.Layer(
          index: index, weights: try #require(state.kernels[index]).weights.codes.count,
          errors: try BitAllocation.bits.reduce(into: [:]) {
            $0[$1] = try sensitivity.error(ofWeights: index, bits: $1, pictures, expected)
          })
      }
      let uniform = layers.reduce(0) { $0 + $1.bytes(4) }
      let allocation = try #require(BitAllocation(layers, budget: uniform))
      func cost(_ bits: [Int: Int]) throws -> Double {
        try layers.reduce(0) { $0 + (try #require($1.errors[bits[$1.index] ?? 0])) }
      }
      #expect(allocation.bytes <= uniform)
      let found = try cost(allocation.bits)
      better += try found <= cost(layers.reduce(into: [:]) { $0[$1.index] = 4 }) ? 1 : 0
      var generator = SeededGenerator(seed: seed)
      var drawn: [Int: Int] = [:]
      for layer in layers { drawn[layer.index] = generator.pick([2, 3, 4, 6, 8]) }
      while layers.reduce(0, { $0 + $1.bytes(drawn[$1.index] ?? 0) }) > uniform {
        let layer = generator.pick(layers.filter { drawn[$0.index] ?? 0 > 2 }).index
        drawn[layer] = (drawn[layer] ?? 3) - 1
      }
      random += try found <= cost(drawn) ? 1 : 0
    }
    #expect(better == 6 && random == 6)
  }

  @Test func `other bits need no other pass, and keep what was rounded`() throws {
    let network = try randomNetwork(seed: 40)
    let calibration = try PostTraining(network, options: QuantizationOptions())
    let pictures = try randomImages(network.spec, count: 2, seed: 1)
    try calibration.calibrate(pictures)
    let state = try calibration.finished()
    let last = try #require(state.kernels.keys.max())
    let raised = try calibration.finished([last: .init(weights: 16, activations: 16)])
    #expect(raised.kernels[last]?.weights.grid.range.bits == 16)
    #expect(raised.options.layerBits.count == 1)
    var options = QuantizationOptions()
    options.layerBits = [last: .init(weights: 16, activations: 16)]
    let again = try PostTraining(network, options: options)
    try again.calibrate(pictures)
    let expected = try again.finished()
    for (index, kernel) in raised.kernels {
      let other = try #require(expected.kernels[index])
      #expect(try kernel.weights.codes.toFloats() == other.weights.codes.toFloats())
    }
    // Codes that were rounded otherwise are kept where the steps are the same.
    let rounded = QuantizationState(
      options: state.options, plan: state.plan,
      kernels: try state.kernels.mapValues {
        .init(weights: EncodedTensor(try $0.weights.codes * 0, $0.weights.grid), bias: $0.bias)
      }, grids: state.grids)
    let kept = try raised.keepingRounding(of: rounded)
    for (index, kernel) in kept.kernels {
      let isZero = try kernel.weights.codes.abs().amax().item() == 0
      #expect(isZero == (index != last))
    }
  }
}
