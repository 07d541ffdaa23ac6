import Testing

@testable import Boxes

@Suite struct DifferenceJudgementTests {
  /// A result whose interval reaches as far to both sides.
  private func result(_ before: Double, _ after: Double, reach: Double) -> BootstrapResult {
    BootstrapResult(
      metric: .map, images: 50, resamples: 1000, level: 0.95, baseline: before, candidate: after,
      meanDifference: after - before, lower: after - before - reach,
      upper: after - before + reach)
  }

  // 0.125 / 18 is the square of 1 / 12, 0.125 / 2 that of 1 / 4.
  @Test func `what can be told apart follows from the number of objects`() {
    #expect(abs(BootstrapResult.usualReach(objects: 18) - 1.96 / 12) < 1e-12)
    #expect(abs(BootstrapResult.usualReach(objects: 2) - 1.96 / 4) < 1e-12)
    #expect(BootstrapResult.usualReach(objects: 0).isFinite)
  }

  // Intervals that hold zero: half of the interval decides, 0.03 is narrow. Others: a point is
  // small, and a twentieth of what there was; below 0.01 there is nothing to lose.
  @Test(arguments: [
    (0.5, 0.5, 0.01, DifferenceJudgement.noDifference), (0.5, 0.52, 0.029, .noDifference),
    (0.5, 0.475, 0.029, .noDifference), (0.5, 0.475, 0.031, .unclear), (0.5, 0.4, 0.2, .unclear),
    (0.5, 0.52, 0.01, .gain), (0, 0.4, 0.1, .gain), (0.5, 0.4951, 0.001, .smallLoss),
    (0.5, 0.4899, 0.001, .loss), (0.5, 0, 0.1, .loss), (0.0099, 0, 0.001, .nothingToLose),
    (0, 0, 0, .nothingToLose), (0.2, 0.191, 0.001, .smallLoss), (0.2, 0.189, 0.001, .loss),
    // Half of little is much.
    (0.0163, 0.0071, 0.001, .loss), (0.01, 0, 0.001, .loss),
  ])
  func `a difference is judged by its interval`(
    before: Double, after: Double, reach: Double, judgement: DifferenceJudgement
  ) {
    #expect(result(before, after, reach: reach).judgement == judgement)
  }

  // 2 / 2⁵ is 0.0625, 2 / 2⁶ 0.03125; 2 / 2⁴ is 0.125.
  @Test func `pictures that are too few show nothing, however narrow the interval`() {
    for (level, fewest) in [(0.95, 6), (0.9, 5), (0.99, 8)] {
      for (before, after) in [(0.2, 0.4), (0.4, 0.2), (0.4, 0.4)] {
        var few = result(before, after, reach: 0.001)
        (few.level, few.imagesWithObjects) = (level, fewest - 1)
        #expect(few.judgement == .unclear && !few.showsDifference && few.fewestImages == fewest)
        few.candidate = 0.009
        #expect(few.judgement == .loss, "next to nothing is left")
        few.candidate = after
        few.imagesWithObjects = fewest
        #expect(few.judgement != .unclear && few.showsDifference == (before != after))
      }
    }
  }

  // 0.6 and 1.4 points with the same interval: neither is called little, nor much.
  @Test func `like losses are judged alike`() {
    let losses = [0.006, 0.01, 0.0101, 0.014].map {
      result(0.5, 0.5 - $0, reach: 0.02).judgement
    }
    #expect(Set(losses) == [.noDifference])
  }

  // mAP@0.5:0.95 within ±2 points, mAP@0.5 within ±8.
  @Test func `a figure that may have lost much is not overlooked for the other`() {
    func found(_ map50: Double, reach: Double = 0.08) -> DifferenceJudgement? {
      var other = result(0.45, map50, reach: reach)
      other.metric = .map50
      return [other, result(0.2, 0.2, reach: 0.02)].judgement
    }
    #expect(found(0.45) == .noDifference && found(0.441) == .noDifference)
    #expect(found(0.38) == .unclear && found(0.30) == .loss)
    #expect(found(0.435, reach: 0.02) == .noDifference)
    #expect([result(0.4, 0.3, reach: 0.01), result(0.2, 0.21, reach: 0.1)].worst?.candidate == 0.3)
  }

  @Test func `a detector below 0.2 is too poor to be used, and below 0.5 of little use`() {
    func quality(_ map50: Double) -> DetectionQuality {
      .init(map50: map50, map: 0.1, precision: 0.5, recall: 0.5, confidence: 0.1)
    }
    #expect(quality(0.1999).isPoor && !quality(0.2).isPoor)
    let worths = [0, 0.1999, 0.2, 0.4999, 0.5, 1].map { quality($0).worth }
    #expect(worths == [.poor, .poor, .low, .low, .useful, .useful])
  }
}
