import Testing

@testable import Boxes

@Suite struct AnchorClusteringTests {
  /// Sizes around three centres, 5 % apart at most.
  private func threeKinds() -> [BoxSize] {
    var random = RandomBoxes(seed: 24)
    return [(10, 14), (60, 30), (120, 200)].flatMap { width, height in
      (0..<50).map { _ in
        BoxSize(
          width: width * random.number(in: 0.95...1.05),
          height: height * random.number(in: 0.95...1.05))
      }
    }
  }

  @Test(arguments: AnchorClustering.Method.allCases)
  func `clear clusters are found, from the smallest up`(method: AnchorClustering.Method) throws {
    for seed in 0..<5 as Range<UInt64> {
      let anchors = try AnchorClustering(count: 3, method: method, seed: seed)(threeKinds())
      for (anchor, expected) in zip(anchors, [(10, 14), (60, 30), (120, 200)] as [(Float, Float)]) {
        #expect(abs(anchor.width / expected.0 - 1) < 0.05)
        #expect(abs(anchor.height / expected.1 - 1) < 0.05)
      }
    }
  }

  @Test func `as many sizes as anchors are their own anchors`() throws {
    let sizes = [BoxSize(width: 90, height: 20), BoxSize(width: 4, height: 5)]
    let anchors = try AnchorClustering(count: 2, mutations: 0)(sizes + sizes + [sizes[0]])
    #expect(anchors == [sizes[1], sizes[0]])
  }

  @Test(arguments: AnchorClustering.Method.allCases)
  func `changes never make the fit worse, and the seed decides them`(
    method: AnchorClustering.Method
  ) throws {
    var random = RandomBoxes(seed: 25)
    let sizes = (0..<400).map { _ in
      BoxSize(width: random.number(in: 3...200), height: random.number(in: 3...200))
    }
    var clustering = AnchorClustering(count: 6, method: method, mutations: 0, seed: 1)
    let plain = try clustering(sizes)
    clustering.mutations = 300
    let refined = try clustering(sizes)
    #expect(clustering.fitness(of: refined, for: sizes) > clustering.fitness(of: plain, for: sizes))
    #expect(try clustering(sizes) == refined)
    clustering.seed = 2
    #expect(try clustering(sizes) != refined)
  }

  // With 10 × 10: 10 × 10 has IoU 1; 20 × 10 has 100/200; 5 × 2 has 10/100; 30 × 20 has 100/600.
  @Test func `recall and fit of a worked example`() {
    let anchors = [BoxSize(width: 10, height: 10)]
    let sizes = [(10, 10), (20, 10), (5, 2), (30, 20)].map { BoxSize(width: $0, height: $1) }
    #expect(AnchorClustering.bestPossibleRecall(of: sizes, anchors: anchors) == 0.5)
    #expect(
      AnchorClustering.bestPossibleRecall(of: sizes, anchors: anchors, threshold: 0.5) == 0.25)
    #expect(
      AnchorClustering.bestPossibleRecall(of: sizes, anchors: anchors, threshold: 0.12) == 0.75)
    #expect(AnchorClustering.bestPossibleRecall(of: [], anchors: anchors) == 0)
    let iou = AnchorClustering(count: 1).fitness(of: anchors, for: sizes)
    #expect(abs(iou - (1 + 0.5 + 0.1 + 1.0 / 6) / 4) < 1e-6)
    // IoU up to 0.20 counts nothing.
    let legacy = AnchorClustering(count: 1, method: .legacy).fitness(of: anchors, for: sizes)
    #expect(abs(legacy - (1 + 0.5) / 4) < 1e-6)
  }

  @Test(arguments: AnchorClustering.Method.allCases)
  func `too few sizes are refused`(method: AnchorClustering.Method) {
    let sizes = [
      BoxSize(width: 3, height: 4), BoxSize(width: 3, height: 4), BoxSize(width: 5, height: 5),
      BoxSize(width: 0, height: 5), BoxSize(width: .nan, height: 5),
      BoxSize(width: .infinity, height: 5), BoxSize(width: -2, height: 5),
    ]
    let error = #expect(throws: BoxesError.tooFewSizes(found: 2, needed: 3)) {
      try AnchorClustering(count: 3, method: method)(sizes)
    }
    #expect(
      error?.description
        == "3 anchors need at least as many different sizes of objects, found 2: label more, or go on "
        + "with the anchors that the cfg has")
    #expect(throws: Never.self) { try AnchorClustering(count: 2, method: method)(sizes) }
  }

  @Test func `many sizes are looked at in part`() throws {
    var random = RandomBoxes(seed: 26)
    let sizes = (0..<30_001).map { _ in
      BoxSize(width: random.number(in: 3...200), height: random.number(in: 3...200))
    }
    let anchors = try AnchorClustering(count: 2, mutations: 5)(sizes)
    #expect(AnchorClustering.bestPossibleRecall(of: sizes, anchors: anchors) > 0.7)
  }

  // Mean 0 and variance 1, each within four standard errors: 1/√n and √(2/n).
  @Test func `normal numbers have the right spread`() {
    var generator = SeededGenerator(seed: 27)
    let values = (0..<10_000).map { _ in generator.normal() }
    let mean = values.reduce(0, +) / 10_000
    #expect(abs(mean) < 0.04)
    #expect(abs(values.reduce(0) { $0 + $1 * $1 } / 10_000 - 1) < 0.057)
  }
}
