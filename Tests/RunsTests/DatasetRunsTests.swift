import Boxes
import Darknet
import Datasets
import class Foundation.JSONEncoder
import Testing
import Training
import Vision
import _TestSupport
import _TrainingSupport

@testable import Runs

/// Dividing, counting and auditing data sets by recipes alone.
@Suite struct DatasetRunsTests {
  /// Twelve drawn pictures of one size.
  private struct Drawn {
    let folder: TemporaryFolder
    let data: String

    init() throws {
      folder = try TemporaryFolder()
      var drawing = SyntheticDataset(output: folder.file("d"))
      (drawing.train, drawing.valid, drawing.test) = (8, 2, 2)
      (drawing.classCount, drawing.side, drawing.seed) = (4, 64, 7)
      data = try drawing.draw().data
    }
  }

  /// The tasks of a run, each with its pictures, and how many are open.
  private final class Listener: RunObserver {
    var tasks: [String] = []
    var open = 0

    func begin(_ task: String, pictures: Int) {
      tasks.append("\(task) \(pictures)")
      open += 1
    }
    func end() { open -= 1 }
  }

  @Test func `pictures and lines of labels that are skipped are told apart`() throws {
    final class Lists: RunObserver {
      var told: [String: Int] = [:]
      func list(_ entries: [any CustomStringConvertible], what: String, one: String?) {
        told[what] = entries.count
      }
    }
    let drawn = try Drawn()
    let file = try DataFile(contentsOf: drawn.data)
    let list = try #require(file.train)
    let pictures = try Array(DataFile.pictures(inList: list))
    try writeAtomically(
      (["/no/such.jpg", "/nor/this.jpg"] + pictures).map { $0 + "\n" }.joined(), to: list)
    let labels = try #require(DataFile.labelFile(ofPicture: pictures[0])?.path)
    try writeAtomically("0 1 2 3\n0 0.5 0.5 0.2 0.2\n", to: labels)
    let lists = Lists()
    _ = try SplitRun(
      SplitRecipe(data: drawn.data, .shares(train: 0.5, valid: 0.5, test: 0)), observer: lists)
    #expect(lists.told == ["entries of lists skipped": 2, "lines of label files skipped": 1])
  }

  /// A set that is drawn, exported, imported and merged, each by what a file says.
  @Test func `recipes that were kept make the same sets`() throws {
    let (drawn, folder) = (try Drawn(), try TemporaryFolder())
    func kept<R: Recipe>(_ recipe: R) throws -> R {
      try R(contentsOf: folder.write(Array(JSONEncoder().encode(recipe)), to: "r.json"))
    }
    let exporter = try kept(
      DatasetExporter(.coco, data: drawn.data, output: folder.file("coco")))
    let exported = try exporter.run()
    let importer = try kept(
      DatasetImporter(.coco, source: exported.data, output: folder.file("again")))
    let imported = try importer.run()
    let merger = try kept(
      DatasetMerger([drawn.data, imported.data], output: folder.file("both")))
    let (merged, duplicates) = try merger.run()
    let counted = try StatisticsRun(StatisticsRecipe(data: drawn.data))()
    let boxes: Int = counted.statistics.boxes
    #expect(imported.images == 12 && imported.boxes == boxes)
    #expect(merged.images == 24 && merged.boxes == 2 * boxes && duplicates.count == 12)
  }

  @Test func `pictures are divided by shares, and written with a data file`() throws {
    let (drawn, listener) = (try Drawn(), Listener())
    let recipe = SplitRecipe(data: drawn.data, .shares(train: 0.5, valid: 0.25, test: 0.25))
    let outcome = try SplitRun(recipe, observer: listener)()
    #expect(outcome.lists.map(\.name) == ["split"])
    let lists = try #require(outcome.lists.first?.lists)
    #expect([lists.train.count, lists.valid.count, lists.test.count] == [6, 3, 3])
    #expect(Set(lists.train + lists.valid + lists.test).count == 12)
    #expect(outcome.pictures == 12 && outcome.copies == 0 && !outcome.mixesTest)
    #expect(listener.tasks == ["looking for copies 12"] && listener.open == 0)
    try outcome.write(to: drawn.folder.file("splits"))
    let written = try DataFile(contentsOf: drawn.folder.file("splits/split.data"))
    #expect(try written.pictures(.valid).count == 3)
  }

  @Test func `test pictures stay, or are told to be mixed with others`() throws {
    let drawn = try Drawn()
    let test = Set(try DataFile(contentsOf: drawn.data).pictures(.test))
    let kept = try SplitRun(SplitRecipe(data: drawn.data, .keepingTest(train: 0.8, valid: 0.2)))()
    let lists = try #require(kept.lists.first?.lists)
    #expect([lists.train.count, lists.valid.count] == [8, 2] && Set(lists.test) == test)
    #expect(kept.leftOut == 0 && !kept.mixesTest)
    let mixed = try SplitRun(
      SplitRecipe(data: drawn.data, .shares(train: 0.5, valid: 0.5, test: 0)))()
    #expect(mixed.mixesTest)
  }

  @Test func `of folds each picture is in one test list`() throws {
    let drawn = try Drawn()
    let outcome = try SplitRun(SplitRecipe(data: drawn.data, .folds(3, validationShare: 0)))()
    #expect(outcome.lists.map(\.name) == ["fold-0", "fold-1", "fold-2"])
    #expect(outcome.lists.flatMap(\.lists.test).count == 12)
    #expect(Set(outcome.lists.flatMap(\.lists.test)).count == 12)
  }

  @Test func `a list that serves as two counts once`() throws {
    let drawn = try Drawn()
    let list = try #require(DataFile(contentsOf: drawn.data).list(.train))
    let names = try #require(DataFile(contentsOf: drawn.data).names)
    let data = try drawn.folder.write(
      "classes=4\ntrain=\(list)\nvalid=\(list)\nnames=\(names)\n", to: "same.data")
    var recipe = StatisticsRecipe(data: data)
    recipe.pictures = 3
    let listener = Listener()
    let outcome = try StatisticsRun(recipe, observer: listener)()
    #expect(outcome.splits.map(\.split) == [.train, .valid])
    #expect(outcome.splits.map(\.sameAs) == [nil, .train])
    #expect(outcome.splits.map(\.pictures) == [8, 0])
    #expect(outcome.statistics.images == 8 && outcome.parts == DatasetParts([.train: 8]))
    #expect(outcome.shown.count == 3)
    #expect(listener.tasks == ["stats train 8"] && listener.open == 0)
  }

  @Test func `an audit reads every picture, and measures boxes for the network's input`() throws {
    let (drawn, listener) = (try Drawn(), Listener())
    var recipe = AuditRecipe(data: drawn.data)
    (recipe.width, recipe.height) = (128, 96)
    let run = try AuditRun(recipe, workers: 1, observer: listener)
    #expect(run.network.width == 128 && run.network.height == 96)
    let outcome = run()
    #expect(outcome.images == 12 && outcome.errorCount == 0)
    #expect(listener.tasks.first == "pictures 12" && listener.open == 0)
  }

  // A box of half the width and half the height of a picture of 100×50, in an input of 64×64: 32×32
  // where the picture fills it, 32×16 where it keeps its proportions.
  @Test func `anchors are found for boxes as training shows them`() throws {
    let (tiny, folder) = (try TinyRun(), try TemporaryFolder())
    try folder.write(Image(width: 100, height: 50).encoded(as: .png), to: "images/a.png")
    try folder.write("0 0.5 0.5 0.5 0.5\n", to: "labels/a.txt")
    try folder.write("images/a.png\n", to: "train.txt")
    let dataset = try DetectionDataset(list: folder.file("train.txt"), names: ["a"])
    for (key, fit, height) in [
      (nil, PictureFit.letterbox, 16), ("1", .letterbox, 16), ("0", .darknet, 32),
    ] as [(String?, PictureFit, Float)] {
      var configuration = tiny.configuration
      configuration.sections[0]["letter_box"] = key
      let cfg = try folder.write(configuration.text, to: "\(key ?? "none").cfg")
      let network = try FittedNetwork(cfg: cfg)
      #expect(network.fit == fit)
      // Training agrees.
      #expect(try TrainingRecipe(cfg: cfg, data: "d.data").options.fit == fit)
      let sizes = dataset.boxSizes(
        inputWidth: 64, inputHeight: 64, fit: network.fit, workers: 1)
      #expect(sizes == [BoxSize(width: 32, height: height)])
    }
    #expect(try FittedNetwork(cfg: nil).fit == .letterbox)
  }
}
