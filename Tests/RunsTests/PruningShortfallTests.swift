import Boxes
import Testing

@testable import Runs

@Suite struct PruningShortfallTests {
  private func quality(_ map50: Double) -> DetectionQuality {
    DetectionQuality(map50: map50, map: map50 / 2, precision: 0.5, recall: 0.5, confidence: 0.1)
  }

  // A sparse network of 0.3607 pruned to 0.3278, from a dense one of 0.4393: 11.15 points.
  @Test func `a network behind the one that it comes from is to be trained before use`() throws {
    let origin = PruningOrigin(name: "runs/dense", map50: 0.4393)
    let found = try #require(PruningShortfall(quality(0.3278), origin: origin))
    #expect(found.isBehind && found.worth == .low)
    #expect(found.words == "the network is of little use yet; train it before use")
    let useful = try #require(
      PruningShortfall(quality(0.55), origin: PruningOrigin(name: "runs/dense", map50: 0.6)))
    #expect(useful.isBehind && useful.words == "fine-tune before use")
    let words = "mAP@0.5 of runs/dense, which it comes from, is 0.4393, "
    #expect(origin.words(beside: 0.3278) == words + "11.2 points more")
    #expect(origin.words(beside: 0.4493) == words + "1.0 points less")
    #expect(origin.words(beside: 0.4394) == words + "as much")
  }

  @Test(
    arguments: [(0.1, DetectionQuality.Worth.poor), (0.45, .low)]
      as [(Double, DetectionQuality.Worth)])
  func `a network of little use is trained before use, whatever pruning cost`(
    map50: Double, worth: DetectionQuality.Worth
  ) throws {
    let found = try #require(PruningShortfall(quality(map50), origin: nil))
    #expect(found.worth == worth && !found.isBehind && found.words.contains("train it "))
  }

  // A point, and a twentieth, are what two trainings of one network differ by.
  @Test func `a network of use that is not behind may be used`() {
    #expect(PruningShortfall(quality(0.6), origin: nil) == nil)
    func found(beside map50: Double) -> PruningShortfall? {
      PruningShortfall(quality(0.6), origin: PruningOrigin(name: "a", map50: map50))
    }
    #expect(found(beside: 0.605) == nil && found(beside: 0.5) == nil)
    #expect(found(beside: 0.62) != nil)
  }
}
