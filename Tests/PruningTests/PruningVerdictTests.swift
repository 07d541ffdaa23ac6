import Testing

@testable import Pruning

@Suite struct PruningVerdictTests {
  /// Twenty scales of which so many are near zero, in two of three layers; the smallest go.
  private func verdict(silent: Int, going: Int, classes: Int? = 8) -> PruningVerdict {
    let scales = (0..<20).map { $0 < silent ? Float(0.001) : Float($0 + 1) / 10 }
    return PruningVerdict(
      scales: [Array(scales.prefix(10)), [], Array(scales.suffix(10))], classes: classes,
      going: Array(scales.prefix(going)))
  }

  // 12 of 20 are near zero: all of the first layer, 2 of 10 of the third.
  @Test func `shares near zero are told layer by layer`() {
    let found = verdict(silent: 12, going: 10)
    #expect(found.silentShare == 0.6)
    #expect(
      found.silentShares == [.init(layer: 0, share: 1), .init(layer: 2, share: 0.2)])
    // Of 20 the places 2, 5, 10, 14, 17 and 19.
    #expect(found.quantiles == [0.001, 0.001, 0.001, 1.5, 1.8, 2])
  }

  @Test(arguments: [
    (12, 12, 8, PruningVerdict.Advice.ready), (12, 15, 8, .trainSparser(atWork: 0.2)),
    (20, 14, 8, .strengthTooLarge), (0, 10, 5, .denseWithFewClasses),
    (0, 10, 11, .denseWithManyClasses), (0, 10, 8, .trainSparser(atWork: 1)),
    (0, 0, 8, .notJudged), (12, 0, 8, .notJudged),
  ])
  func `advice follows from the scales of what is to go`(
    silent: Int, going: Int, classes: Int, advice: PruningVerdict.Advice
  ) {
    #expect(verdict(silent: silent, going: going, classes: classes).advice == advice)
  }

  // Half at 0.2, so that Σγ² / Σ|γ| is 0.2 and 2 % of it 0.004; one of two hundred does not count.
  @Test func `near zero is little beside what is at work`() {
    func advice(_ going: Float, others: Int = 1, at work: Float = 0.2) -> PruningVerdict.Advice {
      let scales = Array(repeating: work, count: 500) + Array(repeating: 0, count: 500)
      return PruningVerdict(
        scales: [scales], classes: 20, going: [going] + Array(repeating: 0, count: others)
      ).advice
    }
    #expect(advice(0.0039) == .ready)
    #expect(advice(0.0041) == .trainSparser(atWork: 0.5))
    #expect(advice(0.0041, others: 199) == .ready)
    // More than five times the limit is at work, however few.
    #expect(advice(0.021, others: 199) == .trainSparser(atWork: 0.005))
    #expect("\(advice(.infinity, others: 199))".hasPrefix("train sparser: 1 %"))
    // 2 % of 2 is 0.04: 0.01 is the limit.
    #expect(advice(0.0099, at: 2) == .ready)
    #expect(advice(0.011, at: 2) == .trainSparser(atWork: 0.5))
    #expect("\(advice(0.0041))" == "train sparser: 50 % of what is to go is at work")
  }

  // Twelve of twenty channels at 0.001 and three above, five at work. Those at work at 0.1 leave the three
  // above 0.02 of that, so that they count; channels of equal worth stay or go together: up to 70 % go 12.
  @Test func `up to the harmless share nothing at work goes, and beyond it something does`() throws
  {
    for middling in [Float(0.001), 0.008, 0.015] {
      for large in [Float(1), 0.1] {
        let first = [Float](repeating: 0.001, count: 6) + [middling, middling, large, large]
        let second = [Float](repeating: 0.001, count: 6) + [middling, large, large, large]
        let (configuration, parameters) = try handNetwork(
          conv(10) + conv(10), gamma: [0: first, 1: second])
        let pruner = try Pruner(configuration, parameters)
        let percent = Int((100 * (try pruner.harmlessShare())).rounded())
        func advice(_ percent: Int) throws -> PruningVerdict.Advice {
          try pruner.verdict(PruningRequest(percent: Double(percent) / 100)).advice
        }
        #expect(try advice(percent) == .ready)
        if percent < 90 { #expect(try advice(percent + 5) != .ready) }
        if large == 0.1, middling > 0.002 { #expect(percent == 70) }
      }
    }
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
