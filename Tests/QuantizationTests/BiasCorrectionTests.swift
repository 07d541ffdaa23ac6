import Darknet
import Testing
import Torch
import _TestSupport

@testable import Networks
@testable import Quantization

@Suite struct BiasCorrectionTests {
  /// How far the means of the heads' channels are from the float network's.
  private func shift(_ network: Network, _ other: Network, _ images: Tensor) throws -> Double {
    try withoutGrad {
      try zip(network(images), other(images)).reduce(0) { sum, pair in
        let means = try [pair.0, pair.1].map { try $0.mean(dims: [0, 2, 3]) }
        return try sum + (means[0] - means[1]).abs().mean().item()
      }
    }
  }

  // The last convolutions give sums alone, so on the same pictures their means come back but for
  // the steps of the biases; on others most of the shift goes.
  @Test func `means of channels come back`() throws {
    var gains: [Double] = []
    for seed in 0..<16 as Range<UInt64> {
      let network = try randomNetwork(seed: seed)
      var options = QuantizationOptions()
      (options.weightBits, options.activationBits) = (4, 6)
      let calibration = try PostTraining(network, options: options)
      let pictures = try randomImages(network.spec, count: 4, seed: seed)
      try calibration.calibrate(pictures)
      let state = try calibration.finished()
      let correction = try BiasCorrection(calibration.network, state)
      #expect(try correction.corrected().kernels.keys == state.kernels.keys)
      try correction.add(pictures)
      let corrected = try correction.corrected()
      let float = try network.folded()
      let before = try shift(float, state.quantized(network), pictures)
      let after = try shift(float, corrected.quantized(network), pictures)
      #expect(before > 1e-3 && after < 0.2 * before, "seed \(seed): \(before), \(after)")
      let others = try randomImages(network.spec, count: 4, seed: seed + 100)
      gains.append(
        try shift(float, corrected.quantized(network), others)
          / shift(float, state.quantized(network), others))
      // Kernels and grids stay, and so do the codes of biases that nothing shifts.
      for (layer, kernel) in state.kernels {
        let own = try #require(corrected.kernels[layer])
        #expect(try own.weights.codes.toFloats() == kernel.weights.codes.toFloats())
        #expect((own.bias == nil) == (kernel.bias == nil))
      }
    }
    #expect(gains.sorted()[8] < 0.5, "\(gains)")
  }

  // Weights of 0.7 and 0.04 are 7 and 0 steps of 0.1. Where 0.7 is read, 0.4 is right; where 0.04 is,
  // −0.26 has become −0.3, of which leaky lets a tenth through. The mean of the shifts is 0.02; by the
  // squares of the slopes, 1 and 0.01, it is 0.01·0.04 / 1.01 = 0.0004.
  @Test func `a shift counts where the activation lets it through`() throws {
    let network = try handNetwork(
      """
      [net]
      width=2
      height=1
      channels=3
      [convolutional]
      filters=1
      size=1
      activation=leaky
      \(handHead)
      """, seed: 1)
    var parameters = try network.parameters()
    parameters.layers[0][.weight] = ParameterArray(shape: [1, 3, 1, 1], values: [0.7, 0.04, 0])
    parameters.layers[0][.bias] = ParameterArray(shape: [1], values: [-0.3])
    try network.load(parameters)
    var options = QuantizationOptions()
    options.weightBits = 4
    let calibration = try PostTraining(network, options: options)
    let picture = try Tensor([1, 0, 0, 1, 0, 0] as [Float], shape: [1, 3, 1, 2])
    try calibration.calibrate(picture)
    let state = try calibration.finished()
    let correction = try BiasCorrection(calibration.network, state)
    try correction.add(picture)
    try correction.add(picture)
    func bias(_ state: QuantizationState) throws -> Double {
      try #require(state.kernels[0]?.bias).values.item()
    }
    // A step of the bias is 0.1 / 255.
    let shift = try bias(correction.corrected()) - bias(state)
    #expect(abs(shift - 0.0004) <= 0.1 / 255)
  }

  // Few bits, activations that bend, and pictures that were not calibrated with.
  @Test func `outputs come nearer`() throws {
    var gains: [Double] = []
    for seed in 0..<16 as Range<UInt64> {
      let network = try randomNetwork(seed: seed)
      var options = QuantizationOptions()
      options.weightBits = 4
      let calibration = try PostTraining(network, options: options)
      let pictures = try randomImages(network.spec, count: 4, seed: seed)
      try calibration.calibrate(pictures)
      let state = try calibration.finished()
      let correction = try BiasCorrection(calibration.network, state)
      try correction.add(pictures)
      let others = try randomImages(network.spec, count: 4, seed: seed + 100)
      func error(_ state: QuantizationState) throws -> Double {
        try withoutGrad {
          try zip(network(others), state.quantized(network)(others)).reduce(0) {
            try $0 + ($1.0 - $1.1).squared().mean().item()
          }
        }
      }
      gains.append(try error(correction.corrected()) / error(state))
    }
    #expect(gains.sorted()[8] < 0.8, "\(gains)")
  }

  @Test func `slopes of activations`() throws {
    let context = LayerContext(outputs: [], training: false, leakySlope: 0.1)
    let x = try Tensor([-2, 3] as [Float])
    // Mish at −2 and 3: −0.10839 and 1.02110 (arXiv 1908.08681, by differences of x·tanh(ln(1 + eˣ))).
    let expected: [(Activation, [Float])] = [
      (.linear, [1, 1]), (.relu, [0, 1]), (.leaky, [0.1, 1]), (.mish, [-0.10839, 1.02110]),
    ]
    for (activation, slopes) in expected {
      let found = try x.slope(of: activation, context).toFloats()
      for (a, b) in zip(found, slopes) { #expect(abs(a - b) < 1e-3, "\(activation)") }
    }
  }
}
