import Darknet
import Networks
import Testing
import Torch
import _TestSupport

@testable import Quantization
@testable import Training

/// What happens when in a training on codes, and the arithmetic of its end.
@Suite(.serialized) struct QuantizationCourseTests {
  private func options(_ scheme: QuantizationScheme, bits: Int) -> QuantizationOptions {
    var options = QuantizationOptions(scheme: scheme)
    (options.weightBits, options.activationBits) = (bits, bits)
    return options
  }

  private let fourBits = BitStage(activations: 4, weights: 4)

  // Two epochs of 10 steps and one of 5: the last 5 correct, 5 before them re-estimate.
  @Test func `the steps of a run are divided`() throws {
    let epochs =
      [Int](repeating: 0, count: 10) + .init(repeating: 1, count: 10)
      + .init(repeating: 2, count: 5)
    var course = QuantizationCourse()
    (course.correctedEpochs, course.reestimates) = (1, true)
    let clock = try QuantizationClock(course, to: fourBits, epochs: epochs)
    #expect(clock.settlesFrom == 15)
    func phases(_ step: Int) -> [Bool] {
      clock.step = step
      return [clock.isFrozen, clock.isSettled, clock.isReestimating]
    }
    #expect(phases(14) == [false, false, false])
    #expect(phases(15) == [true, true, true])
    #expect(phases(19) == [true, true, true])
    #expect(phases(20) == [true, true, false])
    #expect(phases(25) == [true, true, false])

    course.correctedEpochs = 3
    #expect(throws: QuantizationError.tooShort(steps: 25, last: 30)) {
      try QuantizationClock(course, to: fourBits, epochs: epochs)
    }
    (course.correctedEpochs, course.reestimates) = (0, false)
    let plain = try QuantizationClock(course, to: fourBits, epochs: epochs)
    plain.step = 25
    // 0.9 of 25 is 22.5.
    #expect(!plain.isSettled && plain.isFrozen)
    plain.step = 22
    #expect(!plain.isFrozen)
  }

  // To weights of 4 and activations of 2: 16/16, 8/16, 8/8, 4/8, 4/4 come before, 16 steps in 80.
  @Test func `bits fall in stages`() throws {
    let asked = BitStage(activations: 2, weights: 4)
    let stages = BitStage.all(to: asked)
    #expect(stages.map(\.activations) == [16, 8, 8, 4, 4])
    #expect(stages.map(\.weights) == [16, 16, 8, 8, 4])
    var course = QuantizationCourse()
    course.lowersOver = 0.8
    let clock = try QuantizationClock(course, to: asked, epochs: .init(repeating: 0, count: 100))
    func stage(_ step: Int) -> BitStage? {
      clock.step = step
      return clock.stage
    }
    #expect(stage(0) == stages[0] && stage(15) == stages[0] && stage(16) == stages[1])
    #expect(stage(79) == stages[4] && stage(80) == nil)
    #expect(BitStage.all(to: BitStage(activations: 16, weights: 16)).isEmpty)
  }

  // Stages lead to the fewest bits that a layer has: its own, or those of its scheme.
  @Test func `bits fall to the fewest of all layers`() throws {
    let spec = try NetworkSpec(Configuration(parsing: Self.text, path: "hand.cfg"))
    func fewest(_ options: QuantizationOptions) throws -> BitStage {
      try QuantizationPlan(spec, options).fewestBits
    }
    for (scheme, bits) in [(QuantizationScheme.ternary, 2), (.binary, 1), (.google, 8)] {
      var options = QuantizationOptions(scheme: scheme)
      options.ends = .same
      #expect(try fewest(options) == BitStage(activations: 8, weights: bits))
    }
    var mixed = options(.google, bits: 16)
    mixed.layerBits = [0: .init(weights: 3, activations: 5)]
    #expect(try fewest(mixed) == BitStage(activations: 5, weights: 3))
    // 3 bits of weights and 5 of activations: 16/16, 8/16, 8/8, 5/8 and 5/4 come before.
    let stages = try BitStage.all(to: fewest(mixed))
    #expect(stages.map(\.activations) == [16, 8, 8, 5, 5])
    #expect(stages.map(\.weights) == [16, 16, 8, 8, 4])
    mixed.ends = .float
    mixed.layerBits = [:]
    #expect(try BitStage.all(to: fewest(mixed)).isEmpty)
  }

  // 6 steps train, 2 take statistics anew and 2 correct: an epoch is 2 steps.
  @Test func `what is told of the end of a run is what happens`() throws {
    func opening(
      _ scheme: QuantizationScheme, reestimates: Bool, correctedEpochs: Int
    ) throws -> String {
      var course = QuantizationCourse()
      (course.reestimates, course.correctedEpochs) = (reestimates, correctedEpochs)
      let technique = QuantizationTechnique(options(scheme, bits: 4), course: course)
      try technique.attach(
        to: network(gamma: 1, beta: 0), epochs: [0, 0, 1, 1, 2, 2, 3, 3, 4, 4])
      return technique.opening().joined()
    }
    func end(_ text: String) -> String? {
      text.range(of: "in the last").map { String(text[$0.lowerBound...]) }
    }
    #expect(
      try end(opening(.lsq, reestimates: true, correctedEpochs: 1))
        == "in the last 4 steps codes stay: statistics are taken anew over 2 of them, then a scale "
        + "and a shift of each channel learn over 2")
    #expect(
      try end(opening(.pow2, reestimates: false, correctedEpochs: 1))
        == "in the last 2 steps codes stay: a shift of each channel learns over 2")
    #expect(
      try end(opening(.lsq, reestimates: true, correctedEpochs: 0))
        == "in the last 2 steps codes stay: statistics are taken anew over 2 of them")
    #expect(try end(opening(.lsq, reestimates: false, correctedEpochs: 0)) == nil)
  }

  // 1 weight and the 6 of the head, all of 4 bits or of 4 and 8.
  @Test func `bits are told as the layers have them`() throws {
    let spec = try NetworkSpec(Configuration(parsing: Self.text, path: "hand.cfg"))
    var options = options(.google, bits: 4)
    #expect(try options.summary(of: spec) == "google, weights of 4 bits, activations of 4")
    options.layerBits = [0: .init(weights: 8, activations: 16)]
    #expect(
      try options.summary(of: spec)
        == "google, weights of 4 to 8 bits, 4.6 on average, activations of 4 to 16")
    options.layerBits = [0: .init(weights: nil, activations: nil)]
    let partly = "google, weights of 4 bits, activations of 4, 1 of 2 convolutions float"
    #expect(try options.summary(of: spec) == partly)
    let technique = QuantizationTechnique(options)
    try technique.attach(to: network(gamma: 1, beta: 0), epochs: [0, 0])
    #expect(
      technique.opening().joined().hasPrefix(
        "quantization: google, weights of 4 bits, activations of 4, of 1 layers on 1 grids of "
          + "activations, 1 of 2 convolutions float; "))
    let codes = try QuantizationOptions(scheme: .binary).summary(of: spec)
    #expect(codes == "binary, weights of 8 bits, activations of 8")
  }

  // Folded by γ = 2 and σ² = 1 the weight is 2; by γ = 0.5 it is ½.
  @Test func `weights that a tanh bends are counted`() throws {
    let spec = try NetworkSpec(Configuration(parsing: Self.text, path: "hand.cfg"))
    func bending(_ scheme: QuantizationScheme, gamma: Float) throws -> String? {
      var options = QuantizationOptions(scheme: scheme)
      options.ends = .same
      var parameters = try network(gamma: gamma, beta: 0).parameters()
      let head = try #require(parameters.layers[1][.weight])
      parameters.layers[1][.weight] = ParameterArray(
        shape: head.shape, values: head.values.map { _ in 0.5 })
      return try options.bending(spec, parameters)
    }
    #expect(try bending(.dorefa, gamma: 2)?.contains("1 of 2 layers have some beyond 1") == true)
    #expect(try bending(.dorefa, gamma: 0.5) == nil)
    #expect(try bending(.google, gamma: 2) == nil)
  }

  // 127 steps of 0.01 reach as far as 7 of 1.27 / 7.
  @Test func `a step is for more bits what it is for fewer`() throws {
    let step = try Tensor([Float(0.1)]).over(.narrow(bits: 8), from: .narrow(bits: 4))
    #expect(try abs(step.toFloats()[0] - 0.1 * 7 / 127) < 1e-8)
  }

  // Steps of 0.5, codes ±3: 0.3 is nearest to 0.5, −0.7 to −0.5, and 5 beyond the grid:
  // 0.2² + 0.2² = 0.08. Gradients 2·(w − value): −0.4 and −0.4; none beyond.
  @Test func `weights are pulled to the middles of their codes`() throws {
    let weights = try Tensor([0.3, -0.7, 5] as [Float]).requireGrad(true)
    let grid = QuantizationGrid(step: try .scalar(0.5), range: try .narrow(bits: 3))
    let codes = EncodedTensor(try grid.codes(of: weights.detach()), grid)
    let distance = try codes.distance(to: weights)
    #expect(try abs(distance.item() - 0.08) < 1e-6)
    try distance.backward()
    let gradient = try #require(weights.grad).toFloats()
    #expect(abs(gradient[0] + 0.4) < 1e-6 && abs(gradient[1] + 0.4) < 1e-6 && gradient[2] == 0)
    var course = QuantizationCourse()
    course.damping = 2
    #expect(course.damping(at: 0) == 0 && abs(course.damping(at: 0.5) - 1) < 1e-12)
    #expect(course.damping(at: 1) == 2)
  }

  private static let text = """
    [net]
    width=4
    height=4
    channels=1
    [convolutional]
    batch_normalize=1
    filters=1
    size=1
    activation=linear
    \(handHead)
    """

  private func network(gamma: Float, beta: Float) throws -> Network {
    let configuration = try Configuration(parsing: Self.text, path: "hand.cfg")
    var parameters = try randomParameters(NetworkSpec(configuration), seed: 1)
    func one(_ value: Float) -> ParameterArray { ParameterArray(shape: [1], values: [value]) }
    parameters.layers[0][.weight] = ParameterArray(shape: [1, 1, 1, 1], values: [1])
    (parameters.layers[0][.gamma], parameters.layers[0][.beta]) = (one(gamma), one(beta))
    (parameters.layers[0][.mean], parameters.layers[0][.variance]) = (one(0), one(1))
    return try Network(configuration, parameters)
  }

  // Batches {1, 3} and {2, 6}: means 2 and 4, variances 1 and 4; their means are 3 and 2.5. With
  // γ = 2 the scale is 2 / √2.5, and β = 0.5 = scale·3 + scale·b + shift.
  @Test func `statistics of quantized sums become scale and shift`() throws {
    let network = try network(gamma: 2, beta: 0.5)
    let convolution = try #require(network.layers[0].convolution)
    let correction = try OutputCorrection(of: convolution, at: 0, options(.lsq, bits: 4))
    let bias = try Tensor([Float(0.25)])
    let batches: [[Float]] = [[1, 3], [2, 6]]
    var found: [[Float]] = []
    for values in batches {
      let sums = try Tensor(values, shape: [1, 1, 1, 2])
      found.append(try correction.normalized(sums, bias: bias, of: convolution).toFloats())
    }
    // (1 − 2)·2/1 + 0.5 and (3 − 2)·2/1 + 0.5.
    for (a, b) in zip(found[0], [-1.5, 2.5] as [Float]) { #expect(abs(a - b) < 1e-3) }
    // (2 − 4)·2/2 + 0.5.
    for (a, b) in zip(found[1], [-1.5, 2.5] as [Float]) { #expect(abs(a - b) < 1e-3) }
    let scale = 2 / Float(2.5).squareRoot()
    #expect(try abs(#require(correction.scale).value.toFloats()[0] - scale) < 1e-4)
    #expect(try abs(correction.shift.value.toFloats()[0] - (0.5 - scale * 3.25)) < 1e-4)
    // Both end in step and bias.
    let grid = try correction.corrected(
      QuantizationGrid(step: Tensor([Float(0.1)]), range: .narrow(bits: 4), axis: 0))
    #expect(try abs(grid.step.toFloats()[0] - 0.1 * scale) < 1e-5)
    let corrected = try correction.corrected(bias).toFloats()[0]
    #expect(abs(corrected - (0.5 - scale * 3)) < 1e-4)
    try correction.reset()
    #expect(try correction.corrected(bias).toFloats() == [0.25])
    // Where all channels have one step there is a shift alone.
    let pow2 = try OutputCorrection(of: convolution, at: 0, options(.pow2, bits: 4))
    #expect(pow2.scale == nil)
    _ = try pow2.normalized(
      Tensor([1, 3] as [Float], shape: [1, 1, 1, 2]), bias: bias, of: convolution)
    #expect(try abs(pow2.shift.value.toFloats()[0] - (0.5 - 2.25)) < 1e-4)
  }

  @Test func `values that no course can have`() throws {
    var course = QuantizationCourse()
    course.freezesAfter = 1.5
    #expect(throws: QuantizationError.self) { try course.check(.google) }
    // No range would be seen.
    course.freezesAfter = 0
    #expect(throws: QuantizationError.self) { try course.check(.google) }
    course = QuantizationCourse()
    course.damping = 1
    try course.check(.lsq)
    #expect(throws: QuantizationError.self) { try course.check(.binary) }
    course.damping = .nan
    #expect(throws: QuantizationError.self) { try course.check(.lsq) }
    course = QuantizationCourse()
    course.correctedEpochs = -1
    #expect(throws: QuantizationError.self) { try course.check(.google) }
    var symmetric = options(.lsqPlus, bits: 8)
    symmetric.isSymmetric = true
    #expect(throws: QuantizationError.noSymmetry(.lsqPlus)) { try symmetric.check() }
  }
}
