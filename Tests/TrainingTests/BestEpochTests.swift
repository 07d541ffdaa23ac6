import Testing

@testable import Training

@Suite struct BestEpochTests {
  // Of a share of 0.8 of 36 objects the standard error is √(0.8 · 0.2 / 36) = 0.4 / 6, half of it 1/30.
  @Test func `half a standard error is chance`() {
    let few = BestEpoch(objects: 36, start: nil)
    #expect(abs(few.chance(of: 0.8) - 1.0 / 30) < 1e-12)
    #expect(few.chance(of: 0) == 0 && few.chance(of: 1) == 0)
    #expect(BestEpoch(objects: 0, start: nil).chance(of: 0.5) == 0.25)
  }

  // Within 0.0333 of 0.8 is 0.77, and 0.76 is not.
  @Test func `the latest within chance of the highest is the best`() {
    let few = BestEpoch(objects: 36, start: nil)
    var (highest, best) = (nil as Double?, -1)
    for (epoch, map50) in [0.3, 0.8, 0.75, 0.77, 0.76, 0.7].enumerated() {
      if few.takes(map50, after: highest) { best = epoch }
      highest = max(highest ?? 0, map50)
    }
    #expect(best == 3)
    // Of 3,600 objects chance is a tenth of that.
    #expect(!BestEpoch(objects: 3600, start: nil).takes(0.77, after: 0.8))
    #expect(BestEpoch(objects: 3600, start: nil).takes(0.797, after: 0.8))
    #expect(few.takes(0, after: nil) && few.takes(0, after: 0))
    // Of 0.006 half a standard error is 0.0064, so that 0.0001 is within it, and 0 is too.
    #expect(few.takes(0.0001, after: 0.006) && !few.takes(0, after: 0.006))
  }

  @Test func `what a run began with has to be beaten, be it within chance`() {
    let rule = BestEpoch(objects: 36, start: 0.79)
    #expect(!rule.takes(0.78, after: nil) && !rule.takes(0.79, after: nil))
    #expect(rule.takes(0.8, after: nil) && rule.takes(0.795, after: 0.8))
    #expect(!rule.takes(0.78, after: 0.8))
  }

  // 0.2588 is within chance of 0.2892 on 50 objects, √(0.2892·0.7108/50)/2 = 0.032; but the learning
  // rate rises again.
  @Test func `what is kept when a run is made longer has to be beaten`() throws {
    var options = TrainingOptions()
    options.epochs = 30
    var state = Checkpoint.State(
      options: options, configurationHash: "", dataFingerprint: "", environment: "")
    state.best = EpochFigures(epoch: 28, losses: [], learningRate: 0, imagesPerSecond: 1)
    state.best?.map50 = 0.2892
    state.take(options)
    #expect(state.kept == nil)
    #expect(BestEpoch(objects: 50, start: state.kept).takes(0.2588, after: 0.2892))
    options.epochs = 100
    state.take(options)
    #expect(state.kept == 0.2892 && state.options.epochs == 100)
    let rule = BestEpoch(objects: 50, start: state.kept)
    #expect(!rule.takes(0.2588, after: 0.2892) && rule.takes(0.29, after: 0.2892))
    // Until it is made longer again that holds.
    state.best?.map50 = 0.31
    state.take(options)
    #expect(state.kept == 0.2892)
  }
}
