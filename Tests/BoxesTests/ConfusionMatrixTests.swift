import Testing

@testable import Boxes

@Suite struct ConfusionMatrixTests {
  private let cat = 0
  private let dog = 1

  private func truth(_ x: Float, _ classIndex: Int, isCrowd: Bool = false) -> GroundTruth {
    GroundTruth(
      box: Box(x1: x, y1: 0, x2: x + 10, y2: 10), classIndex: classIndex, isCrowd: isCrowd)
  }

  private func detection(_ x: Float, _ classIndex: Int, _ confidence: Float) -> Detection {
    Detection(
      box: Box(x1: x, y1: 0, x2: x + 10, y2: 10), classIndex: classIndex, confidence: confidence)
  }

  /// Cats at 0 and 20, dogs at 40 and 60. Found: the cat at 0 (0), twice (1, overlap 9/11); the cat
  /// at 20 as a dog (2); the dog at 40 as a dog (3), and, surer, as a cat (4); the dog at 60 below
  /// the confidence (5); nothing at 90 (6).
  private var example: (detections: [Detection], truths: [GroundTruth]) {
    (
      [
        detection(0, cat, 0.9), detection(1, cat, 0.8), detection(20, dog, 0.7),
        detection(40, dog, 0.6), detection(40, cat, 0.95), detection(60, dog, 0.1),
        detection(90, dog, 0.5),
      ], [truth(0, cat), truth(20, cat), truth(40, dog), truth(60, dog)]
    )
  }

  @Test func `a worked picture`() {
    let (detections, truths) = example
    let matching = PictureMatching(detections, truths, confidence: 0.25)
    let found = matching.found.map { [$0.detection, $0.truth] }
    #expect(Set(found) == Set([[0, 0], [3, 2]]))
    let confused = matching.confused.map { [$0.detection, $0.truth] }
    #expect(confused == [[2, 1]])
    #expect(Set(matching.invented) == [1, 4, 6])
    #expect(matching.missed == [3])
    #expect(matching.errors == 5)
  }

  @Test func `the matrix of a worked picture, twice`() {
    let (detections, truths) = example
    let picture = StoredPredictions.Image(
      path: "a", width: 100, height: 10, groundTruths: truths, detections: detections)
    let matrix = ConfusionMatrix(
      StoredPredictions(names: ["cat", "dog"], images: [picture, picture]), confidence: 0.25)
    let counts = [cat, dog].map { row in [cat, dog].map { matrix[truth: row, detection: $0] } }
    #expect(counts == [[2, 2], [0, 2]])
    #expect(matrix.missed == [0, 2] && matrix.invented == [4, 2])
    #expect([cat, dog].map(matrix.truePositives) == [2, 2])
    #expect([cat, dog].map(matrix.falsePositives) == [4, 4])
    #expect([cat, dog].map(matrix.falseNegatives) == [2, 2])
    // Of the cats two are called dogs, of the dogs none is found for two.
    #expect([cat, dog].map(matrix.misnamed) == [2, 0])
    let confusions = matrix.confusions.map { [$0.truth, $0.detection, $0.count] }
    #expect(confusions == [[0, 1, 2]])
  }

  @Test func `crowds are neither found nor missed`() {
    let matching = PictureMatching(
      [detection(0, cat, 0.9), detection(0, cat, 0.8)], [truth(0, cat, isCrowd: true)],
      confidence: 0)
    #expect(matching.errors == 0 && matching.found.isEmpty)
  }

  // Precision and recall of the tables are at a confidence of their own: there the counts must be
  // those that they are shares of.
  @Test(arguments: 0..<20)
  func `counts agree with precision and recall`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let names = ["a", "b", "c"]
    let images = (0..<30).map { index in
      StoredPredictions.Image(
        path: "\(index)", width: 60, height: 10,
        groundTruths: (0..<4).map { _ in
          truth(Float.random(in: 0..<50, using: &random), Int.random(in: 0..<3, using: &random))
        },
        detections: (0..<6).map { _ in
          detection(
            Float.random(in: 0..<50, using: &random), Int.random(in: 0..<3, using: &random),
            Float.random(in: 0..<1, using: &random))
        })
    }
    let predictions = StoredPredictions(names: names, images: images)
    let result = predictions.evaluator(style: .coco).evaluate()
    let matrix = ConfusionMatrix(predictions, confidence: Float(result.confidence))
    for (index, each) in result.perClass.enumerated() {
      let hits = matrix.truePositives(index)
      #expect(hits + matrix.misnamed(index) + matrix.missed[index] == each.instances)
      #expect(hits + matrix.falseNegatives(index) == each.instances)
      #expect(abs(Double(hits) / Double(max(each.instances, 1)) - each.recall) < 1e-9)
      let detections = hits + matrix.falsePositives(index)
      #expect(abs(Double(hits) / Double(max(detections, 1)) - each.precision) < 1e-9)
    }
  }
}

@Suite struct ConfidenceCurvesTests {
  // By falling confidence right, wrong, right, wrong, right; four objects; a second class has one
  // object that is never found, a third one nothing at all.
  @Test func `curves of a worked example`() throws {
    func box(_ x: Float) -> Box { Box(x1: x, y1: 0, x2: x + 10, y2: 10) }
    var evaluator = DetectionEvaluator(style: .coco, classCount: 3)
    let detections = [(0, 0.9), (60, 0.8), (20, 0.7), (80, 0.6), (40, 0.5)] as [(Float, Float)]
    evaluator.add(
      detections: detections.map { Detection(box: box($0.0), classIndex: 0, confidence: $0.1) },
      groundTruths: [0, 20, 40, 100].map { GroundTruth(box: box($0), classIndex: 0) }
        + [GroundTruth(box: box(0), classIndex: 1)])
    let curves = evaluator.curves()
    #expect(curves.classes[2] == nil)
    let curve = try #require(curves.classes[0])
    func at(_ confidence: Double) -> Int { Int((confidence * 200).rounded()) }
    #expect(curve.precision[at(0)] == 0.6 && curve.recall[at(0)] == 0.75)
    #expect(abs(curve.f1[at(0)] - 2.0 / 3) < 1e-9)
    #expect(curve.precision[at(0.75)] == 0.5 && curve.recall[at(0.75)] == 0.25)
    #expect(abs(curve.f1[at(0.75)] - 1.0 / 3) < 1e-9)
    // The confidence itself counts.
    #expect(curve.precision[at(0.7)] == 2.0 / 3)
    #expect(curve.precision[at(0.95)].isNaN && curve.recall[at(0.95)] == 0)
    let read = [0, 25, 26, 50, 51, 75, 76].map { curve.envelope[$0] }
    #expect(read == [1, 1, 2.0 / 3, 2.0 / 3, 0.6, 0.6, 0] as [Double])
    // COCO's average precision is the mean of the envelope.
    let ap = evaluator.evaluate().perClass[0].ap50
    #expect(abs(curve.envelope.reduce(0, +) / 101 - ap) < 1e-9)
    let mean = try #require(curves.mean)
    #expect(mean.recall[at(0)] == 0.375 && mean.precision[at(0)] == 0.6)
  }
}
