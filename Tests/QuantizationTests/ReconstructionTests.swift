import Darknet
import Networks
import Testing
import Torch
import _TestSupport

@testable import Quantization

@Suite struct ReconstructionTests {
  // Steps of 0.5: 1.3 is 2.6 of them and −0.625 is −1.25, so the codes below are 2 and −2 and h is
  // 0.6 and 0.75. σ(V) = (0.6 + 0.1) / 1.2 = 0.58333, V = ln(0.58333 / 0.41667) = 0.33647.
  @Test func `rounding that learns, by hand`() throws {
    let kernel = try Tensor([1.3, -0.625] as [Float], shape: [1, 2, 1, 1])
    let grid = QuantizationGrid(step: try .scalar(0.5), range: try .narrow(bits: 4))
    let rounding = try LearnedRounding(kernel, on: grid, index: 0)
    #expect(abs(try rounding.parameter.value.toFloats()[0] - 0.33647) < 1e-4)
    for (found, expected) in zip(try rounding.weights.toFloats(), [1.3, -0.625] as [Float]) {
      #expect(abs(found - expected) < 1e-6)
    }
    #expect(try rounding.codes.codes.toFloats() == [3, -1])
    // |2h − 1| is 0.2 and 0.5: the means of 1 − 0.2 and 1 − 0.5, of 1 − 0.04 and 1 − 0.25.
    #expect(abs(try rounding.indecision(sharpness: 1).item() - 0.65) < 1e-5)
    #expect(abs(try rounding.indecision(sharpness: 2).item() - 0.855) < 1e-5)
    // A weight that is on the last code cannot go up.
    let last = try LearnedRounding(
      .full([1, 1, 1, 1], 3.5), on: grid, index: 0)
    #expect(try last.weights.item() == 3.5 && last.codes.codes.item() == 7)
  }

  @Test func `indecision is free at first, then sharp, then round`() {
    var settings = Reconstruction.Settings()
    #expect(settings.pictures == 32)
    // 10 steps of 4 are 40 pictures shown; 320 are 1280.
    settings.iterations = 320
    #expect(settings.pictures == 128)
    settings.iterations = 10
    #expect(settings.sharpness(at: 1) == nil)
    for (iteration, expected) in [(2, 20.0), (6, 11.0)] {
      #expect(abs((settings.sharpness(at: iteration) ?? 0) - expected) < 1e-9)
    }
  }

  // Two weights of 0.45 and 0.35 steps that are always read together, beside one of 127. To the
  // nearest both are 0, so 0.8 steps are lost; with one of them up 0.2 are too many: a sixteenth of
  // the squared error, and nothing else does better. In the second picture the 127 are read too; what
  // is too many there lies beyond the range that was seen, and costs nothing: a thirty-second in all.
  @Test func `one of two weights goes up where both are nearer to zero`() throws {
    let network = try handNetwork(
      """
      [net]
      width=1
      height=1
      channels=3
      [convolutional]
      filters=1
      size=1
      activation=linear
      \(handHead)
      """, seed: 1)
    var parameters = try network.parameters()
    parameters.layers[0][.weight] = ParameterArray(
      shape: [1, 3, 1, 1], values: [1.27, 0.0045, 0.0035])
    parameters.layers[0][.bias] = ParameterArray(shape: [1], values: [0])
    try network.load(parameters)
    var options = QuantizationOptions()
    (options.activationBits, options.rounding) = (16, .layers)
    let calibration = try PostTraining(network, options: options)
    let pictures = try Tensor([0, 1, 1, 1, 1, 1] as [Float], shape: [2, 3, 1, 1])
    try calibration.calibrate(pictures)
    let state = try calibration.finished()
    #expect(try state.kernels[0]?.weights.codes.toFloats() == [127, 0, 0])
    var settings = Reconstruction.Settings()
    settings.iterations = 200
    var steps: [Reconstruction.Step] = []
    let rounded = try Reconstruction(calibration.network, state, settings: settings)(pictures) {
      steps.append($0)
    }
    let codes = try #require(rounded.kernels[0]).weights.codes.toFloats()
    #expect(codes[0] == 127 && codes[1] + codes[2] == 1, "\(codes)")
    let first = try #require(steps.first)
    #expect(first.layers == [0] && abs(first.after / first.before - 1.0 / 32) < 0.002)
    // Biases and grids stay.
    let bias = try #require(rounded.kernels[0]?.bias)
    #expect(try bias.codes.toFloats() == [0])
  }

  @Test(arguments: [QuantizationOptions.Rounding.layers, .blocks])
  func `heads of random networks come nearer to float`(
    rounding: QuantizationOptions.Rounding
  ) throws {
    var ratios: [Double] = []
    for seed in 0..<8 as Range<UInt64> {
      let network = try randomNetwork(seed: seed)
      var options = QuantizationOptions(scheme: seed % 2 == 0 ? .google : .pow2)
      (options.weightBits, options.activationBits, options.rounding) = (4, 8, rounding)
      let calibration = try PostTraining(network, options: options)
      let pictures = try randomImages(network.spec, count: 4, seed: seed)
      try calibration.calibrate(pictures)
      let state = try calibration.finished()
      var settings = Reconstruction.Settings()
      settings.iterations = 40
      let rounded = try Reconstruction(calibration.network, state, settings: settings)(pictures) {
        #expect($0.after < $0.before)
      }
      func error(_ state: QuantizationState) throws -> Double {
        try withoutGrad {
          try zip(network(pictures), state.quantized(network)(pictures)).reduce(0) {
            try $0 + ($1.0 - $1.1).squared().sum().item() / $1.0.squared().sum().item()
          }
        }
      }
      ratios.append(try error(rounded) / error(state))
      // Every weight is on one of its neighbours.
      for (index, kernel) in rounded.kernels {
        let weight = try #require(calibration.network.layers[index].convolution).weight.detach()
        let grid = kernel.weights.grid
        let exact = try weight / grid.spread(grid.step, over: 4)
        let distance = try (kernel.weights.codes - grid.limited(exact)).abs().amax().item()
        #expect(distance <= 1)
      }
    }
    #expect(ratios.sorted()[4] < 0.97, "\(ratios)")
  }

  @Test func `spans hold every layer once, in the order in which they run`() throws {
    for seed in 0..<40 as Range<UInt64> {
      let spec = try randomNetwork(seed: seed).spec
      for rounding in QuantizationOptions.Rounding.allCases {
        #expect(spec.spans(for: rounding).flatMap(\.self) == spec.evaluationOrder)
      }
    }
  }

  // Layers 1 to 3 are a residual block; 0 hands it one tensor, and it hands on one.
  @Test func `a residual block is one block`() throws {
    let plain = """
      [convolutional]
      filters=4
      size=1
      activation=leaky

      """
    let network = try handNetwork(
      """
      [net]
      width=4
      height=4
      channels=3
      \(plain)\(plain)\(plain)[shortcut]
      from=-3
      activation=linear
      \(plain)\(handHead)
      """, seed: 2)
    #expect(network.spec.blocks(convolutions: 1) == [[0], [1, 2, 3], [4], [5], [6]])
    #expect(network.spec.blocks(convolutions: 3) == [[0, 1, 2, 3], [4, 5], [6]])
    #expect(network.spec.ends(of: [1, 2, 3]) == [3] && network.spec.ends(of: [4, 5]) == [5])
  }

  @Test func `schemes without even steps refuse, and no tensor outlives a reconstruction`() throws {
    let network = try randomNetwork(seed: 3)
    var options = QuantizationOptions(scheme: .ternary)
    options.rounding = .blocks
    #expect(throws: QuantizationError.notRounded(.ternary)) {
      try QuantizationPlan(network.spec, options)
    }
    func run() throws {
      var options = QuantizationOptions()
      options.rounding = .blocks
      let calibration = try PostTraining(network, options: options)
      let pictures = try randomImages(network.spec, count: 2, seed: 1)
      try calibration.calibrate(pictures)
      var settings = Reconstruction.Settings()
      settings.iterations = 3
      _ = try Reconstruction(
        calibration.network, calibration.finished(), settings: settings)(pictures)
    }
    try run()
    let before = TorchRuntime.liveTensorCountOfThread
    try run()
    #expect(TorchRuntime.liveTensorCountOfThread == before)
  }
}
