import Darknet
import Networks
import Testing
import Training
import _TrainingSupport

@testable import Pruning

@Suite struct SparsityReachTests {
  /// A run without warm-up at a rate that stays.
  private func options(epochs: Int) -> TrainingOptions {
    var options = TrainingOptions()
    (options.epochs, options.batchSize, options.accumulationSteps) = (epochs, 4, 2)
    (options.learningRate, options.finalLearningRate, options.momentum) = (0.01, 1, 0.9)
    options.warmupBatches = 0
    return options
  }

  // 14 pictures are 4 batches, 2 steps an epoch: 20 steps of 0.01 over 1 − 0.9 are 2. A scale of 1
  // takes 0.5, one of 1.1 takes 0.55; of 1.01, 0.505 is rounded up to 0.51.
  @Test func `a strength follows from the steps of a run`() throws {
    let course = TrainingCourse(options(epochs: 10), pictures: 14)
    let reach = try #require(SparsityReach(.localEarly, .subgradient, on: course))
    #expect(abs(reach.perStrength - 2) < 1e-9)
    #expect(reach.strength(toZero: 1) == 0.5)
    #expect(reach.strength(toZero: 1.1) == 0.55)
    #expect(reach.strength(toZero: 1.01) == 0.51)
    #expect(SparsityReach(.automatic(band: 2), .subgradient, on: course) == nil)
  }

  // Four of seven are near zero, of 1, 2 and 3 the middle one is 2. With 200 steps the reach is 20, and
  // 1.5 · 2 / 20 is 0.15.
  @Test func `scales near zero need no push, and do not count`() throws {
    let course = TrainingCourse(options(epochs: 100), pictures: 14)
    let reach = try #require(SparsityReach(.localEarly, .subgradient, on: course))
    let scales: [Float] = [0.001, 3, 0, 1, 0.0099, 2, 0]
    #expect(SparsityReach.medianAtWork(scales) == 2)
    #expect(abs(reach.suggestion(for: scales) - 0.15) <= 0.0101)
    #expect(SparsityReach.medianAtWork([0, 0.001]) == nil)
    #expect(reach.suggestion(for: [0, 0.001]) == SparsityReach.usualStrength)
  }

  // What is suggested is never called too weak by the run that it is suggested for; where pictures
  // are many, the usual strength does.
  @Test(arguments: [1, 12, 104, 600, 20_000])
  func `what is suggested is strong enough`(pictures: Int) throws {
    let run = try TinyRun(pictures: 2)
    let network = try Network(run.configuration)
    let layers = try PruningScope.all.selectedLayers(network.spec)
    var options = TrainingOptions()
    (options.epochs, options.batchSize, options.accumulationSteps) = (100, 16, 1)
    let course = TrainingCourse(options, pictures: pictures)
    let reach = try #require(SparsityReach(.localEarly, .subgradient, on: course))
    let strength = try reach.suggestion(for: network.parameters(), layers: layers)
    #expect(strength >= 0.015)
    #expect((strength == 0.015) == (pictures > 200))
    func outlook(_ strength: Double) throws -> [String] {
      let technique = SparsityTechnique(
        strength: strength, layers: layers, schedule: .localEarly)
      try technique.attach(to: network)
      return try technique.outlook(on: course)
    }
    #expect(try outlook(strength).isEmpty)
    // A third of it does not reach far enough where it is more than the usual one.
    #expect(try outlook(strength / 3).isEmpty == (pictures > 200))
    // Who is told that a push is too weak hears the same figure.
    if pictures <= 200 {
      let line = try #require(try outlook(strength / 3).first)
      #expect(line.contains("a strength of \(strength)"), "\(line)")
    }
  }
}
