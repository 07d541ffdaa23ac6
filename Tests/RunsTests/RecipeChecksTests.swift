import Datasets
import Distillation
import Foundation
import Pruning
import Quantization
import Testing
import Training
import _TestSupport

@testable import Runs

/// What no run can work with is refused by its name, from a file and from a program alike, before any
/// file is opened: those that are named here are not there.
@Suite struct RecipeChecksTests {
  private let pair = PairRecipe(cfg: "a.cfg", weights: "a.weights")

  private func pruning(_ change: (inout PruningRecipe) -> Void) -> PruningRecipe {
    var recipe = PruningRecipe(pair, method: .normal, request: PruningRequest(percent: 0.1))
    change(&recipe)
    return recipe
  }

  private func quantization(_ change: (inout QuantizationRecipe) -> Void) -> QuantizationRecipe {
    var recipe = QuantizationRecipe(pair, data: "a.data")
    change(&recipe)
    return recipe
  }

  private func compare(_ change: (inout CompareRecipe) -> Void) -> CompareRecipe {
    var recipe = CompareRecipe(["a", "b"])
    change(&recipe)
    return recipe
  }

  private func anchors(_ change: (inout AnchorsRecipe) -> Void) -> AnchorsRecipe {
    var recipe = AnchorsRecipe(data: "a.data")
    change(&recipe)
    return recipe
  }

  private func test(_ change: (inout TestRecipe) -> Void) -> TestRecipe {
    var recipe = TestRecipe(pair, data: "a.data")
    change(&recipe)
    return recipe
  }

  /// Recipes with one value that they cannot have, with its name.
  private var refused: [(name: String, recipe: any Recipe)] {
    var refused: [(String, any Recipe)] = [
      ("pictures", pruning { $0.pictures = -3 }),
      ("batchSize", pruning { $0.batchSize = 0 }),
      ("threads", pruning { $0.threads = 0 }),
      ("device", pruning { $0.device = "gpu" }),
      ("request.largestShare", pruning { $0.request.largestShare = 1e300 }),
      ("request.percent", pruning { $0.request.percent = -0.1 }),
      ("request.multiple", pruning { $0.request.multiple = 0 }),
      ("target.points", pruning { $0.target = .loss(points: -1) }),
      (
        "target.count",
        pruning { $0.target = .bestCandidate(count: 0, share: 0.5, delta: 0.1) }
      ),
      ("target.share", pruning { $0.target = .size(of: .macs, within: .share(2)) }),
      ("height", pruning { $0.pair.feeding.width = 64 }),
      ("calibrationPictures", quantization { $0.calibrationPictures = -3 }),
      ("pictures", quantization { $0.pictures = 0 }),
      ("machine.precision", quantization { $0.machine.precision = .bfloat16 }),
      ("budget.share", quantization { $0.budget = .share(1.5) }),
      ("resamples", compare { $0.resamples = 0 }),
      ("level", compare { $0.level = 95 }),
      ("count", anchors { $0.count = 0 }),
      ("mutations", anchors { $0.mutations = -1 }),
      ("width", anchors { ($0.width, $0.height) = (-5, 64) }),
      ("confidence", test { $0.boxes.confidence = 1.5 }),
      ("overlap", test { $0.boxes.overlap = -0.5 }),
      ("folds", SplitRecipe(data: "a.data", .folds(0, validationShare: 0))),
      (
        "layers",
        ConvertRecipe(
          cfg: "a.cfg", weights: "a.weights", outputs: [.init("b", .backbone(layers: 0))])
      ),
    ]
    var statistics = StatisticsRecipe(data: "a.data")
    statistics.pictures = -1
    refused.append(("pictures", statistics))
    var profile = ProfileRecipe(cfg: "a.cfg")
    profile.repeats = 0
    refused.append(("repeats", profile))
    var detect = DetectRecipe(pair, sources: ["a.jpg"])
    detect.machine.threads = 100_000
    refused.append(("threads", detect))
    var audit = AuditRecipe(data: "a.data")
    (audit.width, audit.height) = (0, 0)
    refused.append(("width", audit))
    return refused
  }

  private func read<R: Recipe>(_ recipe: R, _ folder: TemporaryFolder) throws -> R {
    try R(contentsOf: folder.write(Array(JSONEncoder().encode(recipe)), to: "r.json"))
  }

  @Test func `a value that no run can have is refused by its name`() throws {
    let folder = try TemporaryFolder()
    for (name, recipe) in refused {
      let refusal = #expect(throws: RunError.self) { try recipe.check() }
      guard case .unusable(let word, let reason) = refusal else {
        // Half of a size is called by the half that is there.
        Issue.record("\(recipe): \(String(describing: refusal))")
        continue
      }
      #expect(word == (name == "height" ? "width" : name), "\(reason)")
      let error = #expect(throws: RunError.self) { try read(recipe, folder) }
      #expect(error == .unreadableRecipe(folder.file("r.json"), reason: "\(word): \(reason)"))
    }
  }

  @Test func `a run refuses it before it opens a file`() throws {
    func refusal(_ body: () throws -> Void) -> String? {
      let error = #expect(throws: RunError.self) { try body() }
      guard case .unusable(let name, _) = error else { return nil }
      return name
    }
    #expect(
      refusal { _ = try PruningRun(pruning { $0.pictures = -3 }) } == "pictures")
    #expect(
      refusal { _ = try QuantizationRun(quantization { $0.pictures = -3 }) } == "pictures")
    #expect(refusal { _ = try CompareRun(compare { $0.level = 95 }) } == "level")
    #expect(refusal { _ = try AnchorsRun(anchors { $0.count = 0 }) } == "count")
    #expect(refusal { _ = try TestRun(test { $0.batchSize = 0 }) } == "batchSize")
  }

  @Test func `temperatures are one for all strategies, or one for each`() throws {
    var request = DistillationRequest(["logits", "box-class", "binary"])
    request.temperatures = [2, 3]
    let teacher = TeacherSource(cfg: "t.cfg", weights: "t.weights")
    let error = #expect(throws: RunError.self) {
      try request.options(teachers: [teacher], hasUnlabelled: false)
    }
    guard case .unusable(let name, let reason) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(name == "--distill-temperature" && reason.hasSuffix("found 2"))
  }
}
