import Darknet
import Integers
import Networks
import Testing
import Torch
import _TestSupport

@testable import Quantization
@testable import Training

/// Grids of a training on codes that whole numbers can compute with, whatever was learned.
extension QuantizationTechniqueTests {
  private static let small = """
    [net]
    width=16
    height=16
    channels=3
    [convolutional]
    batch_normalize=1
    filters=8
    size=3
    pad=1
    activation=leaky
    [convolutional]
    batch_normalize=1
    filters=8
    size=3
    pad=1
    activation=relu
    \(handHead)
    """

  /// The first difference between libtorch and whole numbers in what a training came to.
  private func difference(
    _ network: Network, _ options: QuantizationOptions
  ) throws -> IntegerVerification.Difference? {
    let state = try QuantizationState(trained: network, options)
    let float = try Network(network.configuration, network.parameters())
    let quantized = try state.quantized(float)
    let program = try IntegerProgram(quantized)
    let picture = try (randomImages(network.spec, count: 1, seed: 5) * 255).rounded().toUInt8s()
    return try IntegerVerification(quantized, IntegerRunner(program)).firstDifference(
      picture, width: network.spec.net.width, height: network.spec.net.height)
  }

  // Steps of weights begin near 0.01, and Adam moves them by up to 0.05 at a time.
  @Test(arguments: [QuantizationScheme.lsq, .lsqPlus, .tpsq, .pact], [4, 8])
  func `steps that learn stay above a sixteenth, and whole numbers compute what was trained`(
    scheme: QuantizationScheme, bits: Int
  ) throws {
    let network = try handNetwork(Self.small, seed: 3)
    var options = options(scheme, bits: bits)
    options.ends = .eightBits
    let technique = QuantizationTechnique(options)
    try technique.attach(to: network, epochs: epochs(30))
    let average = try ExponentialMovingAverage(of: network)
    func steps(_ network: Network) throws -> [String: [Float]] {
      try Dictionary(
        uniqueKeysWithValues: network.allParameters.filter { $0.name.hasSuffix(".step") }
          .map { ($0.name, try $0.value.toFloats()) })
    }
    // The input has no step that learns; those of activations begin with the first batch.
    _ = try withoutGrad {
      try network(randomImages(network.spec, count: 2, seed: 0), .training)
    }
    let first = try steps(network)
    #expect(first["quantization.input.step"] == nil && first.count >= 2)
    var smallest = Double.infinity
    _ = try train(network, technique, steps: 30, rate: 0.05, average: average) {
      for (name, values) in try steps(network) {
        for (value, begun) in zip(values, first[name] ?? []) {
          #expect(value >= begun / 16, "\(name)")
          smallest = min(smallest, Double(value / begun))
        }
      }
      #expect(try steps(average.network).values.joined().allSatisfy { $0 > 0 })
    }
    #expect(smallest < 1)
    #expect(try difference(network, options) == nil)
    #expect(try difference(average.network, options) == nil)
    // They go on with the run.
    let again = QuantizationTechnique(options)
    let other = try handNetwork(Self.small, seed: 4)
    try again.attach(to: other, epochs: epochs(30))
    let state = try #require(try technique.state())
    try again.restore(state)
    #expect(try again.state() == state)
  }

  // γ of 10⁻¹² makes weights that are nothing beside the bias 1: with steps of their own the bias
  // would have about 1 · 255 · 127 · 10¹² codes. Of powers of two it is 127 of 128 steps.
  @Test(arguments: QuantizationScheme.allCases)
  func `weights that sparse training has shut leave their bias on codes`(
    scheme: QuantizationScheme
  ) throws {
    for isPerChannel in [true, false] where !isPerChannel || scheme != .dorefa {
      let network = try handNetwork(Self.small, seed: 3)
      try withoutGrad {
        for parameter in try network.allParameters {
          let value = try parameter.value.detach()
          if parameter.name == "1.gamma" { _ = try value.fillInPlace(1e-12) }
          if parameter.name == "1.beta" { _ = try value.fillInPlace(1) }
        }
      }
      var options = QuantizationOptions(scheme: scheme)
      (options.isPerChannel, options.ends) = (isPerChannel, .eightBits)
      var course = QuantizationCourse()
      course.correctedEpochs = 1
      let technique = QuantizationTechnique(options, course: course)
      try technique.attach(to: network, epochs: [0, 0, 1, 1])
      _ = try train(network, technique, steps: 4, rate: 0)
      let state = try QuantizationState(trained: network, options)
      #expect(state.kernels.values.allSatisfy { $0.bias != nil })
      #expect(try difference(network, options) == nil)
      // The bias alone is what such channels give.
      let bias = try #require(state.kernels[1]?.bias)
      let error: Float = scheme.hasPowersOfTwo ? 1 / 128 : 1e-6
      #expect(try bias.values.toFloats().allSatisfy { abs($0 - 1) <= error })
    }
  }

  // Layer 2 uses the kernel and the bias of layer 0, and reads what is 1000 times finer.
  @Test(arguments: [QuantizationScheme.google, .lsq, .pow2, .tpsq])
  func `a kernel's step serves all layers that use it`(scheme: QuantizationScheme) throws {
    let convolution = "filters=3\nsize=1\nactivation=linear\n"
    let network = try handNetwork(
      "[net]\nwidth=4\nheight=4\nchannels=3\n[convolutional]\n\(convolution)[convolutional]\n"
        + "\(convolution)[convolutional]\nshare_index=0\n\(convolution)\(handHead)", seed: 6)
    for (layer, weight, bias) in [(0, 1e-4, 1.0), (1, 1e-3, 0)] {
      let convolution = try #require(network.layers[layer].convolution)
      _ = try withoutGrad { try convolution.weight.detach().fillInPlace(weight) }
      _ = try withoutGrad { try convolution.bias?.detach().fillInPlace(bias) }
    }
    let options = options(scheme, bits: 8)
    let technique = QuantizationTechnique(options)
    try technique.attach(to: network, epochs: epochs(3))
    _ = try train(network, technique, steps: 3, rate: 0)
    for network in [network, try network.copy()] {
      let kernels = try QuantizationState(trained: network, options).kernels
      let steps = try [0, 2].map { try #require(kernels[$0]).weights.grid.step.toFloats() }
      #expect(kernels.values.allSatisfy { $0.bias != nil } && steps[0] == steps[1])
      #expect(try difference(network, options) == nil)
    }
  }

  // Pictures of no more than 51 of 255: bytes have themselves for codes all the same, of powers of
  // two the steps of 1 / 128, where 255 has the last code.
  @Test(arguments: QuantizationScheme.allCases)
  func `the input's grid is that of all bytes, however dark the pictures`(
    scheme: QuantizationScheme
  ) throws {
    let network = try handNetwork(Self.small, seed: 3)
    var options = options(scheme, bits: 8)
    options.ends = .eightBits
    let technique = QuantizationTechnique(options)
    try technique.attach(to: network, epochs: epochs(3))
    _ = try train(network, technique, steps: 3, brightness: [0.2])
    let grid = try #require(try QuantizationState(trained: network, options).grid(of: -1))
    let bytes = try Tensor((0...255).map { Float($0) / 255 })
    let codes = try grid.codes(of: bytes).toFloats()
    let expected =
      scheme.hasPowersOfTwo
      ? (0...255).map { min(Float(Double($0) / 255 * 128).rounded(.toNearestOrEven), 127) }
      : (0...255).map { Float($0) }
    #expect(codes == expected)
  }

  // The kernel's and the input's steps are of 16 bits, and so would those of most products be too
  // fine for a bias.
  @Test(arguments: [QuantizationScheme.google, .pow2, .tpsq, .lsq])
  func `biases fit beside 16 bits of weights and activations`(scheme: QuantizationScheme) throws {
    for seed in 40..<46 as Range<UInt64> {
      let network = try randomNetwork(seed: seed)
      var options = options(scheme, bits: 16)
      if seed == 41 { options.weightBits = 12 }
      let technique = QuantizationTechnique(options)
      try technique.attach(to: network, epochs: epochs(6))
      _ = try train(network, technique, steps: 6)
      for copy in [network, try network.copy()] {
        let program = try IntegerProgram(copy.folded())
        #expect(!program.layers.isEmpty, "seed \(seed)")
      }
      guard scheme.hasPowersOfTwo else { continue }
      for kernel in try QuantizationState(trained: network, options).kernels.values {
        #expect(try kernel.weights.grid.step.toFloats().allSatisfy { $0.significand == 1 })
      }
    }
  }
}
