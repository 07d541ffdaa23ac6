import Darknet
import Networks
import Testing
import Torch
import _TestSupport
import _TrainingSupport

@testable import Quantization
@testable import Training

/// Training on codes: of random networks with every kind of block, and in the loop.
@Suite(.serialized) struct QuantizationTechniqueTests {
  init() throws { try TorchRuntime.setDeterministicAlgorithms(true) }

  private func outputs(_ network: Network, _ images: Tensor) throws -> [[Float]] {
    try withoutGrad { try network(images).map { try $0.toFloats() } }
  }

  private func options(_ scheme: QuantizationScheme, bits: Int) -> QuantizationOptions {
    var options = QuantizationOptions(scheme: scheme)
    (options.weightBits, options.activationBits) = (bits, bits)
    return options
  }

  /// Some steps towards outputs of zero; gives the losses.
  private func train(_ network: Network, steps: Int, counting: () throws -> Void) throws -> [Double]
  {
    let optimizer = try Optimizer(network.allParameters, method: .adam)
    var losses: [Double] = []
    for step in 0..<steps {
      let loss = try network(
        randomImages(network.spec, count: 2, seed: UInt64(step % 4)), .training
      )
      .map { try $0.squared().mean() }.reduce(Tensor.zeros([])) { try $0 + $1 }
      try loss.backward()
      losses.append(try loss.item())
      try optimizer.step(
        .init(rate: 0.002, biasRate: 0.002, momentum: 0.9, weightDecay: 0, warmup: 1))
      try counting()
    }
    return losses
  }

  @Test(arguments: QuantizationScheme.allCases)
  func `every scheme trains on every kind of block, and what is judged is what is kept`(
    scheme: QuantizationScheme
  ) throws {
    for seed in 40..<46 as Range<UInt64> {
      let network = try randomNetwork(seed: seed)
      let options = options(scheme, bits: seed % 2 == 0 ? 8 : 4)
      let technique = QuantizationTechnique(options)
      try technique.attach(to: network, steps: 20)
      let comment: Comment = "\(scheme), seed \(seed)"
      let losses = try train(network, steps: 20) { technique.count() }
      #expect(losses.allSatisfy { $0.isFinite }, comment)
      #expect(losses.suffix(4).reduce(0, +) < losses.prefix(4).reduce(0, +), comment)
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
      // Outside of training the layers themselves do the same, and learn nothing.
      let before = try network.allParameters.map { try $0.value.toFloats() }
      let own = try outputs(network, pictures)
      #expect(try network.allParameters.map { try $0.value.toFloats() } == before, comment)
      for (a, b) in zip(own.joined(), judged.joined()) {
        #expect(a.isFinite && b.isFinite, comment)
      }
    }
  }

  // With 16 bits nothing but a wrong way through the network makes a difference that is seen.
  @Test(arguments: [QuantizationScheme.google, .lsqPlus])
  func `sixteen bits train like the float network`(scheme: QuantizationScheme) throws {
    for seed in 60..<68 as Range<UInt64> {
      let (float, network) = (try randomNetwork(seed: seed), try randomNetwork(seed: seed))
      // Dropout draws anew for each pass.
      guard !float.hasDropout else { continue }
      let technique = QuantizationTechnique(options(scheme, bits: 16))
      try technique.attach(to: network, steps: 10)
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
    let technique = QuantizationTechnique(options(.google, bits: 8), freezesAfter: 0.5)
    try technique.attach(to: network, steps: 4)
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
    _ = try train(network, steps: 4) {
      technique.count()
      history.append(try fixed())
    }
    for (place, name) in names.enumerated() where !alone.contains(name) {
      #expect(history[1][place] == history[3][place], "\(name)")
    }
    #expect(history[0] != history[1])
  }

  @Test func `options that do not fit, and a network without ranges`() throws {
    let network = try randomNetwork(seed: 42)
    #expect(throws: QuantizationError.bits(1)) {
      try QuantizationTechnique(options(.google, bits: 1)).attach(to: network, steps: 4)
    }
    let technique = QuantizationTechnique(options(.google, bits: 8))
    try technique.attach(to: network, steps: 4)
    #expect(throws: QuantizationError.notTrained) {
      try QuantizationState(trained: network, technique.options)
    }
    #expect(throws: QuantizationError.alreadyQuantized) {
      try technique.attach(to: network, steps: 4)
    }
    let state = try #require(try technique.state())
    #expect(throws: QuantizationError.otherOptions) {
      try QuantizationTechnique(options(.google, bits: 4)).restore(state)
    }
  }

  // 6 pictures, 2 a batch, 2 batches a step: stopped in the midst of a step, and of the second
  // epoch.
  @Test(arguments: [QuantizationScheme.google, .lsqPlus, .tpsq], [1, 4])
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
    #expect(whole.log.contains { $0.hasPrefix("quantization \(scheme.rawValue): weights of ") })
    // What learns beside the weights is no part of the pair.
    let spec = try NetworkSpec(run.configuration)
    let written = try WeightsFile.read("\(run.folder)/whole/last.weights", for: spec)
    #expect(written.layers.map(\.count) == whole.parameters.layers.map(\.count))
    #expect(try run.train("plain", settings).parameters != whole.parameters)
  }
}
