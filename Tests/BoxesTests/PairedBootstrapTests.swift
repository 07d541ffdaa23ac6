import Testing

@testable import Boxes

@Suite struct PairedBootstrapTests {
  private typealias Picture = (groundTruths: [GroundTruth], detections: [Detection])

  private func pictures(_ count: Int, seed: UInt64) -> [Picture] {
    var random = RandomBoxes(seed: seed)
    // Confidences without ties: the order of tied copies is nobody's.
    return (0..<count).map { _ in random.picture(classes: 3, steps: 1 << 22) }
  }

  private func evaluator(
    _ style: EvaluationStyle, _ pictures: [Picture], counts: [Int]? = nil
  ) -> DetectionEvaluator {
    var evaluator = DetectionEvaluator(style: style, classCount: 3)
    for (index, picture) in pictures.enumerated() {
      for _ in 0..<(counts?[index] ?? 1) {
        evaluator.add(detections: picture.detections, groundTruths: picture.groundTruths)
      }
    }
    return evaluator
  }

  /// The same ground truths, with fewer right detections.
  private func worse(_ pictures: [Picture]) -> [Picture] {
    pictures.map { picture in
      let weak = picture.detections.enumerated().filter { $0.offset % 3 != 2 }.map(\.element)
      return (picture.groundTruths, weak)
    }
  }

  @Test(arguments: EvaluationStyle.allCases)
  func `a draw equals evaluating the drawn pictures afresh`(style: EvaluationStyle) {
    let pictures = pictures(15, seed: 9)
    let whole = evaluator(style, pictures)
    var at50 = ResampledPrecision(whole, metric: .map50)
    var overAll = ResampledPrecision(whole, metric: .map)
    var generator = SeededGenerator(seed: 10)
    for _ in 0..<50 {
      var counts = Array(repeating: 0, count: 15)
      for _ in 0..<15 { counts[generator.index(below: 15)] += 1 }
      let afresh = evaluator(style, pictures, counts: counts).evaluate()
      #expect(abs((at50.mean(counts: counts) ?? -1) - afresh.map50) < 1e-9)
      #expect(abs((overAll.mean(counts: counts) ?? -1) - afresh.map) < 1e-9)
    }
  }

  @Test(arguments: EvaluationStyle.allCases)
  func `mean and interval equal those of evaluating every draw afresh`(
    style: EvaluationStyle
  ) throws {
    let old = pictures(12, seed: 11)
    let new = worse(old)
    let bootstrap = PairedBootstrap(resamples: 101, level: 0.9, seed: 12)
    let result = try bootstrap(
      baseline: evaluator(style, old), candidate: evaluator(style, new))
    var generator = SeededGenerator(seed: 12)
    let differences = (0..<101).map { _ in
      var counts = Array(repeating: 0, count: 12)
      for _ in 0..<12 { counts[generator.index(below: 12)] += 1 }
      return evaluator(style, new, counts: counts).evaluate().map50
        - evaluator(style, old, counts: counts).evaluate().map50
    }.sorted()
    #expect(abs(result.meanDifference - differences.reduce(0, +) / 101) < 1e-9)
    // 100 steps between 101 values: the 5th and the 95th.
    #expect(abs(result.lower - differences[5]) < 1e-9)
    #expect(abs(result.upper - differences[95]) < 1e-9)
    #expect(abs(result.baseline - evaluator(style, old).evaluate().map50) < 1e-9)
    #expect(abs(result.candidate - evaluator(style, new).evaluate().map50) < 1e-9)
    #expect(result.images == 12 && result.resamples == 101)
  }

  @Test func `a detector differs from itself by nothing`() throws {
    let same = evaluator(.coco, pictures(20, seed: 13))
    let result = try PairedBootstrap(resamples: 200)(baseline: same, candidate: same)
    #expect(result.meanDifference == 0 && result.lower == 0 && result.upper == 0)
  }

  @Test func `the seed decides the draws`() throws {
    let pictures = pictures(20, seed: 14)
    let (old, new) = (evaluator(.voc12, pictures), evaluator(.voc12, worse(pictures)))
    func run(_ seed: UInt64) throws -> BootstrapResult {
      try PairedBootstrap(resamples: 100, seed: seed)(baseline: old, candidate: new)
    }
    #expect(try run(1) == run(1))
    #expect(try run(1) != run(2))
  }

  // Each picture has one object; the baseline finds all, the candidate all but the first. With one
  // class and voc12, mAP is the share found: the difference of a draw is −(draws of the first) /
  // 30. The number of draws is binomial (30, 1/30): mean 1; at least 0; above 3 in 1.8 % of the
  // draws.
  @Test func `the interval of a known distribution`() throws {
    var (old, new) = (
      DetectionEvaluator(style: .voc12, classCount: 1),
      DetectionEvaluator(style: .voc12, classCount: 1)
    )
    let box = Box(x1: 0, y1: 0, x2: 10, y2: 10)
    for index in 0..<30 {
      let found = Detection(box: box, classIndex: 0, confidence: 0.5)
      let truth = GroundTruth(box: box, classIndex: 0)
      old.add(detections: [found], groundTruths: [truth])
      new.add(detections: index == 0 ? [] : [found], groundTruths: [truth])
    }
    let result = try PairedBootstrap(resamples: 4000)(baseline: old, candidate: new)
    // Standard error of the mean: √(29/30) / 30 / √4000 = 0.0005.
    #expect(abs(result.meanDifference + 1.0 / 30) < 0.0025)
    #expect(abs(result.lower + 3.0 / 30) < 1e-9)
    #expect(result.upper == 0)
  }

  @Test func `what cannot be paired is refused`() {
    let pictures = pictures(6, seed: 15)
    let whole = evaluator(.coco, pictures)
    let bootstrap = PairedBootstrap(resamples: 10)
    #expect(throws: BoxesError.differentImageCounts(6, 5)) {
      try bootstrap(baseline: whole, candidate: evaluator(.coco, Array(pictures.dropLast())))
    }
    #expect(throws: BoxesError.differentRules) {
      try bootstrap(baseline: whole, candidate: evaluator(.legacy, pictures))
    }
    #expect(throws: BoxesError.differentGroundTruths(image: nil)) {
      try bootstrap(baseline: whole, candidate: evaluator(.coco, pictures.reversed()))
    }
    let empty = evaluator(.coco, pictures.map { ([], $0.detections) })
    #expect(throws: BoxesError.nothingToFind) {
      try bootstrap(baseline: empty, candidate: empty)
    }
  }
}
