import Darknet
import Networks
import Testing
import Torch
import _TestSupport

@testable import Quantization

/// Whole networks quantized by pictures.
@Suite struct PostTrainingTests {
  private static func network(_ random: RandomNetwork, seed: UInt64) throws -> Network {
    let configuration = try random.configuration
    return try Network(
      configuration, randomParameters(NetworkSpec(configuration), seed: seed &+ 1000))
  }

  private static func outputs(_ network: Network, _ images: Tensor) throws -> [Int: [Float]] {
    let tap = FeatureTap(network.layers.indices)
    _ = try withoutGrad { try network(images, ForwardPass(observers: [tap])) }
    return try tap.features.mapValues { try $0.toFloats() }
  }

  // 3 channels of 8×8 → 4 by 3×3 with normalisation → 2 by 1×1 without: 108 and 8 weights, 4 and 2
  // biases. With 8 bits codes of weights take a byte each, those of biases 4; in float all take 4.
  @Test func `codes take their bits, and what stays float takes 4 bytes`() throws {
    let text = """
      [net]
      width=8
      height=8
      channels=3

      [convolutional]
      batch_normalize=1
      filters=4
      size=3
      stride=1
      pad=1
      activation=leaky

      [convolutional]
      filters=2
      size=1
      stride=1
      activation=linear
      """
    let configuration = try Configuration(parsing: text, path: "small.cfg")
    let spec = try NetworkSpec(configuration)
    let network = try Network(configuration, randomParameters(spec, seed: 3))
    var options = QuantizationOptions(scheme: .google)
    func bytes() throws -> Int {
      try Self.quantized(network, options, seed: 3).byteCount(spec)
    }
    #expect(try bytes() == 108 + 8 + 4 * (4 + 2))
    options.weightBits = 4
    #expect(try bytes() == (108 + 8) / 2 + 4 * (4 + 2))
    // Plain 8 bits are the same whatever the bits.
    let narrow = try Self.quantized(network, options, seed: 3)
    #expect(narrow.byteCountOf8Bits(spec) == 108 + 8 + 4 * (4 + 2))
    options.layerBits = [1: .init(weights: 12, activations: 8)]
    let mixed = try Self.quantized(network, options, seed: 3)
    #expect(mixed.byteCountOf8Bits(spec) == narrow.byteCountOf8Bits(spec))
    // Statistics and scales are folded away, and do not count: the file has 4·(108 + 8 + 4·4 + 2).
    options.weightBits = 8
    options.layerBits = [1: .init(weights: nil, activations: 8)]
    #expect(try bytes() == 108 + 4 * 4 + 4 * (8 + 2))
  }

  private static func options(seed: UInt64) -> QuantizationOptions {
    var generator = SeededGenerator(seed: seed &+ 5)
    let scheme = QuantizationScheme.allCases[Int(seed) % QuantizationScheme.allCases.count]
    var options = QuantizationOptions(scheme: scheme)
    options.weightBits = generator.pick([2, 3, 4, 7, 8, 12, 16])
    options.activationBits = generator.pick([2, 4, 8, 12, 16])
    options.ends = generator.pick(QuantizationOptions.Ends.allCases)
    options.isPerChannel = generator.chance(0.5) && options.scheme != .dorefa
    options.isEqualized = scheme.hasUniformWeights && generator.chance(0.5)
    options.weightRange = generator.pick(QuantizationOptions.WeightRange.allCases)
    options.shortcuts = generator.pick(QuantizationOptions.ShortcutRule.allCases)
    options.activationRange = generator.pick([
      .minMax, .percentile(0.999), .squaredError, .entropy, .unilateral,
      scheme.hasPowersOfTwo ? .cosineVote : .minMax,
    ])
    return options
  }

  private static func quantized(
    _ network: Network, _ options: QuantizationOptions, seed: UInt64
  ) throws -> QuantizationState {
    let calibration = try PostTraining(network, options: options)
    try calibration.calibrate(randomImages(network.spec, count: 2, seed: seed))
    try calibration.calibrate(randomImages(network.spec, count: 2, seed: seed &+ 1))
    #expect(calibration.pictures == 4)
    return try calibration.finished()
  }

  @Test(arguments: 0..<6 as Range<UInt64>)
  func `random networks are on their grids, and reload to the same bits`(batch: UInt64) throws {
    for seed in batch * 18..<(batch + 1) * 18 {
      let random = RandomNetwork(seed: seed, zeroPreserving: false)
      let network = try Self.network(random, seed: seed)
      let options = Self.options(seed: seed)
      let comment: Comment = "\(options)\n\(random.text)"
      let state = try Self.quantized(network, options, seed: seed)
      let quantized = try state.quantized(network)
      let pictures = try randomImages(network.spec, count: 2, seed: seed &+ 100)
      let found = try Self.outputs(quantized, pictures)
      for (layer, values) in found {
        #expect(values.allSatisfy { $0.isFinite }, comment)
        guard let grid = state.grid(of: layer) else { continue }
        let tensor = try Tensor(values)
        let onGrid = try grid.values(of: grid.codes(of: tensor)).toFloats()
        #expect(onGrid == values, "layer \(layer) of \(comment)")
      }
      // Codes through a file give the same network, to the last bit; so does a copy.
      let folder = try TemporaryFolder()
      let (cfg, weights) = (try folder.write(random.text, to: "a.cfg"), folder.file("a.weights"))
      try WeightsFile.write(network.parameters(), for: network.spec, to: weights)
      let path = folder.file(QuantizationFile.name)
      try QuantizationFile.write(state, cfg: cfg, weights: weights, to: path)
      let read = try QuantizationFile.read(path, for: network.spec, cfg: cfg, weights: weights)
      #expect(read.options == state.options, comment)
      let again = try Network(
        network.configuration, WeightsFile.read(weights, for: network.spec))
      #expect(try Self.outputs(read.quantized(again), pictures) == found, comment)
      #expect(try Self.outputs(quantized.copy(), pictures) == found, comment)
      // Nothing is folded again, and the float network is what it was.
      #expect(quantized.isFolded && !network.isFolded)
      #expect(try quantized.folded() === quantized)
      #expect(throws: QuantizationError.alreadyQuantized) { try state.quantized(quantized) }
      #expect(throws: QuantizationError.alreadyQuantized) {
        try PostTraining(quantized, options: options)
      }
    }
  }

  // With 16 bits nothing but a tensor on a wrong grid can make a difference that is seen. (Ranges
  // that are powers of two cut up to a third off.)
  @Test(arguments: [QuantizationScheme.google, .lsq, .lsqPlus], 0..<3 as Range<UInt64>)
  func `sixteen bits are next to the float network`(
    scheme: QuantizationScheme, batch: UInt64
  ) throws {
    for seed in 500 + batch * 10..<500 + (batch + 1) * 10 {
      let random = RandomNetwork(seed: seed)
      let network = try Self.network(random, seed: seed)
      var options = QuantizationOptions(scheme: scheme)
      (options.weightBits, options.activationBits) = (16, 16)
      let state = try Self.quantized(network, options, seed: seed)
      // Pictures that were seen, so that nothing lies beyond the ranges.
      let pictures = try randomImages(network.spec, count: 2, seed: seed)
      let (float, found) = (
        try Self.outputs(network.folded(), pictures),
        try Self.outputs(state.quantized(network), pictures)
      )
      for (layer, values) in float {
        let size = values.reduce(1e-3) { max($0, abs($1)) }
        let difference = zip(values, found[layer] ?? []).reduce(Float(0)) {
          max($0, abs($1.0 - $1.1))
        }
        #expect(
          difference <= 0.02 * size, "layer \(layer), \(difference) of \(size):\n\(random.text)")
      }
    }
  }

  // Weights 0.5 and −1.27, bias 0.1; the input 0…1 in steps of 1/255, weights in steps of 0.01.
  @Test func `a convolution, by hand`() throws {
    let text = """
      [net]
      width=2
      height=1
      channels=2
      [convolutional]
      filters=1
      size=1
      activation=leaky
      \(handHead)
      """
    let configuration = try Configuration(parsing: text, path: "hand.cfg")
    var parameters = try randomParameters(NetworkSpec(configuration), seed: 1)
    parameters.layers[0][.weight] = ParameterArray(shape: [1, 2, 1, 1], values: [0.5, -1.27])
    parameters.layers[0][.bias] = ParameterArray(shape: [1], values: [0.1])
    let network = try Network(configuration, parameters)
    let calibration = try PostTraining(network, options: QuantizationOptions())
    // 0.5·1 + 0.1 = 0.6 and 0.1·(−1.27 + 0.1) = −0.117.
    let pictures = try Tensor([1, 0, 0, 1] as [Float], shape: [1, 2, 1, 2])
    try calibration.calibrate(pictures)
    let state = try calibration.finished()
    let kernel = try #require(state.kernels[0])
    #expect(try kernel.weights.codes.toFloats() == [50, -127])
    // 0.1 / (0.01 / 255) = 2550.
    #expect(try #require(kernel.bias).codes.toFloats() == [2550])
    let grid = try #require(state.grid(of: 0))
    // 0.717 in 255 steps; zero is 0.117 of these, 41.6.
    #expect(abs(try grid.step.item() - 0.717 / 255) < 1e-7)
    #expect(try grid.zero?.item() == 42)
    let output = try Self.outputs(state.quantized(network), pictures)[0] ?? []
    let codes = output.map { (Double($0) * 255 / 0.717).rounded() + 42 }
    // 0.6 is 213.4 steps from zero, −0.117 is 41.6: 213 + 42 and 0.
    #expect(codes == [255, 0])
  }

  @Test func `a network that gives nothing but zeros has steps that are numbers`() throws {
    let random = RandomNetwork(seed: 3)
    let network = try Self.network(random, seed: 3)
    var parameters = try network.parameters()
    for layer in parameters.layers.indices {
      for role in [ParameterRole.weight, .bias, .gamma, .beta, .mean] {
        guard let array = parameters.layers[layer][role] else { continue }
        parameters.layers[layer][role] = ParameterArray(
          shape: array.shape, values: array.values.map { _ in 0 })
      }
    }
    try network.load(parameters)
    for scheme in QuantizationScheme.allCases {
      for rule in [RangeRule.minMax, .squaredError, .entropy] {
        var options = QuantizationOptions(scheme: scheme)
        options.activationRange = rule
        let state = try Self.quantized(network, options, seed: 1)
        for grid in state.grids { #expect(try grid.step.allFinite() && grid.step.item() > 0) }
        let found = try Self.outputs(
          state.quantized(network), randomImages(network.spec, count: 2, seed: 9))
        #expect(found.values.allSatisfy { values in values.allSatisfy { $0.isFinite } })
      }
    }
  }

  // The nearest power of two cuts off up to a third: networks lost more by 16 bits than by 8.
  @Test(arguments: 0..<12 as Range<UInt64>)
  func `powers of two by pictures hold all weights and biases`(seed: UInt64) throws {
    let network = try Self.network(RandomNetwork(seed: seed), seed: seed)
    var options = QuantizationOptions(scheme: .pow2)
    (options.weightBits, options.activationBits) = (16, 16)
    let calibration = try PostTraining(network, options: options)
    try calibration.calibrate(randomImages(network.spec, count: 2, seed: seed))
    let state = try calibration.finished()
    #expect(!state.kernels.isEmpty && state.options.powers == .covering)
    for (layer, kernel) in state.kernels {
      let convolution = try #require(calibration.network.layers[layer].convolution)
      let pairs: [(EncodedTensor?, Tensor?)] = try [
        (kernel.weights, convolution.weight), (kernel.bias, convolution.bias),
      ]
      for case (let encoded?, let float?) in pairs {
        let error = try withoutGrad {
          try (encoded.values - float.detach()).largestMagnitude()
        }
        #expect(try error.item() <= encoded.grid.step.amax().item(), "layer \(layer)")
      }
    }
    for (group, grid) in zip(state.plan.groups, state.grids) {
      let histogram = try #require(calibration.histogram(of: group.producers[0]))
      let reach = try grid.step.item() * 0x1p15
      #expect(reach >= max(-histogram.minimum, histogram.maximum))
    }
  }

  // Steps of 0.5·0.25: 1 is 8 of them. Of 2⁻⁴⁰·0.25, 1 is 2⁴² of them, more than 2³⁰.
  @Test func `values of a bias are its codes', or its own where those do not fit`() throws {
    let bias = try Tensor([1.01, -0.3] as [Float])
    for scheme in [QuantizationScheme.google, .pow2] {
      let encoding = WeightEncoding(options: QuantizationOptions(scheme: scheme), bits: 8)
      for (step, expected) in [(0.5, [1, -0.25]), (0x1p-40, [1.01, -0.3])] as [(Double, [Float])] {
        let grid = QuantizationGrid(
          step: try Tensor([step, step]), range: try .narrow(bits: 8), axis: 0)
        let input = try Tensor.scalar(0.25)
        let values = try encoding.biasValues(bias, weights: grid, inputStep: input).toFloats()
        let encoded = try encoding.bias(bias, weights: grid, inputStep: input)
        #expect(try values == encoded?.values.toFloats() ?? bias.toFloats())
        if scheme == .google {
          #expect(values == expected && (encoded == nil) == (step < 0.5))
        }
      }
    }
  }

  // A channel that training has shut: weights of 1e-12 beside a bias of 0.5.
  @Test func `a bias beside next to no weights keeps its value`() throws {
    let random = RandomNetwork(seed: 4)
    let network = try Self.network(random, seed: 4)
    var parameters = try network.parameters()
    let kernel = try #require(parameters.layers[0][.weight])
    let slice = kernel.values.count / kernel.shape[0]
    var values = kernel.values
    for place in 0..<slice { values[place] *= 1e-12 }
    parameters.layers[0][.weight] = ParameterArray(shape: kernel.shape, values: values)
    try network.load(parameters)
    let float = try withoutGrad { try #require(network.folded().layers[0].convolution?.bias) }
    let state = try Self.quantized(network, QuantizationOptions(), seed: 2)
    let bias = try #require(state.kernels[0]?.bias)
    for (a, b) in zip(try bias.values.toFloats(), try float.toFloats()) {
      #expect(abs(a - b) < 1e-3)
    }
  }

  @Test func `no pictures, and pictures that are no numbers`() throws {
    let network = try Self.network(RandomNetwork(seed: 5), seed: 5)
    let calibration = try PostTraining(network, options: QuantizationOptions())
    #expect(throws: QuantizationError.noPictures) { try calibration.finished() }
    let wrong = try randomImages(network.spec, count: 2, seed: 1) * Double.nan
    #expect(throws: QuantizationError.notFinite(layer: 0)) { try calibration.calibrate(wrong) }
  }

  @Test func `no tensor outlives a quantization`() throws {
    func run() throws {
      let network = try Self.network(RandomNetwork(seed: 6), seed: 6)
      let state = try Self.quantized(network, QuantizationOptions(), seed: 3)
      _ = try withoutGrad {
        try state.quantized(network)(randomImages(network.spec, count: 2, seed: 1))
      }
    }
    try run()
    let before = TorchRuntime.liveTensorCountOfThread
    try run()
    #expect(TorchRuntime.liveTensorCountOfThread == before)
  }
}
