import Commands
import Darknet
import Testing
import _TestSupport

@testable import Datasets
@testable import Runs
@testable import Summaries

/// What is told of data sets, from results that were made by hand.
@Suite struct DatasetSummaryTests {
  private var imported: DatasetImport {
    var result = DatasetImport()
    (result.images, result.boxes, result.data) = (1200, 1, "d/d.data")
    result.splitCounts = [.train: 1000, .valid: 200]
    result.classes = [.init(name: "cat", boxes: 1)]
    result.leftOut = [.difficult: 3]
    return result
  }

  @Test func `an import says how much came, what was left out, and where it is`() {
    let summary = imported.summary()
    #expect(
      summary.lines.text == """
        1,200 pictures (train 1,000, valid 200), 1 box
          cat: 1
        left out: 3 difficult objects
        d/d.data

        """)
    #expect(summary.json["images"] == 1200)
    #expect(summary.json["leftOut"] == ["difficult": 3])
    #expect(summary.json["duplicates"] == nil)
  }

  @Test func `a set without test pictures is checked, then divided`() {
    let next = imported.summary().next
    #expect(
      next.map(\.purpose) == [
        "check it", "if the final figure matters, set test pictures aside",
      ])
    #expect(next.first?.command.description == "pare dataset check --data d/d.data")
    #expect(
      next.last?.command.words.prefix(8)
        == ["dataset", "split", "--data", "d/d.data", "--ratios", "0.7", "0.2", "0.1"])
  }

  @Test func `lists that share pictures lead to dividing the set anew`() {
    var merged = imported
    merged.picturesInSeveralLists = 49
    let summary = merged.summary(duplicates: [])
    #expect(summary.lines.text.contains("49 pictures are in more than one list: figures would be "))
    #expect(summary.next.map { $0.command.words.prefix(2) } == [["dataset", "split"]])
    #expect(summary.json["picturesInSeveralLists"] == 49)
  }

  @Test func `an audit that finds nothing but shared pictures leads to the same`() {
    var outcome = DatasetAudit.Outcome()
    outcome.findings = [AuditFinding(.leak, "a.jpg", "x"), AuditFinding(.parts, "d.data", "y")]
    #expect(outcome.areLeaksAlone && outcome.lines.text.contains("'pare dataset split'"))
    outcome.findings.append(AuditFinding(.label, "a.txt", "z"))
    #expect(!outcome.areLeaksAlone)
  }

  @Test func `where training needs a division, nothing else is to be done before it`() {
    let train: () -> NextStep = { ("train it", NextCommand("train")) }
    #expect(
      DatasetParts(train: 100, valid: 0, test: 0).next("d.data", else: train).map(\.purpose)
        == ["divide it into train, valid and test"])
    // Pictures that were for the test would be trained on: that is said.
    #expect(
      DatasetParts(train: 142, valid: 0, test: 7).next("d.data", else: train).map(\.purpose)
        == [
          "divide it into train, valid and test; the 7 test pictures of now are mixed in, unless '--ratios 0.8 0.2 --keep-test' keeps them"
        ])
    #expect(
      DatasetParts(train: 700, valid: 200, test: 100).next("d.data", else: train).map(\.purpose)
        == ["train it"])
  }

  @Test func `what is found twice in a merge is listed for programs`() {
    let copy = DatasetMerger.Duplicate(path: "/b.jpg", original: "/a.jpg", isLeak: true)
    let summary = imported.summary(duplicates: [copy])
    #expect(
      summary.json["duplicates"]
        == [["path": "/b.jpg", "original": "/a.jpg", "otherList": true]])
  }

  @Test func `an audit lists ten findings of a kind, and how many more there are`() {
    var outcome = DatasetAudit.Outcome()
    outcome.findings = (1...12).map { AuditFinding(.list, "l.txt", line: $0, "no such file") }
    let lines = outcome.lines.text.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.first == "12 errors: list entries without a usable picture")
    #expect(lines[1] == "  l.txt:1: no such file")
    #expect(lines[10] == "  l.txt:10: no such file")
    #expect(lines[11] == "  and 2 more; '--json' lists all")
  }
}

/// What a look at the data says to a network that was trained on them.
@Suite struct FaultlessDataTests {
  @Test func `longer training is never suggested where it brought little`() {
    let larger = ["config", "new", "yolov4-tiny"]
    for isWorthLonger in [false, true] {
      for isSettled in [false, true] {
        for words in [nil, larger, ["help", "config", "new"]] {
          let verdict = TrainingVerdict(
            isWorthLonger: isWorthLonger, isSettled: isSettled, reasons: ["a"],
            largerNetwork: isWorthLonger ? nil : words)
          let step = verdict.next("runs/none")
          #expect((step == nil) == (!isWorthLonger && words == nil))
          if !isWorthLonger { #expect(step?.command.words == words) }
          #expect(
            verdict.faultlessData.contains("training longer brought little")
              == (isSettled && !isWorthLonger))
          #expect(verdict.faultlessData.contains("as may longer training") == isWorthLonger)
        }
      }
    }
  }
}

/// What is told of data sets that were divided and counted.
@Suite struct DividedSetTests {
  @Test func `lists are counted, and a test list that is no longer one is named`() throws {
    let folder = try TemporaryFolder()
    var drawing = SyntheticDataset(output: folder.file("d"))
    (drawing.train, drawing.valid, drawing.test) = (8, 2, 2)
    (drawing.classCount, drawing.side) = (4, 64)
    let path = try drawing.draw().data
    let data = try DataFile(contentsOf: path)
    func lines(_ division: SplitRecipe.Division) throws -> String {
      try SplitRun(SplitRecipe(data: path, division))().summary(of: data, in: "s").lines.text
    }
    #expect(
      try lines(.shares(train: 0.5, valid: 0.25, test: 0.25))
        == "s/split.data: train 6, valid 3, test 3\n")
    #expect(
      try lines(.shares(train: 0.75, valid: 0.25, test: 0))
        == "s/split.data: train 9, valid 3\nthe test pictures of \(path) are in train and valid "
        + "now; --keep-test leaves them\n")
  }

  @Test func `a split's row says how much it holds, or whose list it has`() {
    let outcome = StatisticsRun.Outcome(
      splits: [
        .init(
          split: .train, sameAs: nil, pictures: 1200, boxes: 3000, background: 5,
          classCounts: [3000]),
        .init(split: .valid, sameAs: .train, pictures: 0, boxes: 0, background: 0, classCounts: []),
      ], statistics: DatasetStatistics(names: ["cat"]), shown: [])
    #expect(
      outcome.splitTable.rows == [
        ["train", "1,200", "3,000", "5"], ["valid: the same list as train"],
      ])
    #expect(outcome.scarce == nil)
    #expect(outcome.classTable.rows == [["cat", "3,000"]])
    #expect(outcome.classTable.columns.map(\.title) == ["class", "train"])
  }

  @Test func `classes with few boxes are named as an audit does, the rarest first`() {
    let outcome = StatisticsRun.Outcome(
      splits: [
        .init(
          split: .train, sameAs: nil, pictures: 9, boxes: 90, background: 0,
          classCounts: [49, 50, 0, 7])
      ], statistics: DatasetStatistics(names: ["a", "b", "c", "d"]), shown: [])
    #expect(
      outcome.scarce
        == "few boxes to learn from, where a class needs 50 or more: 'd' 7, 'a' 49")
  }

  @Test func `what was rewritten is counted by kind`() {
    #expect(
      ConvertRun.Rewriting(layersBefore: 24, layers: 30, blocks: ["se": 1, "depthwise": 3]).line
        == "30 layers for 24, rewritten: 3 depthwise, 1 se")
    #expect(
      ConvertRun.Rewriting(layersBefore: 24, layers: 24, blocks: [:]).line
        == "24 layers for 24, which were standard already")
  }
}
