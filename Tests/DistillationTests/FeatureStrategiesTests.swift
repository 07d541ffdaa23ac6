import Foundation
import Testing
import Torch

@testable import Distillation

@Suite struct FeatureStrategiesTests {
  static let ln2 = log(2.0)

  /// Entropy of a choice between two.
  func entropy(_ p: Double) -> Double { -p * log(p) - (1 - p) * log(1 - p) }
  func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

  func batch(
    _ student: Tensor, _ teacher: Tensor, _ place: FeaturePair.Place = .neck
  ) throws -> DistillationBatch {
    let toy = try TwoCells()
    let view = try toy.view([0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0])
    return DistillationBatch(
      heads: [try toy.pair(view, view)], features: [try features(student, teacher, place)],
      targets: try TwoCells.targets())
  }

  // Maps 1, 1 and 1, 3: relative to their means 1, 1 and 1/2, 3/2, so the teacher's softmax is
  // σ(1).
  @Test func `maps are compared relative to their means`() throws {
    let batch = try batch(feature([1, -1]), feature([-1, 3]))
    let found = try BoxClassFeatureStrategy().losses(batch, parameters: [:])
    expectClose(try found.value("features"), Self.ln2 - entropy(sigmoid(1)))
    #expect(found.terms.map(\.name) == ["classes", "boxes", "features"])
  }

  // Two channels: 1 + 1, 1 + 1 and 2 + 1, 1 + 0; a difference of 2 over a temperature of 3.
  @Test func `maps as before are sums over channels`() throws {
    let batch = try batch(feature([1, 1], [-1, 1]), feature([2, 1], [1, 0]))
    let strategy = try #require(BoxClassFeatureStrategy.legacy)
    let found = try strategy.losses(batch, parameters: [:])
    expectClose(try found.value("features"), 9 * (Self.ln2 - entropy(sigmoid(2.0 / 3))))
    #expect(try found.weight("features") == 0.001)
  }

  // The map has cells of 8 pixels, so the object's cell of 16 covers 2 × 2 of them: the left half.
  // The teacher's map there is 1, 1, 1, 5 and elsewhere 2: mean 2, so 1/2, 1/2, 1/2, 5/2.
  @Test func `fine-grained looks at the cells of objects alone`() throws {
    let student = try Tensor([Double](repeating: 1, count: 8), shape: [1, 1, 2, 4])
    let teacher = try Tensor([1, 1, 2, 2, 1, 5, 2, 2] as [Double], shape: [1, 1, 2, 4])
    let found = try FineGrainedStrategy().losses(batch(student, teacher), parameters: [:])
    let weights = [1, 1, 1, exp(2.0)]
    let sum = weights.reduce(0, +)
    expectClose(
      try found.value("features"), weights.reduce(0) { $0 + $1 / sum * log($1 / sum * 4) })

    // As before the rest takes part as zeros: 4 of them beside 1, 1, 1, 5, and beside ones.
    let strategy = try #require(FineGrainedStrategy.legacy)
    let legacy = try strategy.losses(batch(student, teacher), parameters: [:])
    let t = [1, 1, 1, 5, 0, 0, 0, 0].map { exp($0 / 3.0) }
    let s = [1, 1, 1, 1, 0, 0, 0, 0].map { exp($0 / 3.0) }
    let (sumT, sumS) = (t.reduce(0, +), s.reduce(0, +))
    expectClose(
      try legacy.value("features"),
      9 * zip(t, s).reduce(0) { $0 + $1.0 / sumT * log($1.0 / sumT / ($1.1 / sumS)) })
  }

  // Squares 1, 1 and 3, 4, of length 1: √½, √½ and 0.6, 0.8.
  @Test func `attention compares maps of length one`() throws {
    let root = 0.5.squareRoot()
    let expected = (0.6 - root) * (0.6 - root) + (0.8 - root) * (0.8 - root)
    let batch = try batch(feature([1, -1]), feature([sqrt(3.0), -2]), .backbone)
    let found = try AttentionStrategy().losses(batch, parameters: [:])
    expectClose(try found.value("attention"), expected)

    for (number, weight) in [(1, 1e4), (2, 1e6), (3, 1e6), (4, 1e3), (5, 1e3), (10, 1e6)] {
      let strategy = try #require(AttentionStrategy.legacy(number: number))
      let legacy = try strategy.losses(batch, parameters: [:])
      #expect(legacy.terms.map(\.name) == strategy.lossNames)
      // Of number 10 only the object's place is left: of length 1 in both.
      expectClose(try legacy.value("attention"), number == 10 ? 0 : weight * expected / 2)
      #expect(strategy.lossNames.count == ([1, 2].contains(number) ? 1 : 3))
    }
    #expect(AttentionStrategy.legacy(number: 6) == nil)
  }

  // The mean over channels of 1, 1 and 5, 1: 3, 1; of length 1: 3/√10, 1/√10.
  @Test func `attention does not depend on widths`() throws {
    let narrow = try feature([sqrt(3.0), 1])
    let wide = try feature([1, 1], [sqrt(5.0), 1])
    let found = try AttentionStrategy().losses(batch(narrow, wide), parameters: [:])
    expectClose(try found.value("attention"), 0)
  }

  // Differences of 4·ln 3 between two places over a temperature of 4: 1/4 and 3/4 against halves.
  @Test func `channel-wise compares where each channel is strong`() throws {
    let four = 4 * log(3.0)
    let batch = try batch(feature([0, 0], [7, 7]), feature([0, four], [1, 1]))
    let found = try ChannelWiseStrategy().losses(batch, parameters: [:])
    // Of two channels one differs.
    expectClose(try found.value("channels"), 16 * (Self.ln2 - entropy(0.75)) / 2)
  }

  @Test func `pearson is one less the correlation`() throws {
    func value(_ student: Tensor, _ teacher: Tensor) throws -> Double {
      try PearsonStrategy().losses(batch(student, teacher), parameters: [:]).value("features")
    }
    expectClose(try value(feature([500, 100]), feature([1000, 3000])), 2)
    expectClose(try value(feature([100, 300]), feature([-400, 3000])), 0)
    // Over four places, orthogonal: correlation 0. The mean with a channel of correlation 1.
    expectClose(
      try value(
        feature([90, -90, 90, -90], [0, 0, 90, 0]),
        feature([70, 70, -70, -70], [1e5, 1e5, 0, 1e5])),
      (1 + 2) / 2.0, within: 1e-5)
    // A dead channel has no correlation: the other one's variance, 1, halved.
    expectClose(try value(feature([0, 0]), feature([1000, 3000])), 0.5)
  }

  // |t| / T = 6, 2: places 2·σ(4), 2·σ(−4). |s| / T = 2, 4: 2·σ(−2), 2·σ(2). One channel, of weight 1.
  // The object touches the first place: squares 4 there, 1 outside. R(F) starts at F.
  @Test func `focal-global parts objects from their surroundings`() throws {
    let strategy = FocalGlobalStrategy()
    let batch = try batch(feature([1, 2]), feature([3, 1]))
    let parameters = try strategy.parameters(
      for: batch.features.map(\.pair), generator: Generator(seed: 1))
    let values = try Dictionary(
      uniqueKeysWithValues: parameters.map { ($0.name, try $0.value.to(.float64)) })
    let found = try strategy.losses(batch, parameters: values)
    expectClose(try found.value("foreground"), 4 * 2 * sigmoid(4))
    expectClose(try found.value("background"), 2 * sigmoid(-4))
    expectClose(try found.value("attention"), 2 * 2 * (sigmoid(4) - sigmoid(-2)))
    expectClose(try found.value("global"), 5)
  }

  // Two channels and a key that looks at the first: places weigh σ(−1), σ(1) of 0, 1. The context
  // is (σ(1), 2 + σ(1)·2); W₁ takes (first, second) to one channel, whose normalization is 0, plus
  // shift 3; W₂ gives (3·1, 3·2) + bias.
  @Test func `the context block adds what the whole map says`() throws {
    let pair = FeaturePair(
      studentLayer: 4, teacherLayer: 9, studentWidth: 2, teacherWidth: 2, stride: 8, place: .neck)
    let x = try feature([0, 1], [2, 4])
    func kernel(_ values: [Double], _ shape: [Int]) throws -> Tensor {
      try Tensor(values, shape: shape)
    }
    let parameters = [
      "4-9.key.weight": try kernel([1, 0], [1, 2, 1, 1]),
      "4-9.first.weight": try kernel([1, 1], [1, 2, 1, 1]),
      "4-9.first.bias": try kernel([0], [1]),
      "4-9.norm.scale": try kernel([1], [1, 1, 1, 1]),
      "4-9.norm.shift": try kernel([3], [1, 1, 1, 1]),
      "4-9.second.weight": try kernel([1, 2], [2, 1, 1, 1]),
      "4-9.second.bias": try kernel([0.5, 0], [2]),
    ]
    let found = try ContextBlock(pair)(x, parameters).toDoubles()
    zip(found, [3.5, 4.5, 8, 10]).forEach { expectClose($0, $1) }
  }

  // Middle taps 1 and 2 and a bias of ½: what is shown becomes 2·max(s, 0) + ½, what is hidden ½.
  @Test func `masked generates the teacher's features from what is shown`() throws {
    let batch = try batch(feature([1, -1]), feature([2, 1]))
    func kernel(_ middle: Double) throws -> Tensor {
      try Tensor([0, 0, 0, 0, middle, 0, 0, 0, 0], shape: [1, 1, 3, 3])
    }
    let parameters = [
      "0-0.first.weight": try kernel(1), "0-0.first.bias": try Tensor([0.0]),
      "0-0.second.weight": try kernel(2), "0-0.second.bias": try Tensor([0.5]),
    ]
    var strategy = MaskedStrategy()
    strategy.hiddenShare = 0
    // 2.5 and 0.5 beside 2 and 1.
    expectClose(
      try strategy.losses(batch, parameters: parameters).value("features"), 0.25 + 0.25)
    strategy.hiddenShare = 1
    expectClose(
      try strategy.losses(batch, parameters: parameters).value("features"), 2.25 + 0.25)
  }

  @Test func `what masked hides follows from the batch's seed`() throws {
    let strategy = MaskedStrategy()
    var batch = try batch(
      feature((1...64).map(Double.init)), feature((1...64).map { -Double($0) }))
    let parameters = try strategy.parameters(
      for: batch.features.map(\.pair), generator: Generator(seed: 3))
    let values = try Dictionary(
      uniqueKeysWithValues: parameters.map { ($0.name, try $0.value.to(.float64)) })
    #expect(values["0-0.first.weight"]?.shape == [1, 1, 3, 3])
    func value(_ seed: UInt64) throws -> Double {
      batch.seed = seed
      return try strategy.losses(batch, parameters: values).value("features")
    }
    let first = try value(1)
    #expect(try value(1) == first)
    #expect(try value(2) != first)
  }

  // Standardized −1, 1 and 1, −1 over a temperature of 2: σ(1) against σ(−1), whose divergence is
  // (σ(1) − σ(−1))·1.
  @Test func `auto is binary on the heads and standardized channels on the neck`() throws {
    let batch = try batch(feature([500, 100]), feature([1000, 3000]))
    let found = try AutoStrategy().losses(batch, parameters: [:])
    #expect(found.terms.map(\.name) == ["objectness", "classes", "boxes", "channels"])
    expectClose(try found.value("channels"), 4 * (sigmoid(1) - sigmoid(-1)))
    expectClose(try found.value("objectness"), 0)

    var headsAlone = batch
    headsAlone.features = []
    expectClose(try AutoStrategy().losses(headsAlone, parameters: [:]).value("channels"), 0)
  }
}
