import Darknet
import Foundation
import Networks
import Testing
import Torch
import Training
import _TorchSupport
import _TrainingSupport

@testable import Pruning

/// Sparse training that is told what validation came to, whatever it did come to.
private final class Scripted: TellingTechnique, SteeringTechnique {
  let sparsity: SparsityTechnique
  private let script: [Double]
  private(set) var told: [TrainingEvaluation] = []
  private(set) var strengths: [Double] = []

  init(_ sparsity: SparsityTechnique, script: [Double]) {
    (self.sparsity, self.script) = (sparsity, script)
  }

  var name: String { sparsity.name }
  var needsEvaluation: Bool { sparsity.needsEvaluation }
  func attach(to session: inout TrainingSession) throws { try sparsity.attach(to: &session) }
  func beforeStep(_ step: TrainingStep) throws { try sparsity.beforeStep(step) }
  func afterStep(_ step: TrainingStep) throws { try sparsity.afterStep(step) }
  func finished(_ parameters: NetworkParameters) throws -> NetworkParameters {
    try sparsity.finished(parameters)
  }
  func state() throws -> Data? { try sparsity.state() }
  func restore(_ state: Data) throws { try sparsity.restore(state) }
  func metrics() throws -> [(name: String, value: Double)] { try sparsity.metrics() }
  func distributions() throws -> [TechniqueDistribution] { try sparsity.distributions() }

  func afterEvaluation(_ evaluation: TrainingEvaluation) throws -> [String] {
    told.append(evaluation)
    var evaluation = evaluation
    evaluation.map50 = script[evaluation.epoch.map { $0 + 1 } ?? 0]
    defer {
      let strength = try? sparsity.metrics().first { $0.name == "strength" }
      strengths.append(strength?.value ?? 0)
    }
    return try sparsity.afterEvaluation(evaluation)
  }
}

/// Keeps copies of a layer's γ and of its gradient when gradients are complete.
private final class Probe: TrainingTechnique {
  let name: String
  private let layer: Int
  private(set) var gammas: [[Float]] = []
  private(set) var gradients: [[Float]] = []
  private(set) var afterSteps = 0

  init(_ name: String, layer: Int) { (self.name, self.layer) = (name, layer) }

  func beforeStep(_ step: TrainingStep) throws {
    guard
      let gamma = try step.network.tensors.first(where: {
        $0.layer == layer && $0.role == .gamma
      })?.tensor
    else { return }
    gammas.append(try gamma.toFloats())
    gradients.append(try gamma.grad?.toFloats() ?? [])
  }

  func afterStep(_ step: TrainingStep) throws { afterSteps += 1 }
}

/// How gradients come about.
struct Arithmetic: CustomTestStringConvertible, Sendable {
  var precision: DType
  var accumulation: Int
  var seed: UInt64

  var testDescription: String {
    "\(precision.rawValue), \(accumulation) batches a step, seed \(seed)"
  }

  static let all = [
    Arithmetic(precision: .float32, accumulation: 1, seed: 0),
    Arithmetic(precision: .float32, accumulation: 3, seed: 1),
    Arithmetic(precision: .bfloat16, accumulation: 1, seed: 2),
    Arithmetic(precision: .bfloat16, accumulation: 2, seed: 3),
  ]

  func options(_ run: TinyRun, epochs: Int) -> TrainingOptions {
    var options = run.options(epochs: epochs)
    options.precision = precision
    options.accumulationSteps = accumulation
    options.seed = seed
    options.warmupBatches = 0
    return options
  }
}

@Suite(.serialized, .libtorch(.determinism)) struct SparseTrainingTests {
  // Three batches an epoch, the last of which always steps: ⌈3 / accumulation⌉ steps. Strength 0.25
  // is exact in binary, so the gradient differs by it to the rounding of the sum.
  @Test(arguments: Arithmetic.all)
  func `the pull comes once an optimizer step and is as strong as asked`(way: Arithmetic) throws {
    let run = try TinyRun()
    let (before, after) = (Probe("before", layer: 1), Probe("after", layer: 1))
    let sparsity = SparsityTechnique(strength: 0.25, layers: [1])
    try run.train("a", way.options(run, epochs: 2), techniques: [before, sparsity, after])
    let steps = 2 * ((3 + way.accumulation - 1) / way.accumulation)
    #expect(before.gammas.count == steps && after.afterSteps == steps)
    for step in 0..<steps {
      for channel in before.gammas[step].indices {
        let pull = after.gradients[step][channel] - before.gradients[step][channel]
        let gamma = before.gammas[step][channel]
        let size = max(abs(before.gradients[step][channel]), 1)
        #expect(abs(pull - (gamma > 0 ? 0.25 : gamma < 0 ? -0.25 : 0)) < 1e-5 * size)
      }
    }
  }

  @Test(.enabled(if: Device.cudaIsAvailable, "no GPU"))
  func `the pull is as strong under loss scaling`() throws {
    let run = try TinyRun()
    let (before, after) = (Probe("before", layer: 1), Probe("after", layer: 1))
    let sparsity = SparsityTechnique(strength: 0.25, layers: [1])
    let way = Arithmetic(precision: .float16, accumulation: 2, seed: 0)
    try run.train(
      "a", way.options(run, epochs: 2), techniques: [before, sparsity, after],
      device: .cuda(0))
    #expect(before.gammas.count == 4)
    for step in before.gammas.indices where before.gradients[step].allSatisfy(\.isFinite) {
      for (new, old) in zip(after.gradients[step], before.gradients[step]) {
        #expect(abs(new - old - 0.25) < 1e-5 * max(abs(old), 1))
      }
    }
  }

  // Ceiling 0.8, band 2, told 0.5 before training, then 0.49, 0.4 and 0.4, of which the medians are
  // 0.49, 0.49 and 0.4: 0.08, 0.12, 0.18, 0.09.
  @Test(arguments: Arithmetic.all)
  func `the automatic strength follows validation, and a resume goes on exactly`(
    way: Arithmetic
  ) throws {
    let run = try TinyRun()
    let options = way.options(run, epochs: 3)
    func technique() -> Scripted {
      Scripted(
        SparsityTechnique(
          strength: 0.8, layers: [0, 1, 2], schedule: .automatic(band: 2),
          update: way.seed % 2 == 0 ? .subgradient : .proximal),
        script: [0.5, 0.49, 0.4, 0.4])
    }
    let whole = technique()
    let expected = try run.train(
      "whole", options, techniques: [whole], validation: run.validation())
    #expect(whole.told.map(\.epoch) == [nil, 0, 1, 2])
    #expect(whole.told.allSatisfy { $0.epochs == 3 })
    for (found, strength) in zip(whole.strengths, [0.08, 0.12, 0.18, 0.09]) {
      #expect(abs(found - strength) < 1e-12)
    }
    #expect(whole.strengths.count == 4)
    #expect(expected.result.last?.techniques["sparsity/strength"] == whole.strengths[2])
    #expect(
      expected.log.contains(
        "mAP@0.5 is 10.0 points below the best: sparsity falls from 0.18 to 0.09"))
    for batches in [3, 4] {
      let first = technique()
      let stopped = try run.train(
        "parts-\(batches)", options, techniques: [first], validation: run.validation(),
        stopAfter: batches)
      #expect(stopped.result.wasStopped)
      let second = technique()
      let found = try run.train(
        "parts-\(batches)", options, techniques: [second], validation: run.validation(),
        resumes: true)
      #expect(found.parameters == expected.parameters)
      #expect(second.strengths.last == whole.strengths.last)
    }
    // Without the pull it would have come out otherwise.
    #expect(try run.train("dense", options).parameters != expected.parameters)
  }

  @Test func `the automatic strength refuses a run that is never judged`() throws {
    let run = try TinyRun(pictures: 2)
    let technique = SparsityTechnique(
      strength: 0.1, layers: [0], schedule: .automatic(band: 2))
    let refusal = TrainingError.needsEvaluation(technique: "sparsity")
    #expect(throws: refusal) {
      try run.train("a", run.options(), techniques: [technique])
    }
    var options = run.options()
    options.validationInterval = 0
    #expect(throws: refusal) {
      try run.train("b", options, techniques: [technique], validation: run.validation())
    }
    #expect(
      refusal.description
        == "sparsity follows the validation, and the run has none: name a 'valid' list in the .data "
        + "file and test every few epochs with '--evaluate-every 1'")
  }

  /// Layers 0 and 1 of the network times `factor`, the weights of 1 and 2 over it: both are
  /// leaky convolutions that nothing else reads.
  private func rescaling(_ factor: Float) -> ParameterScaling {
    ParameterScaling(
      [0, 1].flatMap { layer -> [ParameterScaling.Entry] in
        [
          .init(layer: layer, role: .gamma, factors: [factor]),
          .init(layer: layer, role: .beta, factors: [factor]),
          .init(layer: layer + 1, role: .weight, factors: [1 / factor]),
        ]
      })
  }

  private func rescaled(_ strength: Double) -> SparsityTechnique {
    SparsityTechnique(
      strength: strength, layers: [0, 1, 2], update: .proximal, rescaling: rescaling(0.125))
  }

  // 0.125 is a power of two: multiplying and dividing is exact, so a run that hardly learns gives
  // back γ, β and the kernels that it began with, in the written pair too, though the average was
  // copied before the rescaling.
  @Test func `a rescaling is undone in all that a run gives`() throws {
    let run = try TinyRun()
    var options = run.options(epochs: 1)
    options.learningRate = 1e-30
    options.finalLearningRate = 1
    options.warmupBatches = 0
    let initial = try Network(run.configuration, seed: options.seed).parameters()
    let result = try run.train("a", options, techniques: [rescaled(1e-3)])
    let spec = try NetworkSpec(run.configuration)
    let written = try WeightsFile.read(run.folder + "/a/last.weights", for: spec)
    let roles: [ParameterRole] = [.gamma, .beta, .weight]
    for layer in 0..<3 {
      for role in roles {
        let expected = try #require(initial.layers[layer][role])
        for parameters in [result.parameters, written] {
          let found = try #require(parameters.layers[layer][role]).values
          // A shift of 0 moves by the rate.
          let isSame = zip(found, expected.values).allSatisfy { abs($0 - $1) < 1e-25 }
          #expect(isSame && found.count == expected.values.count, "layer \(layer), \(role)")
        }
      }
    }
  }

  // Strength 2 takes 0.02 a step from γ at a rate of 0.01, and 0.0105 in the second epoch: of 0.125
  // three steps each leave 0.034, which stands for a γ of 0.27; of 1 they leave 0.91. The figures
  // speak of what γ stands for, as pruning will see it.
  @Test func `a rescaled run shrinks sooner, speaks of true scales and resumes exactly`() throws {
    let run = try TinyRun()
    var options = run.options()
    options.warmupBatches = 0
    options.accumulationSteps = 1
    let whole = try run.train("whole", options, techniques: [rescaled(2)])
    let plain = try run.train(
      "plain", options,
      techniques: [SparsityTechnique(strength: 2, layers: [0, 1, 2], update: .proximal)])
    func mean(_ parameters: NetworkParameters) throws -> Float {
      let gamma = try #require(parameters.layers[0][.gamma]).values
      return gamma.reduce(0) { $0 + abs($1) } / Float(gamma.count)
    }
    #expect(try mean(whole.parameters) < 0.5 && mean(plain.parameters) > 0.8)
    let gamma = try (0...2).flatMap {
      try #require(whole.parameters.layers[$0][.gamma]).values.map(abs)
    }
    let greatest = try #require(whole.result.last?.techniques["sparsity/gammaMax"])
    #expect(abs(greatest - Double(gamma.max() ?? 0)) < 1e-6)
    for batches in [1, 4] {
      let name = "parts-\(batches)"
      try run.train(name, options, techniques: [rescaled(2)], stopAfter: batches)
      let second = try run.train(name, options, techniques: [rescaled(2)], resumes: true)
      #expect(second.parameters == whole.parameters)
    }
  }

  @Test func `the event file has a histogram of every layer for every epoch`() throws {
    let run = try TinyRun()
    let result = try run.train("a", run.options(), sparsity: 0.01)
    let folder = run.folder + "/a"
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
    let name = try #require(names.first { $0.hasPrefix("events.out.tfevents.") })
    let bytes = try Data(contentsOf: URL(filePath: "\(folder)/\(name)"))
    let histograms = try EventFile(Array(bytes)).histograms
    let spec = try NetworkSpec(run.configuration)
    let layers = result.parameters.layers.indices.filter {
      result.parameters.layers[$0][.gamma] != nil
    }
    #expect(layers.count > 10 && spec.layers.count > layers.count)
    let tags = layers.map { "sparsity/gamma/\($0)" } + ["sparsity/gamma/all"]
    for epoch in 0..<2 {
      #expect(histograms.filter { $0.step == epoch }.map(\.tag) == tags)
    }
    // γ is the network's own, not the average's, at the end of the last epoch.
    for layer in layers {
      let histogram = try #require(
        histograms.first { $0.step == 1 && $0.tag == "sparsity/gamma/\(layer)" })
      let sizes = try #require(result.parameters.layers[layer][.gamma]).values.map {
        Double(abs($0))
      }
      #expect(histogram.number == Double(sizes.count))
      #expect(histogram.minimum == sizes.min() && histogram.maximum == sizes.max())
      #expect(abs(histogram.sum - sizes.reduce(0, +)) < 1e-9)
      #expect(histogram.limits.count == histogram.counts.count)
      // Bins are known by their right edges.
      for (index, limit) in histogram.limits.enumerated().dropLast() {
        let below = histogram.counts[0...index].reduce(0, +)
        #expect(below == Double(sizes.count { $0 < limit }), "layer \(layer), up to \(limit)")
      }
      #expect(histogram.counts.reduce(0, +) == histogram.number)
    }
    let page = try String(contentsOfFile: folder + "/report.html", encoding: .utf8)
    #expect(page.contains("Share of the scales that are small"))
    #expect(page.contains("Sizes of all scales that are pushed after epoch 2"))
    #expect(!page.contains("gamma"))
  }
}
