import Darknet
import Networks
import Testing
import Torch
import _TestSupport

@testable import Quantization

@Suite struct LayerErrorsTests {
  private func errors(
    _ network: Network, _ options: QuantizationOptions, calibratedOn pictures: Tensor
  ) throws -> (LayerErrors, QuantizationState) {
    let calibration = try PostTraining(network, options: options)
    try calibration.calibrate(pictures)
    let state = try calibration.finished()
    var errors = try LayerErrors(network, state.quantized(network), state)
    try errors.add(pictures)
    return (errors, state)
  }

  // Sums over three pictures one by one are those over all at once.
  @Test func `signal and noise are those of whole tensors`() throws {
    let network = try randomNetwork(seed: 11)
    let pictures = try randomImages(network.spec, count: 3, seed: 1)
    var options = QuantizationOptions()
    options.activationBits = 4
    let (errors, state) = try self.errors(network, options, calibratedOn: pictures)
    func outputs(_ network: Network) throws -> [Int: [Double]] {
      let tap = FeatureTap(network.layers.indices)
      _ = try withoutGrad { try network(pictures, ForwardPass(observers: [tap])) }
      return try tap.features.mapValues { try $0.toDoubles() }
    }
    let (float, found) = (try outputs(network.folded()), try outputs(state.quantized(network)))
    #expect(errors.layers.count == network.spec.layers.count - network.spec.heads.count)
    for layer in errors.layers {
      let (x, q) = (try #require(float[layer.index]), try #require(found[layer.index]))
      let signal = x.reduce(0) { $0 + $1 * $1 }
      let noise = zip(x, q).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      #expect(abs(layer.signal - signal) <= 1e-4 * signal + 1e-9)
      // One picture at a time may be computed otherwise than three, and fall on the other side of a
      // half.
      #expect(abs(layer.noise - noise) <= 0.02 * noise + 1e-6)
      #expect(layer.count == x.count)
      // The smallest and the largest were seen, so nothing but their rounding lies beyond.
      #expect(layer.clippedShare < 0.02)
      let isOnGrid = state.grid(of: layer.index) != nil
      #expect((layer.outputBits != nil) == isOnGrid && (layer.range != nil) == isOnGrid)
    }
  }

  @Test func `more bits make less noise, and what is cut off is counted`() throws {
    let network = try randomNetwork(seed: 12)
    let pictures = try randomImages(network.spec, count: 3, seed: 2)
    func decibels(_ bits: Int) throws -> [Double] {
      var options = QuantizationOptions()
      (options.weightBits, options.activationBits) = (bits, bits)
      return try errors(network, options, calibratedOn: pictures).0.layers.compactMap(\.decibels)
    }
    let (four, eight, twelve) = (try decibels(4), try decibels(8), try decibels(12))
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
    // 6 dB a bit.
    #expect(mean(eight) > mean(four) + 12 && mean(twelve) > mean(eight) + 12)
    var options = QuantizationOptions()
    options.activationRange = .percentile(0.9)
    let clipped = try errors(network, options, calibratedOn: pictures).0
    let shares = clipped.layers.filter { $0.outputBits != nil }.map(\.clippedShare)
    #expect(mean(shares) > 0.05 && mean(shares) < 0.25)
  }
}
