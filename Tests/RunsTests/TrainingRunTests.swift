import Darknet
import Datasets
import Foundation
import Inference
import Networks
import Pruning
import Quantization
import Testing
import Training
import _TestSupport
import _TorchSupport
import _TrainingSupport

@testable import Runs

/// From a recipe to a run folder, and on from there.
@Suite(.libtorch(.determinism)) struct TrainingRunTests {
  /// A recipe for drawn pictures and a narrow network.
  private func recipe(_ tiny: TinyRun, _ folder: TemporaryFolder) throws -> TrainingRecipe {
    let cfg = try folder.write(tiny.configuration.text, to: "n.cfg")
    var recipe = try TrainingRecipe(cfg: cfg, data: tiny.folder + "/data/data.data")
    recipe.options.epochs = 2
    recipe.options.batchSize = 2
    recipe.options.accumulationSteps = 2
    (recipe.device, recipe.workers) = ("cpu", 1)
    (recipe.sparsity, recipe.sparsitySchedule) = (0.01, .localEarly)
    recipe.sparsityUpdate = .proximal
    return recipe
  }

  private func output(_ folder: TemporaryFolder, _ name: String) throws -> OutputFolder {
    try OutputFolder(folder.file(name), overwrite: false, kind: .training)
  }

  @Test func `a run's own recipe trains the same numbers again`() throws {
    let (tiny, folder) = (try TinyRun(), try TemporaryFolder())
    let recipe = try recipe(tiny, folder)
    let first = try TrainingRun(recipe, output: output(folder, "first"))
    let result = try first()
    try first.writeRecord(result, version: "1")
    #expect(result.epochs == 2 && !result.wasStopped)
    #expect(try folder.text("first/run.json").contains("\"sparsitySchedule\" : \"local-early\""))

    let read = try TrainingRecipe(contentsOf: folder.file("first/request.json"))
    #expect(read == recipe.withAbsolutePaths && read == first.recipe)
    let second = try TrainingRun(read, output: output(folder, "second"))
    _ = try second()
    for file in ["last.weights", "model.weights", "model.cfg", "request.json"] {
      #expect(try folder.bytes(of: "first/" + file) == folder.bytes(of: "second/" + file))
    }
  }

  @Test func `a technique of one's own goes along, and on`() throws {
    let (tiny, folder) = (try TinyRun(), try TemporaryFolder())
    var recipe = try recipe(tiny, folder)
    recipe.options.epochs = 1
    let first = Counting()
    _ = try TrainingRun(recipe, output: output(folder, "r"), adding: [first])()
    #expect(first.steps > 0)
    let second = Counting()
    // A run holds its folder for as long as it lives.
    let result = try TrainingRun(
      resuming: folder.file("r"), change: { $0.options.epochs = 2 }, adding: [second])()
    #expect(result.epochs == 2)
    #expect(second.steps == 2 * first.steps)
    #expect(throws: TrainingError.self) {
      try TrainingRun(resuming: folder.file("r"), change: { $0.options.epochs = 3 })()
    }
  }

  @Test func `what resuming would refuse cannot be begun with`() throws {
    let (tiny, folder) = (try TinyRun(), try TemporaryFolder())
    let usual = try recipe(tiny, folder)
    let changes: [(inout TrainingRecipe) -> Void] = [
      { $0.sparsity = -0.5 }, { $0.control = .steps }, { $0.options.batchSize = 0 },
    ]
    for change in changes {
      var recipe = usual
      change(&recipe)
      #expect(throws: TrainingError.self) { try TrainingRun(recipe, output: output(folder, "r")) }
      #expect(!FileManager.default.fileExists(atPath: folder.file("r")))
    }
  }

  // Of the first five layers the fourth, a route, has no numbers.
  @Test func `which layers a file of the first ones has is told, and what is given up`() throws {
    let (tiny, folder) = (try TinyRun(), try TemporaryFolder())
    var recipe = try recipe(tiny, folder)
    let whole = folder.file("n.weights")
    let spec = try NetworkSpec(tiny.configuration)
    try WeightsFile.write(
      Network(tiny.configuration, seed: 3).parameters(), for: spec, to: whole)
    let part = folder.file("n.conv.5")
    _ = try ConvertRun(
      ConvertRecipe(
        cfg: recipe.cfg, weights: whole, outputs: [.init(part, .backbone(layers: 5))]))()
    recipe.weights = part
    func lines(_ name: String) throws -> [String] {
      let observer = StoppingObserver(after: nil) { _ in }
      _ = try TrainingRun(recipe, output: output(folder, name), observer: observer)
      return observer.lines
    }
    let told = "layers 0 to 4 are taken from \(part), those after it begin at random"
    #expect(try lines("a").contains(told))
    recipe.takesWhatFits = true
    #expect(try lines("b").contains(told))
    recipe.cfg = try folder.write(tiny.configuration.text, to: "run/model.cfg")
    try folder.write(folder.bytes(of: "n.weights"), to: "run/model.weights")
    let trained = folder.file("run/model.weights")
    #expect(try lines("c").contains("\(told); what \(trained) has learned is not used"))
  }

  @Test func `a stopped run goes on to the same numbers`() throws {
    let (tiny, folder) = (try TinyRun(), try TemporaryFolder())
    let recipe = try recipe(tiny, folder)
    do {
      let whole = try TrainingRun(recipe, output: output(folder, "whole"))
      _ = try whole()
      let stopped = try TrainingRun(
        recipe, output: output(folder, "stopped"), observer: StoppingObserver(after: 2) { _ in })
      let result = try stopped()
      #expect(result.wasStopped)
    }
    let resumed = try TrainingRun(resuming: folder.file("stopped"))
    _ = try resumed()
    #expect(
      try folder.bytes(of: "stopped/last.weights") == folder.bytes(of: "whole/last.weights"))
    #expect(
      try folder.bytes(of: "stopped/request.json") == folder.bytes(of: "whole/request.json"))
  }

  @Test func `a folder without a run is answered with the runs that there are`() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("runs/c")
    #expect(throws: RunError.nothingToResume(path, nearby: [])) { try TrainingRun(resuming: path) }
    for name in ["a", "b"] { try folder.write("{}", to: "runs/\(name)/request.json") }
    let runs = ["a", "b"].map { folder.file("runs/\($0)") }
    // Beside it, and in it.
    for asked in [path, path + "/", folder.file("runs")] {
      let error = try #require(throws: RunError.self) { try TrainingRun(resuming: asked) }
      #expect(
        "\(error)".hasSuffix(": no run to resume; there are \(runs[0]), \(runs[1])"), "\(error)")
    }
  }

  /// What version 0.11 wrote: no weights, and names for the sparsity.
  @Test func `what earlier versions wrote is read`() throws {
    let (tiny, folder) = (try TinyRun(), try TemporaryFolder())
    let recipe = try recipe(tiny, folder)
    let object = try #require(
      JSONSerialization.jsonObject(with: JSONEncoder().encode(recipe)) as? [String: Any])
    #expect(object["weights"] == nil && object["takesWhatFits"] == nil)
    for (key, value) in [
      ("sparsitySchedule", "local-early"), ("sparsityUpdate", "proximal"), ("cache", "none"),
      ("device", "cpu"),
    ] {
      #expect(object[key] as? String == value)
    }
  }

  @Test(arguments: [
    ("sparsityScope", "everywhere"), ("sparsitySchedule", "later"), ("sparsityUpdate", "adam"),
    ("cache", "tape"),
  ])
  func `a word that is not known is an error`(key: String, word: String) throws {
    let (tiny, folder) = (try TinyRun(), try TemporaryFolder())
    var object = try #require(
      JSONSerialization.jsonObject(with: JSONEncoder().encode(recipe(tiny, folder)))
        as? [String: Any])
    object[key] = word
    let bytes = try JSONSerialization.data(withJSONObject: object)
    let path = try folder.write(Array(bytes), to: "request.json")
    let error = #expect(throws: RunError.self) { try TrainingRecipe(contentsOf: path) }
    #expect(error == .unreadableRequest(path, reason: "'\(key)' is not what it should be"))
  }

  @Test(arguments: [nil, "options"])
  func `a key that is not known is an error, at any depth`(place: String?) throws {
    let (tiny, folder) = (try TinyRun(), try TemporaryFolder())
    var object = try #require(
      JSONSerialization.jsonObject(with: JSONEncoder().encode(recipe(tiny, folder)))
        as? [String: Any])
    if let place {
      var inner = try #require(object[place] as? [String: Any])
      inner["lookahead"] = 5
      object[place] = inner
    } else {
      object["lookahead"] = 5
    }
    let bytes = try JSONSerialization.data(withJSONObject: object)
    let path = try folder.write(Array(bytes), to: "request.json")
    let key = [place, "lookahead"].compactMap(\.self).joined(separator: ".")
    let error = #expect(throws: RunError.self) { try TrainingRecipe(contentsOf: path) }
    #expect(error == .unreadableRequest(path, reason: "'\(key)' is not known"))
  }

  @Test
  func `a training on codes is kept in the recipe, and values that it cannot have are refused`()
    throws
  {
    let (tiny, folder) = (try TinyRun(), try TemporaryFolder())
    var recipe = try recipe(tiny, folder)
    var options = QuantizationOptions(scheme: .lsqPlus)
    (options.weightBits, options.activationBits, options.ends) = (4, 6, .eightBits)
    options.layerBits = [3: .init(weights: nil, activations: 8)]
    var quantization = TrainingRecipe.Quantization(options)
    quantization.course.correctedEpochs = 2
    (quantization.course.damping, quantization.course.firstSteps) = (0.5, .paper)
    recipe.quantization = quantization
    try recipe.check()
    let path = try folder.write(Array(JSONEncoder().encode(recipe)), to: "request.json")
    #expect(try TrainingRecipe(contentsOf: path) == recipe)
    // Only to settle: a tenth of the rate.
    #expect(abs(recipe.usualRates.learningRate - 0.001) < 1e-12)
    let wrong: [(inout TrainingRecipe.Quantization) -> Void] = [
      { $0.options.weightBits = 1 }, { $0.options.activationBits = 17 },
      { $0.options.layerBits[4] = .init(weights: 40, activations: 8) },
      { $0.options.isSymmetric = true }, { $0.course.freezesAfter = -1 },
      { $0.course.lowersOver = 1 }, { $0.course.correctedEpochs = -2 },
    ]
    for change in wrong {
      recipe.quantization = quantization
      if var changed = recipe.quantization {
        change(&changed)
        recipe.quantization = changed
      }
      #expect(throws: TrainingError.self) { try recipe.check() }
    }
    // Refused before the run has a folder.
    recipe.quantization = quantization
    recipe.options.precision = .bfloat16
    #expect(throws: RunError.self) { try TrainingRun(recipe, output: output(folder, "half")) }
    recipe.options.precision = .float32
    recipe.quantization?.options.layerBits = [900: .init(weights: 8, activations: 8)]
    #expect(throws: QuantizationError.self) {
      try TrainingRun(recipe, output: output(folder, "far"))
    }
    #expect(!folder.exists("half") && !folder.exists("far"))
  }

  @Test func `a device that is no name is an error`() throws {
    let (tiny, folder) = (try TinyRun(), try TemporaryFolder())
    var recipe = try recipe(tiny, folder)
    for device in ["auto", "cpu", "cuda", "cuda:3"] {
      recipe.device = device
      try recipe.check()
    }
    for device in ["", "gpu", "cuda:", "cuda:-1", "cuda:1:2", "CPU"] {
      recipe.device = device
      #expect(throws: TrainingError.self) { try recipe.check() }
    }
  }
}

/// Counts steps, and goes on counting.
private final class Counting: TrainingTechnique {
  let name = "counting"
  private(set) var steps = 0

  func afterStep(_ step: TrainingStep) { steps += 1 }
  func state() throws -> Data? { try JSONEncoder().encode(steps) }
  func restore(_ state: Data) throws { steps = try JSONDecoder().decode(Int.self, from: state) }
}
