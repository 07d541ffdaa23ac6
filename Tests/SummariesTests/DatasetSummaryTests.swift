import Commands
import Darknet
import Testing

@testable import Datasets
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

  @Test func `where training needs a division, nothing else is to be done before it`() {
    let train: () -> NextStep = { ("train it", NextCommand("train")) }
    #expect(
      DatasetParts(train: 100, valid: 0, test: 0).next("d.data", else: train).map(\.purpose)
        == ["divide it into train, valid and test"])
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
