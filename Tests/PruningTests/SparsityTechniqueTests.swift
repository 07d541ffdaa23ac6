import Darknet
import Foundation
import Networks
import Testing
import Torch
import _TrainingSupport

@testable import Pruning
@testable import Training

@Suite struct SparsityTechniqueTests {
  /// Two convolutions, the first with the given γ.
  private func network(_ gamma: [Float]) throws -> Network {
    let cfg = """
      [net]
      width=32
      height=32
      channels=3
      [convolutional]
      batch_normalize=1
      filters=\(gamma.count)
      size=1
      activation=leaky
      [convolutional]
      batch_normalize=1
      filters=6
      size=1
      activation=linear
      [yolo]
      mask=0
      anchors=16,16
      classes=1
      num=1
      """
    let network = try Network(Configuration(parsing: cfg, path: "two.cfg"))
    var parameters = try network.parameters()
    parameters.layers[0][.gamma] = ParameterArray(shape: [gamma.count], values: gamma)
    try network.load(parameters)
    return network
  }

  private func step(_ network: Network, epoch: Int, epochs: Int, rate: Double) throws
    -> TrainingStep
  {
    TrainingStep(
      network: network, epoch: epoch, epochs: epochs, batch: 0, learningRate: rate,
      images: try Tensor.zeros([1, 3, 32, 32]), outputs: [])
  }

  /// What a technique adds to the gradient of the first layer's γ.
  private func pull(
    _ gamma: [Float], _ schedule: SparsitySchedule, epoch: Int, epochs: Int
  ) throws -> [Float] {
    let network = try network(gamma)
    let scale = try #require(network.tensors.first { $0.role == .gamma }).tensor
    try scale.setGrad(scale.detach().zerosLike())
    let technique = SparsityTechnique(strength: 1, layers: [0], schedule: schedule)
    try technique.attach(to: network)
    try technique.beforeStep(step(network, epoch: epoch, epochs: epochs, rate: 1))
    return try scale.grad?.toFloats() ?? []
  }

  // Epochs 0 to 5 of 10 are the first half (5 > 0.5 · 10 is false), as in the earlier Python
  // programs.
  @Test func `global decay leaves a hundredth after half of the epochs`() throws {
    #expect(try pull([0.5, -2], .globalDecay, epoch: 5, epochs: 10) == [1, -1])
    #expect(try pull([0.5, -2], .globalDecay, epoch: 6, epochs: 10) == [0.01, -0.01])
  }

  // |γ| sorted: 0.1 0.2 0.3 0.4; the place ⌊4 · 0.65⌋ = 2 is 0.3, and what reaches it gets 0.01.
  @Test func `local decay spares the largest scales`() throws {
    let schedule = SparsitySchedule.localDecay(after: 0.4, quantile: 0.65)
    let gamma: [Float] = [0.4, -0.1, 0.2, -0.3]
    #expect(try pull(gamma, schedule, epoch: 4, epochs: 10) == [1, -1, 1, -1])
    let late = try pull(gamma, schedule, epoch: 5, epochs: 10)
    for (found, expected) in zip(late, [0.01, -1, 1, -0.01] as [Float]) {
      #expect(abs(found - expected) < 1e-6)
    }
  }

  // What is named reaches half as far again as the median, 1: 1.5 / 2 is 0.75. With global decay
  // that is 1.24, with the proximal update 7.5, more than can be asked for. 10 epochs of 4 batches,
  // 2 a step: 20 steps of 0.01 over 1 − 0.9 are 2, without momentum's help 0.2; global decay leaves
  // 6 epochs and 4 hundredths of an epoch, which is 12.08 steps of 20.
  @Test(arguments: [
    (
      0.25, SparsitySchedule.constant, SparsityUpdate.subgradient, "0.5" as String?,
      "30 epochs (in 10 it takes a strength of 0.75, which may break the network)"
    ),
    (0.4, .constant, .subgradient, "0.8", "19 epochs, or a strength of 0.75,"),
    (0.55, .constant, .subgradient, nil, ""),
    (0.55, .globalDecay, .subgradient, "0.664", "23 epochs"),
    (0.55, .localDecay(after: 0.5, quantile: 0.85), .subgradient, nil, ""),
    (0.55, .constant, .proximal, "0.11", "137 epochs"),
    (0.55, .automatic(band: 2), .subgradient, nil, ""),
  ])
  func `a penalty that cannot reach zero in time is told`(
    strength: Double, schedule: SparsitySchedule, update: SparsityUpdate, reach: String?,
    needed: String
  ) throws {
    let technique = SparsityTechnique(
      strength: strength, layers: [0], schedule: schedule, update: update)
    try technique.attach(to: network([1, -1, 1, 1]))
    let rates = LearningRateSchedule(
      peak: 0.01, finalFraction: 1, epochs: 10, warmupBatches: 0, momentum: 0.9)
    func course(_ method: Optimizer.Method) -> TrainingCourse {
      TrainingCourse(rates, method: method, batchesPerEpoch: 4, batchesPerStep: 2)
    }
    #expect(course(.sgd).steps.count == 20)
    let line = reach.map {
      "sparsity \(strength) is too weak for this run: the push can lower a scale by \($0) at most, and "
        + "half of those at work are above 1; "
        + "with about \(needed) these can reach zero, as far as the loss lets them"
    }
    #expect(try technique.outlook(on: course(.sgd)) == (line.map { [$0] } ?? []))
    #expect(try technique.outlook(on: course(.adam)).isEmpty == (update != .proximal))
  }

  // Rate 0.5 times strength 0.25 is 0.125: 0.5 → 0.375, −0.25 → −0.125, 0.1 and −0.1 → 0 exactly.
  @Test func `the proximal update stops at zero`() throws {
    let network = try network([0.5, -0.25, 0.1, -0.1])
    let scale = try #require(network.tensors.first { $0.role == .gamma }).tensor
    try scale.setGrad(scale.detach().zerosLike())
    let technique = SparsityTechnique(strength: 0.25, layers: [0], update: .proximal)
    try technique.attach(to: network)
    let step = try step(network, epoch: 0, epochs: 1, rate: 0.5)
    try technique.beforeStep(step)
    #expect(try scale.grad?.toFloats() == [0, 0, 0, 0])
    try technique.afterStep(step)
    #expect(try scale.toFloats() == [0.375, -0.125, 0, 0])
  }

  // Strength 0.5 times the shares 1, ½ and ¼; the proximal update takes as much, times the rate
  // 0.25.
  @Test func `each channel is pulled by its share of the strength`() throws {
    let network = try network([2, -2, 2])
    let scale = try #require(network.tensors.first { $0.role == .gamma }).tensor
    try scale.setGrad(scale.detach().zerosLike())
    let shares: [Int: [Float]] = [0: [1, 0.5, 0.25]]
    let step = try step(network, epoch: 0, epochs: 1, rate: 0.25)
    let subgradient = SparsityTechnique(strength: 0.5, layers: [0], shares: shares)
    try subgradient.attach(to: network)
    try subgradient.beforeStep(step)
    #expect(try scale.grad?.toFloats() == [0.5, -0.25, 0.125])
    let proximal = SparsityTechnique(
      strength: 0.5, layers: [0], update: .proximal, shares: shares)
    try proximal.attach(to: network)
    try proximal.afterStep(step)
    #expect(try scale.toFloats() == [1.875, -1.9375, 1.96875])
  }

  @Test func `a step that is left out shrinks nothing`() throws {
    let network = try network([0.5, -0.25])
    let scale = try #require(network.tensors.first { $0.role == .gamma }).tensor
    let technique = SparsityTechnique(strength: 0.25, layers: [0], update: .proximal)
    try technique.attach(to: network)
    var step = try step(network, epoch: 0, epochs: 1, rate: 0.5)
    step.foundInfinity = try Tensor([Float(1)])
    try technique.afterStep(step)
    #expect(try scale.toFloats() == [0.5, -0.25])
    step.foundInfinity = try Tensor([Float(0)])
    try technique.afterStep(step)
    #expect(try scale.toFloats() == [0.375, -0.125])
  }

  // γ = (0.5, −0.25, 0): the gradient grows by s·sign(γ) = (s, −s, 0), whatever it was.
  @Test func `the gradient of selected scales grows by strength times sign`() throws {
    let network = try network([0.5, -0.25, 0])
    let gammas = try network.tensors.filter { $0.role == .gamma }.map(\.tensor)
    for gamma in gammas { try gamma.setGrad(gamma.detach().zerosLike() + 1) }

    let technique = SparsityTechnique(strength: 0.125, layers: [0])
    try technique.attach(to: network)
    #expect(technique.opening() == ["sparsity 0.125 on 3 scales of 1 layers: 0"])
    try technique.beforeStep(step(network, epoch: 0, epochs: 1, rate: 1))
    #expect(try gammas[0].grad?.toFloats() == [1.125, 0.875, 1])
    #expect(try gammas[1].grad?.toFloats() == [Float](repeating: 1, count: 6))

    // |γ| sorted: 0, 0.25, 0.5: one of three below 0.01.
    let metrics = Dictionary(
      uniqueKeysWithValues: try technique.metrics().map { ($0.name, $0.value) })
    #expect(abs((metrics["gamma<0.01"] ?? 0) - 1.0 / 3) < 1e-9)
    #expect(metrics["gamma50"] == 0.25)
    #expect(metrics["gammaMax"] == 0.5)
  }

  // Rescaled by ½, γ = (0.5, −0.25) is in training (0.25, −0.125); distributions and figures are of
  // what it stands for. The second layer has six scales of 1.
  @Test func `figures and distributions are of true scales`() throws {
    let network = try network([0.5, -0.25])
    let technique = SparsityTechnique(
      strength: 0.25, layers: [0], update: .proximal,
      rescaling: ParameterScaling([.init(layer: 0, role: .gamma, factors: [0.5])]),
      notes: ["a note"])
    try technique.attach(to: network)
    #expect(technique.opening().last == "a note")
    let scale = try #require(network.tensors.first { $0.role == .gamma }).tensor
    #expect(try scale.toFloats() == [0.25, -0.125])
    #expect(
      try technique.distributions() == [
        TechniqueDistribution(
          name: "gamma/0", title: "Sizes of the scales of layer 0", values: [0.5, 0.25]),
        TechniqueDistribution(
          name: "gamma/1", title: "Sizes of the scales of layer 1", values: [1, 1, 1, 1, 1, 1]),
        TechniqueDistribution(
          name: "gamma/all", title: "Sizes of all scales that are pushed", values: [0.25, 0.5],
          isSummary: true),
      ])
    #expect(try technique.metrics().last?.value == 0.5)
    let finished = try technique.finished(network.parameters())
    #expect(finished.layers[0][.gamma]?.values == [0.5, -0.25])
  }

  // Two of three below 0.01; the median, in the middle of 0.001, 0.005 and 0.5, is 0.005.
  @Test func `figures are told in words`() throws {
    let network = try network([0.5, -0.001, 0.005])
    let technique = SparsityTechnique(strength: 0.25, layers: [0], schedule: .automatic(band: 2))
    try technique.attach(to: network)
    let metrics = try technique.metrics().map { ("sparsity/" + $0.name, $0.value) }
    let words = metrics.map { SparsityTechnique.words(of: $0, $1).map { "\($0) \($1)" } }
    #expect(
      words == [
        "strength: 0.025", "scales below 0.01: 67 %", "scales below 0.1: 67 %",
        "median scale: 0.005", "scales below 0.001: 0 %",
        "a quarter of the scales below: 0.001", "three quarters of the scales below: 0.5",
        "largest scale: 0.5",
      ])
    #expect(SparsityTechnique.words(of: "distillation/gap", 1) == nil)
    let figures = Dictionary(uniqueKeysWithValues: metrics)
    let progress = try #require(SparsityTechnique.progress(in: figures))
    #expect(abs(progress.silentShare - 2.0 / 3) < 1e-9 && abs(progress.median - 0.005) < 1e-9)
    #expect(SparsityTechnique.progress(in: [:]) == nil)
  }

  @Test func `every chart draws figures that there are`() throws {
    for schedule in [SparsitySchedule.constant, .automatic(band: 2)] {
      let technique = SparsityTechnique(strength: 0.25, layers: [0], schedule: schedule)
      try technique.attach(to: network([0.5, 0.25]))
      let names = Set(try technique.metrics().map(\.name))
      #expect(Set(technique.charts.flatMap(\.metrics)) == names)
      for chart in technique.charts {
        #expect(chart.labels.count == chart.metrics.count)
        #expect(!chart.labels.joined().contains("gamma"))
      }
      #expect(names.contains("strength") == technique.needsEvaluation)
    }
  }

  @Test func `a scope without scales is an error`() throws {
    let run = try TinyRun(pictures: 2)
    let network = try Network(run.configuration)
    #expect(throws: PruningError.nothingToSparsify) {
      try SparsityTechnique(strength: 0.1, layers: []).attach(to: network)
    }
  }
}
