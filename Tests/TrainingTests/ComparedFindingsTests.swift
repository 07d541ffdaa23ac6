import Boxes
import Foundation
import Reports
import Testing
import Vision
import _TestSupport

@testable import Training

/// Two networks beside one another on a page.
@Suite struct ComparedFindingsTests {
  /// What a network finds in one picture of one object, with a wrong box beside it.
  private func predictions(
    _ path: String, right: Float?, wrong: Float?, labelled: Bool = true
  ) -> StoredPredictions {
    let object = Box(x1: 10, y1: 10, x2: 30, y2: 30)
    let found = right.map { [Detection(box: object, classIndex: 0, confidence: $0)] } ?? []
    let other = Box(x1: 40, y1: 40, x2: 60, y2: 60)
    let invented = wrong.map { [Detection(box: other, classIndex: 0, confidence: $0)] } ?? []
    return StoredPredictions(
      names: ["a"],
      images: [
        .init(
          path: path, width: 64, height: 64,
          groundTruths: labelled ? [GroundTruth(box: object, classIndex: 0)] : [],
          detections: found + invented)
      ])
  }

  private func page(_ first: StoredPredictions, _ second: StoredPredictions) throws -> String {
    let folder = try TemporaryFolder()
    var page = HTMLReport(title: "t")
    page.addDifferences(
      "Where", ComparedFindings(first, "before"), ComparedFindings(second, "after"))
    try page.write(to: folder.file("p.html"))
    return try String(contentsOfFile: folder.file("p.html"), encoding: .utf8)
  }

  // With the right box alone F1 is 1, with both 2/3: the confidence is that of the right one.
  @Test func `each network shows its boxes from its own best confidence on`() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(Image(width: 64, height: 64).encoded(as: .png), to: "a.png")
    let sure = predictions(path, right: 0.75, wrong: 0.5)
    let unsure = predictions(path, right: 0.05, wrong: nil)
    #expect(ComparedFindings(sure, "x").confidence == 0.75 && ComparedFindings(sure, "x").isBest)
    #expect(ComparedFindings(unsure, "x").confidence == 0.05)
    let alike = try page(sure, unsure)
    #expect(alike.contains("On none of 1 pictures do the two networks differ in a box."))
    #expect(
      alike.contains(
        "from the confidence on at which it is best on these pictures (mean F1 of the classes): "
          + "before 0.75, after 0.05."), "\(alike)")
  }

  @Test func `where nothing is found the page says so`() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(Image(width: 64, height: 64).encoded(as: .png), to: "a.png")
    let sure = predictions(path, right: 0.75, wrong: nil)
    let nothing = predictions(path, right: nil, wrong: 0.2)
    let found = ComparedFindings(nothing, "after")
    #expect(!found.isBest && found.confidence == Detection.usualConfidence)
    let text = try page(sure, nothing)
    #expect(text.contains("before 0.75, after 0.3 (no box of it is right at any)."), "\(text)")
    #expect(text.contains("before: 1 box<") && text.contains("after: nothing found<"), "\(text)")
    // Without labels nothing tells which is best.
    let unknown = try page(
      predictions(path, right: 0.75, wrong: nil, labelled: false),
      predictions(path, right: nil, wrong: nil, labelled: false))
    #expect(
      unknown.contains(
        "that 'pare detect' takes, for no labels tell which is best: before 0.3, after 0.3."),
      "\(unknown)")
  }
}
