import Testing

@testable import Pruning

@Suite struct PruningVerdictTests {
  /// Ten scales of which so many are near zero, in two layers, the second without any.
  private func verdict(silent: Int, percent: Double, classes: Int? = 8) -> PruningVerdict {
    let scales = (0..<20).map { $0 < silent ? Float(0.001) : Float($0 + 1) / 10 }
    return PruningVerdict(
      scales: [Array(scales.prefix(10)), [], Array(scales.suffix(10))], classes: classes,
      percent: percent)
  }

  // 12 of 20 are near zero: all of the first layer, 2 of 10 of the third.
  @Test func `shares near zero are told layer by layer`() {
    let found = verdict(silent: 12, percent: 0.5)
    #expect(found.silentShare == 0.6)
    #expect(
      found.silentShares == [.init(layer: 0, share: 1), .init(layer: 2, share: 0.2)])
    // Of 20 the places 2, 5, 10, 14, 17 and 19.
    #expect(found.quantiles == [0.001, 0.001, 0.001, 1.5, 1.8, 2])
  }

  @Test(arguments: [
    (12, 0.5, 8, PruningVerdict.Advice.ready), (12, 0.7, 8, .trainSparser),
    (20, 0.7, 8, .strengthTooLarge), (0, 0.5, 5, .denseWithFewClasses),
    (0, 0.5, 11, .denseWithManyClasses), (0, 0.5, 8, .trainSparser), (0, 0, 8, .notJudged),
    (12, 0, 8, .notJudged),
  ])
  func `advice follows from what is near zero`(
    silent: Int, percent: Double, classes: Int, advice: PruningVerdict.Advice
  ) {
    #expect(verdict(silent: silent, percent: percent, classes: classes).advice == advice)
  }

  // 0.80 − 0.05 = 0.75: 0.76 is within, 0.7 is not, and what recovers later does not count.
  @Test func `the cliff is the first share that loses more than five points`() {
    let points = [(0.1, 0.81), (0.2, 0.76), (0.3, 0.7), (0.4, 0.79)].map {
      PruningCurve.Point(percent: $0.0, map50: $0.1)
    }
    #expect(PruningCurve(original: 0.8, points: points).cliff == 0.3)
    #expect(PruningCurve(original: 0.8, points: Array(points.prefix(2))).cliff == nil)
  }
}
