import Boxes
import Darknet
import Datasets
import Foundation
import Inference
import Networks
import Testing
import Training
import Vision
import _TestSupport
import _TorchSupport

@testable import Runs

/// Detecting, testing and comparing by recipes alone.
@Suite(.libtorch(.threads)) struct MeasuringRunsTests {
  /// A network that was never trained, and drawn pictures; its boxes are many and unsure.
  private struct Inputs {
    let folder: TemporaryFolder
    let data: String
    let pictures: [String]

    var pair: PairRecipe {
      PairRecipe(cfg: folder.file("n.cfg"), weights: folder.file("n.weights"))
    }

    init() throws {
      folder = try TemporaryFolder()
      let configuration = try BuiltInNetwork.yolov4Tiny.configuration(
        classes: 4, width: 64, height: 64, widthMultiple: 0.125)
      try folder.write(configuration.text, to: "n.cfg")
      try WeightsFile.write(
        Network(configuration, seed: 3).parameters(), for: NetworkSpec(configuration),
        to: folder.file("n.weights"))
      var drawing = SyntheticDataset(output: folder.file("d"))
      (drawing.train, drawing.valid, drawing.test) = (2, 4, 0)
      (drawing.classCount, drawing.side, drawing.seed) = (4, 64, 7)
      data = try drawing.draw().data
      pictures = try DetectionDataset(
        list: #require(DataFile(contentsOf: data).list(.valid)),
        names: DataFile(contentsOf: data).classNames()
      ).pictures.map(\.path)
    }

    func output(_ name: String) throws -> OutputFolder {
      try OutputFolder(folder.file(name), overwrite: false, kind: .detections, grows: true)
    }
  }

  /// What a run says, and how often it was asked to go on.
  private final class Listener: RunObserver {
    var tasks: [String] = []
    var warnings: [String] = []
    var lists: [String] = []
    var done = 0
    var stopsAfter = Int.max

    var shouldStop: Bool { done >= stopsAfter }
    func warn(_ line: String) { warnings.append(line) }
    func list(_ entries: [any CustomStringConvertible], what: String, one: String?) {
      if !entries.isEmpty { lists.append("\(entries.count) \(what)") }
    }
    func begin(_ task: String, pictures: Int) { tasks.append("\(task) \(pictures)") }
    func advance(to done: Int) { self.done = done }
  }

  @Test func `pictures are looked at, drawn and listed, and what is none is skipped`() throws {
    let inputs = try Inputs()
    let other = try inputs.folder.write("no picture", to: "other.jpg")
    var recipe = DetectRecipe(
      inputs.pair, sources: [inputs.pictures[0], other, inputs.pictures[1]])
    recipe.boxes.confidence = 0.001
    (recipe.savesText, recipe.savesResults) = (true, true)
    (recipe.machine.device, recipe.machine.threads) = ("cpu", 1)
    let listener = Listener()
    let run = try DetectRun(recipe, output: inputs.output("out"), observer: listener)
    var seen: [PictureSource] = []
    let outcome = try run { seen.append($0.source) }
    #expect(seen == [.picture(path: inputs.pictures[0]), .picture(path: inputs.pictures[1])])
    #expect(outcome.sources.map(\.source) == seen && outcome.looked == 3 && outcome.isComplete)
    #expect(outcome.skipped.map(\.path) == [other] && listener.lists == ["1 pictures skipped"])
    #expect(listener.tasks == ["detect 3"] && listener.done == 3)
    for found in outcome.sources {
      #expect(found.video == nil && found.width == 64 && found.height == 64)
      let labels = try String(contentsOfFile: #require(found.labels), encoding: .utf8)
      #expect(labels.split(separator: "\n").count == found.found.count && !found.found.isEmpty)
      #expect(fileExists(try #require(found.drawing)))
      // The same as the detector finds by itself.
      let alone = try run.detector.detections(
        in: Image(contentsOf: #require(found.source.path)))
      #expect(found.found.map(\.detection) == alone)
    }
    #expect(fileExists(inputs.folder.file("out/results.json")))
  }

  @Test func `an observer that asks to stop ends the looking`() throws {
    let inputs = try Inputs()
    let listener = Listener()
    listener.stopsAfter = 2
    var recipe = DetectRecipe(inputs.pair, sources: inputs.pictures)
    recipe.machine.device = "cpu"
    let outcome = try DetectRun(recipe, output: inputs.output("out"), observer: listener)()
    #expect(outcome.wasStopped && outcome.looked == 2 && outcome.sources.count == 2)
    #expect(!outcome.isComplete)
  }

  @Test(arguments: [
    (["4"], "--classes 4: the network has classes 0 to 3"),
    (["zebra"], "--classes zebra: no such class; expected a number or one of "),
  ])
  func `classes that are not there are refused`(classes: [String], message: String) throws {
    let inputs = try Inputs()
    var recipe = DetectRecipe(inputs.pair, sources: [inputs.pictures[0]])
    (recipe.data, recipe.classes, recipe.machine.device) = (inputs.data, classes, "cpu")
    let error = #expect(throws: RunError.self) {
      try DetectRun(recipe, output: inputs.output("out"))
    }
    #expect(error?.description.hasPrefix(message) == true)
  }

  @Test func `a test measures what an evaluation does, and writes it`() throws {
    let inputs = try Inputs()
    var recipe = TestRecipe(inputs.pair, data: inputs.data)
    (recipe.savesText, recipe.machine.device, recipe.machine.threads) = (true, "cpu", 1)
    recipe.boxes.overlap = 0.5
    let run = try TestRun(recipe)
    let outcome = try run()
    let alone = try Evaluation(
      run.dataset, of: run.model.spec, fed: run.feeding,
      detection: run.feeding.detection(confidence: 0.001, overlap: 0.5))(
        TorchEngine(run.model.network()))
    #expect(outcome.result == alone.result && outcome.result.images == 4)
    let output = try inputs.output("out")
    let files = try run.write(
      outcome, to: output, description: RunDescription(command: "a command"))
    #expect(files.map(\.picture) == inputs.pictures)
    for (file, image) in zip(files, outcome.predictions.images) {
      let labels = try String(contentsOfFile: #require(file.labels), encoding: .utf8)
      #expect(labels.split(separator: "\n").count == image.detections.count)
    }
    #expect(try inputs.folder.text("out/report.html").contains("a command"))
  }

  // Eight measurements of four pictures: at the network's own 64 pixels, and at the usual sizes.
  @Test func `sizes and overlaps are measured side by side`() throws {
    let inputs = try Inputs()
    var recipe = TestRecipe(inputs.pair, data: inputs.data)
    recipe.machine.device = "cpu"
    let points = try TestRun(recipe).sizesAndOverlaps()
    #expect(points.map(\.width) == [64, 64, 256, 256, 384, 384, 512, 512])
    #expect(points.map(\.height) == points.map(\.width))
    #expect(points.map(\.isOwn) == [true, true] + [Bool](repeating: false, count: 6))
    #expect(points.map(\.overlap) == [0.6, 0.7, 0.6, 0.7, 0.6, 0.7, 0.6, 0.7])
    #expect(points.allSatisfy { $0.outcome.result.images == 4 })
  }

  @Test func `a network compared with itself differs by nothing`() throws {
    let inputs = try Inputs()
    var recipe = CompareRecipe([inputs.pair.cfg, inputs.pair.weights])
    (recipe.data, recipe.resamples, recipe.machine.device) = (inputs.data, 100, "cpu")
    let listener = Listener()
    let outcome = try CompareRun(recipe, observer: listener)()
    #expect(outcome.rows.map(\.name) == recipe.operands && outcome.others == nil)
    #expect(outcome.rows[0].result == outcome.rows[1].result)
    #expect(outcome.rows.allSatisfy { $0.latency != nil && $0.result?.images == 4 })
    #expect(listener.tasks == recipe.operands.map { "\($0) 4" })
    let differences = try #require(outcome.intervals?.first)
    #expect(differences.map(\.metric) == [.map50, .map])
    #expect(differences.allSatisfy { $0.difference == 0 && !$0.showsDifference })
  }

  // yolov4-tiny's two heads have three anchors each, 0 to 2 the finer one.
  @Test func `anchors are found for the heads of a cfg`() throws {
    let inputs = try Inputs()
    var recipe = AnchorsRecipe(data: inputs.data)
    (recipe.cfg, recipe.mutations) = (inputs.pair.cfg, 10)
    let outcome = try AnchorsRun(recipe)()
    #expect(outcome.fit.anchors.count == 6)
    #expect(outcome.heads.map(\.mask).sorted { $0[0] < $1[0] } == [[0, 1, 2], [3, 4, 5]])
    #expect(Set(outcome.heads.map(\.stride)) == [16, 32])
    #expect(abs(outcome.heads.reduce(0) { $0 + $1.share } - 1) < 1e-9)
    let verdict = try #require(outcome.verdict)
    #expect(verdict.others == outcome.fit && verdict.isWorthwhile && verdict.gainOfMeanIoU > 0.05)
    let run = try AnchorsRun(recipe)
    let written = try #require(try run.configuration(outcome))
    let path = try inputs.folder.write(written.text, to: "better.cfg")
    // With its own it is left as it is.
    recipe.cfg = path
    let again = try AnchorsRun(recipe)
    let same = try again()
    #expect(same.verdict?.isWorthwhile == false && same.verdict?.own.meanIoU == same.fit.meanIoU)
    #expect(try again.configuration(same) == written)
    recipe.cfg = inputs.pair.cfg
    // The same again.
    #expect(try AnchorsRun(recipe)().fit.anchors == outcome.fit.anchors)
  }

  @Test func `every layer of a profile has a time`() throws {
    let inputs = try Inputs()
    var recipe = ProfileRecipe(cfg: inputs.pair.cfg)
    (recipe.width, recipe.height, recipe.repeats) = (96, 64, 2)
    recipe.machine.device = "cpu"
    let run = try ProfileRun(recipe)
    #expect(run.profile.width == 96 && run.profile.layers.count == run.spec.layers.count)
    let times = try run.times()
    #expect(times.layers.count == run.spec.layers.count && times.whole.samples.count == 2)
    #expect(abs(times.share(ofLayers: Array(times.layers.indices)) - 1) < 1e-9)
    // Half the height is no multiple of 32.
    (recipe.width, recipe.height) = (96, 48)
    #expect(throws: ConfigurationError.self) { try ProfileRun(recipe) }
  }

  @Test func `predictions of other pictures are warned of, and have no intervals`() throws {
    let inputs = try Inputs()
    var recipe = TestRecipe(inputs.pair, data: inputs.data)
    recipe.machine.device = "cpu"
    let predictions = try TestRun(recipe)().predictions
    var others = predictions
    others.images.removeLast()
    let paths = try [predictions, others].enumerated().map {
      try inputs.folder.write($1.json(), to: "\($0).json")
    }
    var comparison = CompareRecipe(paths)
    let listener = Listener()
    let outcome = try CompareRun(comparison, observer: listener)()
    let found = try #require(outcome.others)
    #expect((found.first.count, found.second.count, found.shared) == (4, 3, 3))
    #expect(listener.warnings == [found.description] && outcome.intervals == nil)
    comparison.resamples = 100
    #expect(throws: OtherPictures.self) { try CompareRun(comparison)() }
  }
}
