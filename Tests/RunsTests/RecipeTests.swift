import Datasets
import Foundation
import Quantization
import Testing
import _TestSupport

@testable import Runs

/// What measures and looks is read as it was written, and refuses what it does not know.
@Suite struct RecipeTests {
  private var pair: PairRecipe {
    var pair = PairRecipe(cfg: "a.cfg", weights: "a.weights")
    pair.inputScale = .maxabs
    (pair.feeding.width, pair.feeding.height) = (96, 64)
    (pair.feeding.resize, pair.feeding.nms) = (.darknet, .soft)
    return pair
  }

  private var machine: MachineRecipe {
    var machine = MachineRecipe()
    (machine.precision, machine.device, machine.threads) = (.bfloat16, "cpu", 3)
    return machine
  }

  private var quantization: QuantizationRecipe {
    var recipe = QuantizationRecipe(pair, data: "a.data")
    recipe.options = QuantizationOptions(scheme: .lsqPlus)
    (recipe.options.weightBits, recipe.options.activationBits) = (4, 6)
    recipe.options.layerBits = [3: .init(weights: nil, activations: 8)]
    (recipe.options.ends, recipe.options.weightRange) = (.eightBits, .squaredError)
    (recipe.options.activationRange, recipe.options.shortcuts) = (.percentile(0.999), .shared)
    (recipe.options.isEqualized, recipe.options.correctsBiases) = (true, true)
    (recipe.calibrationPictures, recipe.explainedPictures, recipe.pictures) = (9, 2, 7)
    (recipe.split, recipe.seed, recipe.machine) = (.test, 5, machine)
    recipe.machine.precision = .float32
    return recipe
  }

  private var detect: DetectRecipe {
    var recipe = DetectRecipe(pair, sources: ["a.jpg", "-", "0"])
    (recipe.names, recipe.data, recipe.classes) = ("a.names", "a.data", ["1", "dog"])
    recipe.boxes = BoxRecipe(confidence: 0.125)
    (recipe.boxes.overlap, recipe.boxes.isAgnostic) = (0.25, true)
    (recipe.boxes.bestClassOnly, recipe.boxes.augments) = (true, true)
    (recipe.savesPadding, recipe.savesText, recipe.savesResults) = (true, true, true)
    (recipe.codec, recipe.machine) = ("avc1", machine)
    return recipe
  }

  private var test: TestRecipe {
    var recipe = TestRecipe(pair, data: "a.data")
    (recipe.names, recipe.isSingleClass, recipe.split) = ("a.names", true, .test)
    (recipe.batchSize, recipe.savesPadding, recipe.averagePrecision) = (3, true, .voc12)
    (recipe.savesText, recipe.savesResults, recipe.machine) = (true, true, machine)
    return recipe
  }

  private var compare: CompareRecipe {
    var recipe = CompareRecipe(["a", "b.json"])
    (recipe.data, recipe.split, recipe.isSingleClass) = ("a.data", .train, true)
    (recipe.feeding, recipe.averagePrecision) = (pair.feeding, .darknet)
    (recipe.resamples, recipe.level, recipe.seed) = (500, 0.9, .max)
    recipe.machine = machine
    return recipe
  }

  private var anchors: AnchorsRecipe {
    var recipe = AnchorsRecipe(data: "a.data")
    (recipe.split, recipe.cfg, recipe.count) = (.test, "a.cfg", 5)
    (recipe.width, recipe.height, recipe.method) = (96, 64, .legacy)
    (recipe.mutations, recipe.seed) = (0, 9)
    return recipe
  }

  private var profile: ProfileRecipe {
    var recipe = ProfileRecipe(cfg: "a.cfg")
    (recipe.width, recipe.height, recipe.repeats, recipe.machine) = (96, 64, 3, machine)
    return recipe
  }

  private var convert: ConvertRecipe {
    var recipe = ConvertRecipe(
      cfg: "a.cfg", weights: "a.pt",
      outputs: [.init("w/a.conv.3", .backbone(layers: 3)), .init("w/a.bin", .fused)])
    (recipe.standardCfg, recipe.naming, recipe.allowsNotFinite) = (
      "b.cfg", .stateDictionary, true
    )
    return recipe
  }

  private var split: SplitRecipe {
    var recipe = SplitRecipe(data: "a.data", .folds(5, validationShare: 0.125))
    (recipe.isStratified, recipe.seed) = (false, 7)
    return recipe
  }

  private var audit: AuditRecipe {
    var recipe = AuditRecipe(data: "a.data")
    (recipe.cfg, recipe.width, recipe.height) = ("a.cfg", 96, 64)
    return recipe
  }

  private var statistics: StatisticsRecipe {
    var recipe = StatisticsRecipe(data: "a.data")
    (recipe.pictures, recipe.seed) = (0, 3)
    return recipe
  }

  private var importer: DatasetImporter {
    var recipe = DatasetImporter(.coco, source: "a", output: "b")
    (recipe.name, recipe.names, recipe.namesFile) = ("c", ["x", "y"], "n.names")
    (recipe.copies, recipe.keepsDifficult, recipe.keepsCrowds) = (true, true, true)
    (recipe.allowsOutside, recipe.splits, recipe.overwrites) = (true, [.valid: .train], true)
    return recipe
  }

  private var merger: DatasetMerger {
    var recipe = DatasetMerger(["a.data", "b.data"], output: "c")
    (recipe.name, recipe.names, recipe.renamed) = ("d", ["x"], ["y": "x"])
    (recipe.copies, recipe.splits, recipe.overwrites) = (true, [.test: .valid], true)
    return recipe
  }

  private var exporter: DatasetExporter {
    var recipe = DatasetExporter(.voc, data: "a.data", output: "b")
    (recipe.copies, recipe.overwrites) = (true, true)
    return recipe
  }

  private var drawing: SyntheticDataset {
    var recipe = SyntheticDataset(output: "a")
    (recipe.name, recipe.classCount, recipe.side, recipe.maximumObjects) = ("b", 3, 64, 2)
    (recipe.train, recipe.valid, recipe.test, recipe.seed) = (5, 4, 3, .max)
    (recipe.format, recipe.workers, recipe.overwrites) = (.png, 1, true)
    return recipe
  }

  private func again<R: Recipe>(_ recipe: R) throws -> R {
    let folder = try TemporaryFolder()
    return try R(contentsOf: folder.write(Array(JSONEncoder().encode(recipe)), to: "r.json"))
  }

  // A library's user gets what the command line does: no option there decides by itself.
  @Test func `a quantization has what serves best by pictures, and a budget its steps`() throws {
    var recipe = QuantizationRecipe(pair, data: "a.data")
    #expect(recipe.options == .byPictures())
    recipe.budget = .share(0.3)
    #expect(try recipe.checked().options.weightRange == .squaredError)
    var both = recipe
    both.maximumDrop = 1
    #expect(throws: RunError.self) { try both.checked() }
    var layers = recipe
    layers.options.layerBits = [0: .init(weights: 4, activations: 8)]
    #expect(throws: RunError.self) { try layers.checked() }
    recipe.options = .byPictures(.ternary)
    let error = #expect(throws: RunError.self) { try recipe.checked() }
    #expect(error?.description.contains("take 'google' or 'pow2'") == true)
    var bits = QuantizationRecipe(pair, data: "a.data")
    bits.options.weightBits = 17
    #expect(throws: QuantizationError.bits(17)) { try bits.checked() }
  }

  @Test func `what is written is read again`() throws {
    #expect(try again(detect) == detect)
    #expect(try again(test) == test)
    #expect(try again(compare) == compare)
    #expect(try again(anchors) == anchors)
    #expect(try again(profile) == profile)
    #expect(try again(quantization) == quantization)
    #expect(try again(convert) == convert)
    #expect(try again(split) == split)
    #expect(try again(audit) == audit)
    #expect(try again(statistics) == statistics)
    #expect(try again(importer) == importer)
    #expect(try again(merger) == merger)
    #expect(try again(exporter) == exporter)
    #expect(try again(drawing) == drawing)
    // With nothing asked for.
    let plain = PairRecipe(cfg: "a.cfg", weights: "a.weights")
    #expect(try again(TestRecipe(plain, data: "d")) == TestRecipe(plain, data: "d"))
  }

  @Test(arguments: [
    ("\"torch\"", "\"tensorrt\"", "'machine.engine' is not what it should be"),
    ("\"bfloat16\"", "\"bf16\"", "'machine.precision' is not what it should be"),
    ("\"darknet\"", "\"crop\"", "'pair.feeding.resize' is not what it should be"),
    ("\"soft\"", "\"hard\"", "'pair.feeding.nms' is not what it should be"),
    ("\"maxabs\"", "\"by128\"", "'pair.inputScale' is not what it should be"),
    ("\"voc12\"", "\"voc13\"", "'averagePrecision' is not what it should be"),
    ("\"overlap\"", "\"iou\"", "it lacks 'overlap'"),
    ("\"data\"", "\"kind\":1,\"data\"", "'kind' is not known"),
  ])
  func `what is not known is an error`(old: String, new: String, reason: String) throws {
    let text = String(decoding: try JSONEncoder().encode(test), as: UTF8.self)
    let place = try #require(text.range(of: old))
    let folder = try TemporaryFolder()
    let path = try folder.write(text.replacingCharacters(in: place, with: new), to: "r.json")
    #expect(throws: RunError.unreadableRecipe(path, reason: reason)) {
      try TestRecipe(contentsOf: path)
    }
  }

  /// Lists are named in words, and nothing but their names is taken.
  @Test func `lists that are put elsewhere are named`() throws {
    let text = String(decoding: try JSONEncoder().encode(importer), as: UTF8.self)
    let place = try #require(text.range(of: #""splits":{"valid":"train"}"#))
    let folder = try TemporaryFolder()
    let path = try folder.write(
      text.replacingCharacters(in: place, with: #""splits":{"dev":"train"}"#), to: "r.json")
    #expect(throws: RunError.self) { try DatasetImporter(contentsOf: path) }
  }
}
