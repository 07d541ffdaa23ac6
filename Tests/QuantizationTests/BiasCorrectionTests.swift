import Darknet
import Networks
import Testing
import Torch
import _TestSupport

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
}
