import Darknet
import Integers
import Networks
import Testing
import Torch
import _TestSupport

@testable import Quantization

/// Steps of kernels and biases that whole numbers can calculate with.
@Suite struct IntegerStepsTests {
  private static let oneByOne = """
    [net]
    width=4
    height=4
    channels=3
    [convolutional]
    filters=2
    size=1
    activation=linear
    \(handHead)
    """

  // Bytes on R = 1 have the step 2⁻¹⁵, weights up to 1 too, so products 2⁻³⁰: a bias of −4 would have 2³²
  // codes. Held at 2²⁹ codes the kernel's step is 2⁻¹². One of −3 has 3·2⁻¹⁴ there, and the power of
  // two above is the same.
  @Test(arguments: [QuantizationScheme.google, .pow2], [3.0, 4])
  func `a kernel's step rises for its bias`(scheme: QuantizationScheme, size: Double) throws {
    let network = try handNetwork(Self.oneByOne, seed: 6)
    let convolution = try #require(network.layers[0].convolution)
    _ = try withoutGrad { try convolution.weight.detach().fillInPlace(1) }
    _ = try withoutGrad { try convolution.bias?.detach().fillInPlace(-size) }
    var options = QuantizationOptions(scheme: scheme)
    (options.weightBits, options.activationBits) = (16, 16)
    let calibration = try PostTraining(network, options: options)
    try calibration.calibrate(randomImages(network.spec, count: 1, seed: 6))
    let state = try calibration.finished()
    let step = try #require(state.kernels[0]).weights.grid.step.toFloats()[0]
    let program = try IntegerProgram(state.quantized(network))
    guard case .convolution(let made) = program.layers[0].operation else {
      Issue.record("no convolution")
      return
    }
    if scheme == .pow2 {
      let bias = -Int(size) << 27
      #expect(step == 0x1p-12 && made.biases == [bias, bias])
    } else {
      // Bytes have the step 1 / 65535 here.
      #expect(abs(Double(step) - size * 65535 * 0x1p-29) < 1e-9)
      #expect(made.biases.allSatisfy { abs($0 + 1 << 29) < 64 })
    }
  }

  // What layer 2 reads is 1000 times finer than what layer 0 does, whose weights it uses.
  @Test(arguments: [QuantizationScheme.google, .pow2])
  func `a kernel's step serves all layers that use it`(scheme: QuantizationScheme) throws {
    let network = try handNetwork(
      Self.oneByOne.replacing(
        "filters=2\nsize=1\nactivation=linear\n",
        with: "filters=3\nsize=1\nactivation=linear\n[convolutional]\nfilters=3\nsize=1\n"
          + "activation=linear\n[convolutional]\nshare_index=0\nfilters=3\nsize=1\n"
          + "activation=linear\n"), seed: 6)
    for (layer, weight, bias) in [(0, 1e-4, 1.0), (1, 1e-3, 0)] {
      let convolution = try #require(network.layers[layer].convolution)
      _ = try withoutGrad { try convolution.weight.detach().fillInPlace(weight) }
      _ = try withoutGrad { try convolution.bias?.detach().fillInPlace(bias) }
    }
    #expect(network.spec.layers[2].convolution?.shareIndex == 0)
    let integers = try quantized(network, QuantizationOptions(scheme: scheme), seed: 6)
    #expect(try IntegerProgram(integers).layers.count == 4)
  }

  // 22 random networks of powers of two: at 16 bits most had a bias that did not fit.
  @Test(arguments: [(16, 16), (12, 16)])
  func `powers of two have no bias that is float`(weights: Int, activations: Int) throws {
    for seed in 0..<22 as Range<UInt64> {
      let network = try randomNetwork(seed: seed)
      var options = QuantizationOptions(scheme: .pow2)
      (options.weightBits, options.activationBits) = (weights, activations)
      let program = try IntegerProgram(quantized(network, options, seed: seed))
      #expect(!program.layers.isEmpty, "seed \(seed)")
    }
  }

  @Test func `a bias that does not fit is said to be the reason`() throws {
    let network = try handNetwork(Self.oneByOne, seed: 6)
    let calibration = try PostTraining(network, options: QuantizationOptions(scheme: .pow2))
    try calibration.calibrate(randomImages(network.spec, count: 1, seed: 6))
    let state = try calibration.finished()
    let other = try state.withTinySteps(ofLayer: 0)
    let error = #expect(throws: QuantizationError.self) {
      try IntegerProgram(other.quantized(network))
    }
    #expect(
      "\(try #require(error))".hasPrefix(
        "layer 0 [convolutional] cannot be computed with whole numbers alone: 32 bits do not hold "
          + "its bias in steps of its sums"))
  }
}

extension QuantizationState {
  /// The same with steps of a kernel that are so small that no bias fits.
  fileprivate func withTinySteps(ofLayer layer: Int) throws -> QuantizationState {
    var kernels = kernels
    guard let kernel = kernels[layer] else { return self }
    let grid = kernel.weights.grid
    let tiny = QuantizationGrid(
      step: try grid.step * 0x1p-40, zero: grid.zero, range: grid.range, axis: grid.axis)
    kernels[layer] = .init(weights: EncodedTensor(kernel.weights.codes, tiny), bias: kernel.bias)
    return QuantizationState(options: options, plan: plan, kernels: kernels, grids: grids)
  }
}
