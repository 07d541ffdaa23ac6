import Darknet
import Inference
import Networks
import Testing
import Torch
import _TestSupport
import _TorchSupport
import _TrainingSupport

@testable import Quantization
@testable import Training

/// Training on codes: of random networks with every kind of block, and in the loop.
@Suite(.serialized, .libtorch(.determinism)) struct QuantizationTechniqueTests {
  private func outputs(_ network: Network, _ images: Tensor) throws -> [[Float]] {
    try withoutGrad { try network(images).map { try $0.toFloats() } }
  }

  /// Steps of one epoch.
  func epochs(_ steps: Int) -> [Int] { Array(repeating: 0, count: steps) }

  func options(_ scheme: QuantizationScheme, bits: Int) -> QuantizationOptions {
    var options = QuantizationOptions(scheme: scheme)
    (options.weightBits, options.activationBits) = (bits, bits)
    return options
  }

  /// Some steps towards outputs of zero; gives the losses.
  func train(
    _ network: Network, _ technique: QuantizationTechnique, steps: Int,
    rate: Double = 0.002, brightness: [Double] = [1], average: ExponentialMovingAverage? = nil,
    after: () throws -> Void = {}
  ) throws -> [Double] {
    let optimizer = try Optimizer(network.allParameters, method: .adam)
    var losses: [Double] = []
    for step in 0..<steps {
      let loss = try network(
        randomImages(network.spec, count: 2, seed: UInt64(step % 4))
          * brightness[step % brightness.count], .training
      )
      .map { try $0.squared().mean() }.reduce(Tensor.zeros([])) { try $0 + $1 }
      try loss.backward()
      losses.append(try loss.item())
      try technique.rest(network)
      try optimizer.step(
        .init(rate: rate, biasRate: rate, momentum: 0.9, weightDecay: 0, warmup: 1))
      try average?.update()
      try technique.count(of: network, average: average?.network)
      try after()
    }
    return losses
  }

  @Test(arguments: QuantizationScheme.allCases)
  func `every scheme trains on every kind of block, and what is judged is what is kept`(
    scheme: QuantizationScheme
  ) throws {
    var sum = (own: 0.0, float: 0.0)
    // Of the loss, by network: 20 steps of one may go astray, by what was drawn.
    var left: [Double] = []
    for seed in Self.everyKind {
      let network = try randomNetwork(seed: seed)
      let options = options(scheme, bits: seed % 2 == 0 ? 6 : 8)
      let technique = QuantizationTechnique(options)
      try technique.attach(to: network, epochs: epochs(20))
      let comment: Comment = "\(scheme), seed \(seed)"
      let losses = try train(network, technique, steps: 20)
      #expect(losses.allSatisfy { $0.isFinite }, comment)
      left.append(losses.suffix(4).reduce(0, +) / losses.prefix(4).reduce(0, +))
      for parameter in try network.allParameters {
        #expect(try parameter.value.allFinite(), "\(parameter.name), \(comment)")
      }
      // Codes taken out and put on the float network are the network that is judged.
      let pictures = try randomImages(network.spec, count: 2, seed: 9)
      let judged = try outputs(network.folded(), pictures)
      let state = try QuantizationState(trained: network, options)
      let float = try Network(network.configuration, network.parameters())
      #expect(try outputs(state.quantized(float), pictures) == judged, comment)
      #expect(try outputs(network.copy().folded(), pictures) == judged, comment)
      #expect(try outputs(reloaded(state, of: network), pictures) == judged, comment)
      // Outside of training the layers themselves do the same, and learn nothing.
      let before = try network.allParameters.map { try $0.value.toFloats() }
      let own = try outputs(network, pictures)
      #expect(try network.allParameters.map { try $0.value.toFloats() } == before, comment)
      func distance(_ a: [[Float]]) -> Double {
        let squares = zip(a.joined(), judged.joined()).map { (Double($0 - $1), Double($1)) }
        return squares.reduce(0) { $0 + $1.0 * $1.0 } / squares.reduce(0) { $0 + $1.1 * $1.1 }
      }
      // Real numbers round a value to the neighbouring code now and then; no codes at all, or others,
      // are further away.
      let distances = (own: distance(own), float: distance(try outputs(float, pictures)))
      #expect(distances.own < 0.05, "\(distances.own), \(comment)")
      (sum.own, sum.float) = (sum.own + distances.own, sum.float + distances.float)
    }
    #expect(sum.own < sum.float / 2, "\(sum), \(scheme)")
    #expect(left.reduce(0, +) < Double(left.count), "\(left), \(scheme)")
  }

  /// What a network is after its codes, and its float weights, were written and read.
  private func reloaded(_ state: QuantizationState, of network: Network) throws -> Network {
    let folder = try TemporaryFolder()
    let (cfg, weights) = (
      try folder.write(network.configuration.text, to: "a.cfg"), folder.file("a.weights")
    )
    try WeightsFile.write(network.parameters(), for: network.spec, to: weights)
    let path = folder.file(QuantizationFile.name)
    try QuantizationFile.write(state, cfg: cfg, weights: weights, to: path)
    let read = try QuantizationFile.read(path, for: network.spec, cfg: cfg, weights: weights)
    return try read.quantized(
      Network(network.configuration, WeightsFile.read(weights, for: network.spec)))
  }

  /// Networks that have all kinds of blocks that random ones can have.
  private static let everyKind: [UInt64] = [60, 83, 112]

  @Test func `the networks have every kind of block`() {
    func kinds(_ seeds: some Sequence<UInt64>) -> Set<String> {
      seeds.reduce(into: []) { $0.formUnion(RandomNetwork(seed: $1).counts.keys) }
    }
    #expect(kinds(Self.everyKind) == kinds(0..<200))
  }

  @Test(.enabled(if: Device.cudaIsAvailable, "no GPU"), arguments: QuantizationScheme.allCases)
  func `a GPU trains on codes, and judges as the host does`(scheme: QuantizationScheme) throws {
    let network = try randomNetwork(seed: 41)
    try network.move(to: .cuda(0))
    let technique = QuantizationTechnique(options(scheme, bits: 8))
    try technique.attach(to: network, epochs: epochs(4))
    let optimizer = try Optimizer(network.allParameters, method: .adam)
    let pictures = try randomImages(network.spec, count: 2, seed: 1)
    for _ in 0..<4 {
      let loss = try network(pictures.to(.cuda(0)), .training)
        .map { try $0.squared().mean() }.reduce(Tensor.scalar(0, device: .cuda(0))) { try $0 + $1 }
      try loss.backward()
      try optimizer.step(
        .init(rate: 0.002, biasRate: 0.002, momentum: 0.9, weightDecay: 0, warmup: 1))
      try technique.count(of: network, average: nil)
    }
    let there = try outputs(network.folded(), pictures.to(.cuda(0)))
    try network.move(to: .cpu)
    let here = try outputs(network.folded(), pictures)
    for (a, b) in zip(there.joined(), here.joined()) {
      #expect(abs(a - b) <= 1e-4 * max(abs(b), 1), "\(scheme)")
    }
  }

  // With 16 bits nothing but a wrong way through the network makes a difference that is seen.
  @Test(arguments: [QuantizationScheme.google, .lsqPlus])
  func `sixteen bits train like the float network`(scheme: QuantizationScheme) throws {
    for seed in 60..<68 as Range<UInt64> {
      let float = try randomNetwork(seed: seed)
      // Dropout draws anew for each pass.
      guard !float.hasDropout else { continue }
      // Running variances are those of pictures, as in a network that was trained: 0.9⁸⁰ = 0.0002.
      for _ in 0..<80 {
        _ = try withoutGrad {
          try float(randomImages(float.spec, count: 2, seed: 3), .training)
        }
      }
      let network = try Network(float.configuration, float.parameters())
      var course = QuantizationCourse()
      // Nothing of the first range is cut off.
      course.firstSteps = .paper
      let technique = QuantizationTechnique(options(scheme, bits: 16), course: course)
      try technique.attach(to: network, epochs: epochs(10))
      let pictures = try randomImages(network.spec, count: 2, seed: 3)
      // The first pass finds the ranges; later producers of a group widen those of earlier ones.
      for pass in 0..<2 {
        let expected = try withoutGrad { try float(pictures, .training) }
        let found = try withoutGrad { try network(pictures, .training) }
        guard pass == 1 else { continue }
        for (a, b) in zip(found, expected) {
          let scale = try max(b.abs().amax().item(), 1e-3)
          #expect(try (a - b).abs().amax().item() < 0.02 * scale, "\(scheme), seed \(seed)")
        }
      }
      // Running statistics have moved alike.
      let (a, b) = (try network.parameters(), try float.parameters())
      for (own, other) in zip(a.layers, b.layers) {
        let (mean, expected) = (own[.mean]?.values ?? [], other[.mean]?.values ?? [])
        for (x, y) in zip(mean, expected) { #expect(abs(x - y) < 0.02 * max(1, abs(y))) }
      }
    }
  }

  @Test func `statistics and ranges stay in the last steps`() throws {
    let network = try randomNetwork(seed: 41)
    var course = QuantizationCourse()
    course.freezesAfter = 0.5
    let technique = QuantizationTechnique(options(.google, bits: 8), course: course)
    try technique.attach(to: network, epochs: epochs(4))
    func fixed() throws -> [[Float]] {
      try network.allParameters.filter { $0.group == .statistics }.map { try $0.value.toFloats() }
    }
    // What stands outside of a convolution that is quantized goes on as it did.
    let alone = Set(
      network.spec.layers.indices.filter {
        if case .batchNorm = network.spec.layers[$0] { true } else { false }
      }.flatMap { ["\($0).mean", "\($0).variance"] })
    let names = try network.allParameters.filter { $0.group == .statistics }.map(\.name)
    var history: [[[Float]]] = []
    _ = try train(network, technique, steps: 4) { history.append(try fixed()) }
    for (place, name) in names.enumerated() where !alone.contains(name) {
      #expect(history[1][place] == history[3][place], "\(name)")
    }
    #expect(history[0] != history[1])
  }

  // Ten steps learn, five re-estimate, five correct.
  @Test(arguments: [QuantizationScheme.lsq, .pow2, .ternary])
  func `what is settled stays, and what corrects it learns`(scheme: QuantizationScheme) throws {
    for seed in 44..<47 as Range<UInt64> {
      let network = try randomNetwork(seed: seed)
      var course = QuantizationCourse()
      (course.correctedEpochs, course.reestimates, course.lowersOver) = (1, true, 0.4)
      let options = options(scheme, bits: 4)
      let technique = QuantizationTechnique(options, course: course)
      try technique.attach(
        to: network, epochs: epochs(10) + [1, 1, 1, 1, 1, 2, 2, 2, 2, 2])
      let following = try ExponentialMovingAverage(of: network)
      let spec = network.spec
      let comment: Comment = "\(scheme), seed \(seed)"
      var history: [[String: [Float]]] = []
      _ = try train(network, technique, steps: 20, average: following) {
        history.append(
          try Dictionary(
            uniqueKeysWithValues: network.allParameters.map { ($0.name, try $0.value.toFloats()) }))
      }
      // Batch normalisation that stands alone goes on.
      let alone = Set(
        spec.layers.indices.filter {
          if case .batchNorm = spec.layers[$0] { true } else { false }
        }.flatMap { ["\($0).mean", "\($0).variance"] })
      var learned = 0
      for (name, values) in history[19] where !alone.contains(name) {
        let isCorrection = name.contains(".correction.")
        #expect(values.allSatisfy { $0.isFinite }, "\(name), \(comment)")
        if !isCorrection {
          #expect(history[9][name] == values, "\(name), \(comment)")
        } else if name.hasSuffix(".shift") {
          // Nothing is learned where nothing reads a layer.
          learned += history[14][name] == values ? 0 : 1
        } else if name.hasSuffix(".count") {
          #expect([5, 0].contains(values[0]) && history[14][name] == values, comment)
        }
      }
      #expect(learned > 2, comment)
      // The average is the network now, and is what its codes are.
      let pictures = try randomImages(spec, count: 2, seed: 9)
      let judged = try outputs(following.network.folded(), pictures)
      #expect(judged.joined().allSatisfy { $0.isFinite }, comment)
      let state = try QuantizationState(trained: following.network, options)
      let float = try Network(network.configuration, following.network.parameters())
      #expect(try outputs(state.quantized(float), pictures) == judged, comment)
    }
  }

  @Test func `a step that learns waits for values that are not zero`() throws {
    for scheme in [QuantizationScheme.lsq, .lsqPlus, .pact, .tpsq, .google] {
      let clock = try QuantizationClock(
        QuantizationCourse(), to: BitStage(activations: 8, weights: 8), epochs: epochs(4))
      let group = QuantizationPlan.Group(
        tensors: [0], producers: [0], bits: 8, isNeverNegative: false)
      let range = try ActivationRange(
        group, at: 0, options(scheme, bits: 8), .squaredError, clock, input: .by255)
      #expect(try range.grid == nil)
      try range.observe(.zeros([2, 3, 4, 4]), from: 0)
      let empty = try #require(try range.grid)
      #expect(try empty.step.item() > 0 && empty.step.allFinite())
      let values = try Tensor.uniform(
        [2, 3, 4, 4], low: -1, high: 2, generator: Generator(seed: 3))
      try range.observe(values, from: 0)
      let grid = try #require(try range.grid)
      if scheme != .google {
        let rounded = try grid.values(of: grid.codes(of: values))
        #expect(try (rounded - values).abs().amax().item() < 0.05, "\(scheme)")
      }
      guard scheme != .google else { continue }
      // What was zero begins anew where it reaches more than twice as far, nothing else does.
      func numbers(_ range: ActivationRange) throws -> [[Float]] {
        try range.parameters.map { try $0.value.toFloats() }
      }
      let before = try numbers(range)
      try range.observe(values * 1.9, from: 0)
      #expect(try numbers(range) == before, "\(scheme)")
      try range.observe(values * 8, from: 0)
      let wide = try #require(try range.grid)
      let rounded = try wide.values(of: wide.codes(of: values * 8))
      #expect(try (rounded - values * 8).abs().amax().item() < 0.4, "\(scheme)")
      let other = try ActivationRange(
        group, at: 0, options(scheme, bits: 8), .squaredError,
        QuantizationClock(
          QuantizationCourse(), to: BitStage(activations: 8, weights: 8), epochs: epochs(4)),
        input: .by255)
      try other.observe(values, from: 0)
      let first = try numbers(other)
      try other.observe(values * 8, from: 0)
      #expect(try numbers(other) == first, "\(scheme)")
    }
  }

  @Test func `options that do not fit, and a network without ranges`() throws {
    let network = try randomNetwork(seed: 42)
    #expect(throws: QuantizationError.bits(1)) {
      try QuantizationTechnique(options(.google, bits: 1)).attach(to: network, epochs: epochs(4))
    }
    let technique = QuantizationTechnique(options(.google, bits: 8))
    try technique.attach(to: network, epochs: epochs(4))
    #expect(throws: QuantizationError.notTrained) {
      try QuantizationState(trained: network, technique.options)
    }
    #expect(throws: QuantizationError.alreadyQuantized) {
      try technique.attach(to: network, epochs: epochs(4))
    }
    let state = try #require(try technique.state())
    #expect(throws: QuantizationError.otherOptions) {
      try QuantizationTechnique(options(.google, bits: 4)).restore(state)
    }
  }

  // 6 pictures, 2 a batch, 2 batches a step: stopped in the midst of a step, and of the second
  // epoch.
  @Test(arguments: zip(QuantizationScheme.allCases, [1, 4, 1, 4, 1, 4, 1, 4, 1]))
  func `a stopped run goes on to the same bits`(scheme: QuantizationScheme, batches: Int) throws {
    let run = try TinyRun()
    var settings = run.options()
    settings.warmupBatches = 0
    func technique() -> QuantizationTechnique { QuantizationTechnique(options(scheme, bits: 4)) }
    let whole = try run.train(
      "whole", settings, techniques: [technique()], validation: run.validation())
    try run.train(
      "parts", settings, techniques: [technique()], validation: run.validation(),
      stopAfter: batches)
    let parts = try run.train(
      "parts", settings, techniques: [technique()], validation: run.validation(), resumes: true)
    #expect(parts.parameters == whole.parameters)
    let files = try ["whole", "parts"].map {
      try SafetensorsFile(contentsOf: "\(run.folder)/\($0)/last.safetensors")
    }
    let names = files[0].names.filter { $0.contains(".quantization.") }
    #expect(names.contains { $0.hasPrefix("average.") } && names.count > 20)
    for name in names {
      #expect(try files[0].tensor(name).toFloats() == files[1].tensor(name).toFloats(), "\(name)")
    }
    #expect(whole.log.contains { $0.hasPrefix("quantization: \(scheme.rawValue), weights of ") })
    // What learns beside the weights is no part of the pair.
    let spec = try NetworkSpec(run.configuration)
    let written = try WeightsFile.read("\(run.folder)/whole/last.weights", for: spec)
    #expect(written.layers.map(\.count) == whole.parameters.layers.map(\.count))
    #expect(try run.train("plain", settings).parameters != whole.parameters)
    // Codes lie beside both weights, each bound to its own.
    let folder = "\(run.folder)/whole"
    let cfg = "\(folder)/model.cfg"
    try writeAtomically(run.configuration.text, to: cfg)
    for name in ["model", "last"] {
      let weights = "\(folder)/\(name).weights"
      let path = QuantizationFile.path(beside: weights)
      let state = try QuantizationFile.read(path, for: spec, cfg: cfg, weights: weights)
      #expect(state.options == options(scheme, bits: 4))
      let other = "\(folder)/\(name == "model" ? "last" : "model").weights"
      guard try ModelDescription.hash(ofFile: other) != ModelDescription.hash(ofFile: weights)
      else { continue }
      #expect(throws: QuantizationError.otherPair(path: path, file: other)) {
        try QuantizationFile.read(path, for: spec, cfg: cfg, weights: other)
      }
    }
  }
}
