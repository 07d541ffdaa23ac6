import Boxes
import Commands
import Darknet
import Datasets
import Testing
import _TestSupport
import _TorchSupport

@testable import Runs
@testable import Summaries

/// What is told of networks beside one another, from results that were made by hand.
@Suite(.libtorch(.threads)) struct CompareSummaryTests {
  private let folder: TemporaryFolder
  private let data: String

  init() throws {
    folder = try TemporaryFolder()
    var drawing = SyntheticDataset(output: folder.file("d"))
    (drawing.train, drawing.valid, drawing.test) = (2, 2, 2)
    (drawing.classCount, drawing.side) = (2, 64)
    data = try drawing.draw().data
  }

  /// Stored predictions of nothing, as a file.
  private func stored(_ name: String) throws -> String {
    try folder.write(StoredPredictions(names: ["a", "b"]).json(), to: name)
  }

  private func network(
    _ name: String, map: Double, map50: Double, bytes: Int
  ) -> ComparedNetwork {
    let evaluator = DetectionEvaluator(style: .coco, classCount: 2)
    var result = evaluator.evaluate()
    (result.map50, result.map, result.instances) = (map50, map, 20)
    return ComparedNetwork(
      name: name, pair: ("\(name)/model.cfg", "\(name)/model.weights"), reason: nil, profile: nil,
      codes: PairCodes(path: "\(name)/codes", summary: "", bytes: bytes), feeding: nil,
      latency: nil, predictions: StoredPredictions(names: ["a", "b"]), result: result)
  }

  /// A large network of mAP 0.5 beside a small one of 0.4, with an interval of ±0.15.
  ///
  /// - Parameters:
  ///   - map50: of the small one.
  ///   - larger: that of the large one.
  private func told(
    on split: DatasetSplit, map50: Double = 0.6, larger: Double = 0.7, seesOtherSize: Bool = false
  ) throws -> Summary {
    var recipe = CompareRecipe(try [stored("a.json"), stored("b.json")])
    (recipe.data, recipe.split, recipe.resamples) = (data, split, 100)
    var rows = [
      network("large", map: 0.5, map50: larger, bytes: 100),
      network("small", map: 0.4, map50: map50, bytes: 10),
    ]
    for index in rows.indices { rows[index].seesOtherSize = seesOtherSize }
    let difference = BootstrapResult(
      metric: .map, images: 12, resamples: 100, level: 0.95, baseline: 0.5, candidate: 0.4,
      meanDifference: -0.1, lower: -0.25, upper: 0.05)
    let candidates = rows.map {
      ComparedChoice.Candidate(name: $0.name, bytes: $0.weightsBytes, quality: $0.result?.quality)
    }
    let outcome = CompareOutcome(
      rows: rows, timing: Timing(latencies: [], load: nil), intervals: [[difference]], others: nil,
      choice: ComparedChoice(candidates) { _, _ in [difference] })
    let command = try CompareCommand.parse(["large", "small", "--data", data, "--bootstrap", "100"])
    return outcome.summary(of: try CompareRun(recipe), command)
  }

  @Test func `where the test pictures are too few to tell, others and the smaller one are next`()
    throws
  {
    let summary = try told(on: .test)
    #expect(
      summary.lines.text.contains(
        "too few pictures: 12 pictures are too few to show a difference of mAP@0.5:0.95 below about 15 "
          + "points; less shows where both find mostly the same\n"),
      "\(summary.lines.text)")
    try #require(summary.next.count == 2)
    #expect(
      summary.next[0].purpose
        == "see what the validation pictures say, on which the best epochs of all were chosen")
    #expect(
      summary.next[0].command.words
        == ["compare", "large", "small", "--data", data, "--bootstrap", "1000"])
    #expect(
      summary.next[1].purpose
        == "see what small finds (the pictures are too few to tell whether it falls behind large)"
    )
    #expect(summary.next[1].command.words.prefix(4) == ["detect", "--model", "small", "--source"])
  }

  @Test func `on validation pictures there are no others to look at`() throws {
    let summary = try told(on: .valid)
    #expect(summary.next.map { $0.command.words[0] } == ["detect"])
  }

  @Test func `networks of different classes are said to have no data set in common`() throws {
    func summary(_ classes: [Int]) throws -> Summary {
      let rows = try classes.enumerated().map { index, count in
        let cfg = try folder.write(
          BuiltInNetwork.yolov4Tiny.configuration(classes: count, widthMultiple: 0.125).text,
          to: "n\(index).cfg")
        return ComparedNetwork(
          name: "n\(index)", pair: (cfg, "n.weights"), reason: nil, profile: nil, codes: nil,
          feeding: nil, latency: nil, predictions: nil, result: nil)
      }
      let outcome = CompareOutcome(
        rows: rows, timing: Timing(latencies: [], load: nil), intervals: nil, others: nil,
        choice: nil)
      let recipe = CompareRecipe(try [stored("a.json"), stored("b.json")])
      return outcome.summary(of: try CompareRun(recipe), try CompareCommand.parse(["n0", "n1"]))
    }
    let words = "networks of different classes (4 and 3) cannot be compared on one data set\n"
    let other = try summary([4, 3])
    #expect(other.next.isEmpty && other.lines.text.contains(words))
    let same = try summary([3, 3])
    #expect(same.next.map(\.purpose) == ["measure them"] && !same.lines.text.contains("different"))
  }

  @Test func `a network of little use is trained before it is looked at, and put on no codes`()
    throws
  {
    let summary = try told(on: .valid, map50: 0.45, larger: 0.4)
    #expect(summary.next.map(\.purpose).first == "train it longer, for small is of little use yet")
    #expect(summary.next.map { $0.command.words[0] } == ["train", "detect"])
  }

  @Test func `figures of another size are no verdict`() throws {
    for seesOtherSize in [false, true] {
      let summary = try told(on: .valid, map50: 0.05, larger: 0.1, seesOtherSize: seesOtherSize)
      #expect(summary.lines.text.contains("too poor to be used") != seesOtherSize)
      #expect(
        summary.next.map(\.purpose) == [
          seesOtherSize
            ? "measure both at the size that each was trained for"
            : "train it longer, for all are too poor to be used"
        ])
    }
  }

  // Where nothing is shown the figures still stand: one below 0.5 is no choice beside one above.
  @Test func `a network of little use is not led to beside one of use`() throws {
    let summary = try told(on: .valid, map50: 0.45)
    #expect(
      summary.next.map(\.purpose) == [
        "see what large finds (it has the highest mAP@0.5:0.95; the pictures are too few to tell whether "
          + "small, which is smaller, falls behind)"
      ])
    #expect(summary.next[0].command.words.prefix(3) == ["detect", "--model", "large"])
    #expect(!summary.lines.text.contains("of little use"))
  }
}
