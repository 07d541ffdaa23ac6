import Darknet
import Foundation
import Networks
import Reports
import Testing
import Torch
import Training
import _TorchSupport
import _TrainingSupport

/// Any layer times a gain that learns, as a quantizer would be put around one.
private final class Gained: Layer {
  let inner: any Layer
  let gain: Parameter

  init(_ inner: any Layer, _ gain: Parameter) { (self.inner, self.gain) = (inner, gain) }

  var parameters: [ParameterRole: Parameter] { inner.parameters }
  var addedParameters: [Parameter] { [gain] }
  var convolution: Convolution? { inner.convolution }

  func callAsFunction(_ input: Tensor, _ context: LayerContext) throws -> Tensor {
    try inner(input, context) * gain.value
  }

  func copy(_ earlier: [any Layer]) throws -> any Layer {
    Gained(try inner.copy(earlier), try gain.copy())
  }
}

/// A technique that uses most openings, written with what `Training` and `Networks` make public: it
/// asks that a feature, through an adapter that learns, look like its own running mean.
private final class Toy: TellingTechnique {
  let name = "toy"
  let lossNames = ["likeness"]
  private let isNaN: Bool
  private let tap = FeatureTap([3])
  private(set) var adapter: Parameter?
  private(set) var mean: Tensor?
  private(set) var gain: Parameter?
  private(set) var steps = 0
  private(set) var targets = 0

  init(isNaN: Bool = false) { self.isNaN = isNaN }

  func attach(to session: inout TrainingSession) throws {
    let channels = session.network.spec.outChannels(ofLayer: 3)
    let drawn = try Tensor.uniform(
      [2, channels, 1, 1], low: -1, high: 1, generator: Generator(seed: 5))
    adapter = try session.addParameter("adapter", .weights, drawn)
    mean = try session.addState("mean", .zeros([2]))
    session.addObserver(tap)
    let gain = try Parameter("toy.gain", ParameterGroup("gain", rateFactor: 2), .full([], 1))
    self.gain = gain
    try session.network.replaceLayers { index, layer in index == 1 ? Gained(layer, gain) : nil }
  }

  func losses(_ step: TrainingStep) throws -> [TechniqueLoss] {
    targets += step.targets.count
    guard let feature = tap.features[3], let adapter, let mean else { return [] }
    let seen = try feature.conv2d(adapter.value).to(.float32).mean(dims: [2, 3])
    let wanted = try mean.detach().clone()
    try withoutGrad {
      _ = try mean.mulInPlace(0.5).addInPlace(seen.detach().mean(dims: [0]), scale: 0.5)
    }
    let likeness = try (seen - wanted).squared().mean()
    return [TechniqueLoss("likeness", isNaN ? try likeness * Double.nan : likeness, weight: 10)]
  }

  func afterStep(_ step: TrainingStep) throws { steps += 1 }

  func state() throws -> Data? { try JSONEncoder().encode(steps) }
  func restore(_ state: Data) throws { steps = try JSONDecoder().decode(Int.self, from: state) }

  func metrics() throws -> [(name: String, value: Double)] {
    [("gain", try gain?.value.item() ?? 0)]
  }
  var charts: [TechniqueChart] { [TechniqueChart(title: "A toy", metrics: ["likeness", "gain"])] }
}

/// Counts passes, and leaves layers as they are.
private final class PassCounter: LayerObserver {
  private(set) var trained = 0
  private(set) var judged = 0

  func watches(_ layer: Int) -> Bool { layer == 3 }
  func observe(_ output: Tensor, ofLayer layer: Int, isTraining: Bool) -> Tensor {
    if isTraining { trained += 1 } else { judged += 1 }
    return output
  }
}

/// A technique that watches training alone, and one that is part of the network that is judged.
private final class Watching: TrainingTechnique {
  let name = "watching"
  let training = PassCounter()
  let both = PassCounter()

  func attach(to session: inout TrainingSession) {
    session.addObserver(training)
    session.addObserver(both, whenJudged: true)
  }
}

@Suite(.serialized, .libtorch(.determinism)) struct ToyTechniqueTests {
  // 6 pictures, 2 a batch, twice; 2 validation pictures, a batch each time.
  @Test func `an observer says whether it is part of what is judged`() throws {
    let run = try TinyRun()
    let watching = Watching()
    try run.train("a", run.options(), techniques: [watching], validation: run.validation())
    #expect(watching.training.trained == 6 && watching.training.judged == 0)
    #expect(watching.both.trained == 6 && watching.both.judged >= 2)
  }

  private func values(_ toy: Toy) throws -> [[Float]] {
    try [toy.adapter?.value, toy.mean, toy.gain?.value].map { try #require($0).toFloats() }
  }

  // 6 pictures, 2 a batch, 2 batches a step: stopped in the midst of a step, of the second epoch.
  @Test(arguments: [1, 4])
  func `a technique from outside learns, and resumes to the same bits`(batches: Int) throws {
    let run = try TinyRun()
    var options = run.options()
    options.warmupBatches = 0
    let (whole, second) = (Toy(), Toy())
    let expected = try run.train(
      "whole", options, techniques: [whole], validation: run.validation())
    try run.train(
      "parts", options, techniques: [Toy()], validation: run.validation(), stopAfter: batches)
    let found = try run.train(
      "parts", options, techniques: [second], validation: run.validation(), resumes: true)
    #expect(found.parameters == expected.parameters)
    #expect(try values(second) == values(whole))
    #expect(second.steps == whole.steps && whole.steps == 4)
    #expect(whole.targets > 0)

    // What is added learns, and changes what the network learns.
    let channels = try NetworkSpec(run.configuration).outChannels(ofLayer: 3)
    let drawn = try Tensor.uniform(
      [2, channels, 1, 1], low: -1, high: 1, generator: Generator(seed: 5)
    ).toFloats()
    #expect(try values(whole)[0] != drawn)
    #expect(try values(whole)[2] != [1])
    #expect(try run.train("plain", options).parameters != expected.parameters)
  }

  @Test func `the written pair has nothing of it, its figures have their own names`() throws {
    let run = try TinyRun()
    let result = try run.train("a", run.options(), techniques: [Toy()])
    let folder = run.folder + "/a"
    let spec = try NetworkSpec(run.configuration)
    let written = try WeightsFile.read(folder + "/last.weights", for: spec)
    #expect(written.layers.map { Set($0.keys) } == result.parameters.layers.map { Set($0.keys) })
    let checkpoint = try SafetensorsFile(contentsOf: folder + "/last.safetensors")
    let names = Set(checkpoint.names)
    #expect(
      names.isSuperset(of: [
        "technique.toy", "technique.toy.adapter", "technique.toy.mean", "network.toy.gain",
        "average.toy.gain", "momentum.toy.adapter", "momentum.toy.gain",
      ]))
    let file = try CSVFile(contentsOf: folder + "/results.csv")
    #expect(file.columns.suffix(2) == ["toy/gain", "toy/likeness"])
    let last = try #require(result.result.last)
    let likeness = try #require(last.techniques["toy/likeness"])
    #expect(likeness > 0)
    // The sum has it.
    #expect(
      abs(last.losses[0] + last.losses[1] + last.losses[2] + likeness - last.losses[3]) < 1e-3)
    let page = try String(contentsOfFile: folder + "/report.html", encoding: .utf8)
    #expect(page.contains("A toy") && page.contains(">likeness<"))
  }

  @Test func `a term that is no number is named`() throws {
    let run = try TinyRun()
    #expect(throws: TrainingError.nonFiniteLoss(term: "toy/likeness", epoch: 0, batch: 0)) {
      try run.train("a", run.options(), techniques: [Toy(isNaN: true)])
    }
  }
}
