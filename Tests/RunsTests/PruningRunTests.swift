import Darknet
import Datasets
import Foundation
import Networks
import Pruning
import Testing
import Training
import _TestSupport
import _TorchSupport

@testable import Runs

/// From a recipe to a written pair, and back.
@Suite(.libtorch(.threads)) struct PruningRunTests {
  /// A narrow network with scales of many sizes, and drawn pictures.
  private struct Inputs {
    let folder: TemporaryFolder
    let data: String

    var recipe: PruningRecipe {
      var recipe = PruningRecipe(
        cfg: folder.file("n.cfg"), weights: folder.file("n.weights"), method: .normal,
        request: PruningRequest(percent: 0.4))
      recipe.force = true
      recipe.device = "cpu"
      return recipe
    }

    init() throws {
      folder = try TemporaryFolder()
      let configuration = try BuiltInNetwork.yolov4Tiny.configuration(
        classes: 4, width: 64, height: 64, widthMultiple: 0.25)
      let spec = try NetworkSpec(configuration)
      var parameters = try Network(configuration, seed: 3).parameters()
      for layer in parameters.layers.indices {
        guard let gamma = parameters.layers[layer][.gamma] else { continue }
        // No two of a layer alike: 11 is prime to the width.
        let values = gamma.values.indices.map { Float(($0 * 11 + layer) % 97 + 1) / 97 }
        parameters.layers[layer][.gamma] = ParameterArray(shape: gamma.shape, values: values)
      }
      try folder.write(configuration.text, to: "n.cfg")
      try WeightsFile.write(parameters, for: spec, to: folder.file("n.weights"))
      var drawing = SyntheticDataset(output: folder.file("d"))
      (drawing.train, drawing.valid, drawing.test) = (6, 4, 0)
      (drawing.classCount, drawing.side, drawing.seed) = (4, 64, 7)
      data = try drawing.draw().data
    }

    /// Runs a recipe and writes what came of it.
    func prune(_ recipe: PruningRecipe, to name: String) throws -> PruningOutcome {
      let run = try PruningRun(recipe)
      let outcome = try run()
      let path = folder.file(name)
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      try run.write(outcome, to: path)
      return outcome
    }
  }

  @Test func `a written recipe gives the same pair to the bit`() throws {
    let inputs = try Inputs()
    var recipe = inputs.recipe
    recipe.method = .target
    recipe.request = PruningRequest(percent: 0)
    recipe.target = .size(of: .parameters, within: .share(0.4))
    recipe.data = inputs.data
    (recipe.recalibrates, recipe.restoresScales, recipe.seed) = (true, true, 5)
    let first = try inputs.prune(recipe, to: "first")
    let read = try PruningRecipe(contentsOf: inputs.folder.file("first/recipe.json"))
    #expect(read == recipe.withAbsolutePaths)
    let second = try inputs.prune(read, to: "second")
    #expect(first.request == second.request && first.plan == second.plan)
    #expect(Double(first.plan.after.parameters) <= 0.4 * Double(first.plan.before.parameters))
    for file in ["model.cfg", "model.weights", "certificate.json", "recipe.json"] {
      #expect(
        try inputs.folder.bytes(of: "first/" + file) == inputs.folder.bytes(of: "second/" + file))
    }
    #expect(first.measured.loss == second.measured.loss && first.measured.loss != nil)
  }

  @Test func `a pair is not written over by what it is pruned to`() throws {
    let inputs = try Inputs()
    let run = try PruningRun(inputs.recipe)
    let outcome = try run()
    let before = try inputs.folder.bytes(of: "n.weights")
    for path in [inputs.folder.path, inputs.folder.path + "/./"] {
      #expect(throws: RunError.outputIsInput(inputs.folder.file("n.cfg"))) {
        try run.write(outcome, to: path)
      }
    }
    #expect(try inputs.folder.bytes(of: "n.weights") == before)
    #expect(!FileManager.default.fileExists(atPath: inputs.folder.file("model.cfg")))
  }

  @Test func `every target and method is read as it was written`() throws {
    let targets: [PruningTarget?] = [
      nil, .size(of: .macs, within: .amount(2e9)), .size(of: .weightsBytes, within: .share(0.3)),
      .latency(within: .amount(8)), .loss(points: 1.5),
      .bestCandidate(count: 200, share: 0.5, delta: 0.05),
      .stages(boundaries: [10, 20], percents: [0.5, 0.6, 0.7]),
    ]
    let folder = try TemporaryFolder()
    for method in PruningMethod.all {
      for target in targets {
        var recipe = PruningRecipe(
          cfg: "a.cfg", weights: "a.weights", method: method,
          request: PruningRequest(percent: 0.1))
        recipe.request.ranges = [.init(layers: 3..<9, percent: 0.25)]
        recipe.request.staircases = [
          4: WidthStaircase([.init(width: 8, milliseconds: 1), .init(width: 16, milliseconds: 2)])
        ]
        (recipe.target, recipe.seed, recipe.threads) = (target, .max, 2)
        recipe.pair.inputScale = .maxabs
        (recipe.pair.feeding.resize, recipe.pair.feeding.nms) = (.darknet, .diou)
        (recipe.averagePrecision, recipe.split, recipe.allowedLoss) = (.voc07, .test, 0.1)
        let path = try folder.write(
          Array(JSONEncoder().encode(recipe)), to: "recipe.json")
        #expect(try PruningRecipe(contentsOf: path) == recipe)
      }
    }
  }

  @Test(arguments: [
    ("\"normal\"", "\"usual\"", "'method.legacyScope' is not what it should be"),
    ("\"classes\"", "\"channel\"", "'method.judgement' is not what it should be"),
    ("\"valid\"", "\"validation\"", "'split' is not what it should be"),
    ("\"coco\"", "\"coco17\"", "'averagePrecision' is not what it should be"),
    ("\"seed\"", "\"sead\"", "it lacks 'seed'"),
    ("\"allowedLoss\"", "\"allowedloss\"", "'allowedloss' is not known"),
    ("\"layerKeep\"", "\"keep\":1,\"layerKeep\"", "'request.keep' is not known"),
    ("{", "", "it is not JSON"),
  ])
  func `what is not known is an error`(old: String, new: String, reason: String) throws {
    var recipe = PruningRecipe(
      cfg: "a.cfg", weights: "a.weights", method: .regular, request: PruningRequest(percent: 0.1))
    recipe.allowedLoss = 2
    let text = String(decoding: try JSONEncoder().encode(recipe), as: UTF8.self)
    let place = try #require(text.range(of: old))
    let folder = try TemporaryFolder()
    let path = try folder.write(text.replacingCharacters(in: place, with: new), to: "r.json")
    let error = #expect(throws: RunError.self) { try PruningRecipe(contentsOf: path) }
    #expect(error == .unreadableRecipe(path, reason: reason))
  }

  @Test func `what loses more than is allowed is not given`() throws {
    let inputs = try Inputs()
    var recipe = inputs.recipe
    (recipe.data, recipe.allowedLoss) = (inputs.data, 0)
    // A network that was never trained finds nothing, so nothing can be held.
    let error = #expect(throws: PruningError.self) { try PruningRun(recipe)() }
    guard case .nothingToLose = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func `a run says what it passes over, and how far it is`() throws {
    let inputs = try Inputs()
    var recipe = inputs.recipe
    recipe.data = inputs.data
    recipe.method = .group
    recipe.target = .stages(boundaries: [10], percents: [0.3, 0.5])
    let observer = Listener()
    let outcome = try PruningRun(recipe, observer: observer)()
    #expect(observer.notes.contains("stages: 0–9, 10–37"))
    // Four pictures each.
    #expect(observer.tasks == ["before pruning 4", "after pruning 4"] && observer.done == 4)
    #expect(outcome.request.ranges.map(\.percent) == [0.3, 0.5])
    #expect(outcome.isReal && outcome.curve == nil && outcome.restored == nil)
  }
}

private final class Listener: RunObserver {
  var notes: [String] = []
  var tasks: [String] = []
  var done = 0

  func note(_ line: String) { notes.append(line) }
  func begin(_ task: String, pictures: Int) { tasks.append("\(task) \(pictures)") }
  func advance(to pictures: Int) { done = pictures }
}
