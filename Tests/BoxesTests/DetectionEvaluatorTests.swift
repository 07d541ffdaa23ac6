import Testing

@testable import Boxes

@Suite struct DetectionEvaluatorTests {
  private func truth(_ x: Float, of classIndex: Int = 0, isDifficult: Bool = false) -> GroundTruth {
    GroundTruth(
      box: Box(x1: x, y1: 0, x2: x + 10, y2: 10), classIndex: classIndex, isDifficult: isDifficult)
  }

  private func detection(_ x: Float, _ confidence: Float, of classIndex: Int = 0) -> Detection {
    Detection(
      box: Box(x1: x, y1: 0, x2: x + 10, y2: 10), classIndex: classIndex, confidence: confidence)
  }

  /// Four objects in two pictures; by falling confidence: right, wrong, right, wrong (the first
  /// object again), right. One object is missed.
  private func example(_ style: EvaluationStyle) -> EvaluationResult {
    var evaluator = DetectionEvaluator(style: style, classCount: 1)
    evaluator.add(
      detections: [detection(0, 0.6), detection(0, 0.9), detection(50, 0.8), detection(20, 0.7)],
      groundTruths: [truth(0), truth(20)])
    evaluator.add(detections: [detection(0, 0.5)], groundTruths: [truth(0), truth(20)])
    return evaluator.evaluate()
  }

  // Precision 1, 1/2, 2/3, 1/2, 3/5 at recall 1/4, 1/4, 1/2, 1/2, 3/4. Envelope: 1 up to recall
  // 0.25, 2/3 up to 0.5, 3/5 up to 0.75, then 0.
  //   coco: 26 points · 1 + 25 · 2/3 + 25 · 3/5 = 57.66667, over 101. voc07: recall 0, 0.1, 0.2: 1;
  //   0.3, 0.4, 0.5: 2/3; 0.6, 0.7: 3/5; (3 + 2 + 1.2) / 11. voc12: 0.25 · (1 + 2/3 + 3/5).
  //   darknet: as voc12, for a hit never lowers the precision. legacy: at recall 0.25 and 0.5 the
  //   next step is read already, at 0.75 the last precision, 0.6; trapezoids: 0.01 · (25 · 1 + 25 ·
  //   2/3 + 25 · 3/5 + 0.6 − half of the first point, 0.5).
  @Test(
    arguments: [
      (.coco, 0.5709571), (.voc07, 0.5636364), (.voc12, 0.5666667), (.legacy, 0.5676667),
      (.darknet, 0.5666667),
    ] as [(EvaluationStyle, Double)])
  func `average precision of a worked example`(style: EvaluationStyle, expected: Double) {
    let result = example(style)
    #expect(abs(result.map50 - expected) < 1e-6)
    // Every match is exact, so the overlap does not matter.
    #expect(abs(result.map - expected) < 1e-6)
    #expect(abs(result.map75 - expected) < 1e-6)
    #expect(abs(result.perClass[0].ap50 - expected) < 1e-6)
    #expect(result.instances == 4 && result.images == 2)
    #expect((result.coco != nil) == (style == .coco))
  }

  // F1 after each: 2/5, 2/6, 4/7, 4/8, 6/9: best after the last, at confidence 0.5.
  // For legacy all confidences are above 0.1, so the end of the curve is read: the same.
  @Test(arguments: EvaluationStyle.allCases)
  func `precision and recall of a worked example`(style: EvaluationStyle) {
    let result = example(style)
    #expect(abs(result.precision - 0.6) < 1e-9)
    #expect(abs(result.recall - 0.75) < 1e-9)
    #expect(abs(result.f1 - 2.0 / 3) < 1e-9)
    #expect(abs(result.confidence - (style == .legacy ? 0.1 : 0.5)) < 1e-9)
  }

  @Test(
    arguments: [(.coco, 1), (.voc07, 1), (.voc12, 1), (.legacy, 0.995)]
      as [(EvaluationStyle, Double)])
  func `a perfect detector`(style: EvaluationStyle, expected: Double) {
    var evaluator = DetectionEvaluator(style: style, classCount: 1)
    evaluator.add(
      detections: [detection(0, 0.9), detection(20, 0.8)], groundTruths: [truth(0), truth(20)])
    let result = evaluator.evaluate()
    #expect(abs(result.map50 - expected) < 1e-9)
    #expect(result.precision == 1 && result.recall == 1 && abs(result.f1 - 1) < 1e-9)
  }

  // Confidence 0.9 right (precision 1, recall 1/2), 0.05 wrong (1/2, 1/2). At 0.1, which is
  // 0.8 / 0.85 of the way: 1 − 0.5 · 0.9411765 = 0.5294118.
  @Test func `legacy reads precision between two detections`() {
    var evaluator = DetectionEvaluator(style: .legacy, classCount: 1)
    evaluator.add(
      detections: [detection(0, 0.9), detection(50, 0.05)], groundTruths: [truth(0), truth(20)])
    let result = evaluator.evaluate()
    #expect(abs(result.precision - 0.5294118) < 1e-6)
    #expect(abs(result.recall - 0.5) < 1e-9)
    #expect(abs(result.f1 - 2 * 0.5294118 * 0.5 / 1.0294118) < 1e-6)
  }

  // Below 0.1 altogether: the first point of the curve is read.
  @Test func `legacy reads the first detection when all are weak`() {
    var evaluator = DetectionEvaluator(style: .legacy, classCount: 1)
    evaluator.add(
      detections: [detection(0, 0.09), detection(50, 0.05)], groundTruths: [truth(0), truth(20)])
    #expect(evaluator.evaluate().precision == 1)
    #expect(evaluator.evaluate().recall == 0.5)
  }

  // Recall ends at 1/3; grid point 0.33 is below, 0.34 beyond 0.33433: nothing is read of the fall.
  // 34 points (0 … 0.33) of precision 1: 0.01 · (34 − 0.5).
  @Test func `legacy falls to nothing after the last recall`() {
    var evaluator = DetectionEvaluator(style: .legacy, classCount: 1)
    evaluator.add(
      detections: [detection(0, 0.9)], groundTruths: [truth(0), truth(20), truth(40)])
    #expect(abs(evaluator.evaluate().map50 - 0.335) < 1e-9)
  }

  // The second detection overlaps the first object most, which is taken: wrong, but for COCO, which
  // gives it the second object, IoU (10 · 7.5) / (200 − 75) = 0.6. COCO: 101 points of 1.
  // VOC: recall stays 1/2. voc07: 0 … 0.5 are 6 of 11 points. Legacy: 50 points (0 … 0.49) of 1,
  // and at 0.5, the end of recall, the last precision, 1/2: 0.01 · (50 + 0.5 − 0.5).
  @Test(
    arguments: [(.coco, 1), (.voc07, 6.0 / 11), (.voc12, 0.5), (.legacy, 0.5)]
      as [(EvaluationStyle, Double)])
  func `only COCO looks for a free object`(style: EvaluationStyle, expected: Double) {
    var evaluator = DetectionEvaluator(style: style, classCount: 1)
    evaluator.add(
      detections: [detection(0, 0.9), detection(0.5, 0.8)], groundTruths: [truth(0), truth(3)])
    #expect(abs(evaluator.evaluate().map50 - expected) < 1e-9)
  }

  // 10 × 5 in 10 × 10: IoU exactly 0.5.
  @Test(
    arguments: [(.coco, 1), (.voc07, 1), (.voc12, 1), (.legacy, 0)]
      as [(EvaluationStyle, Double)])
  func `an overlap of exactly the threshold`(style: EvaluationStyle, expected: Double) {
    var evaluator = DetectionEvaluator(style: style, classCount: 1)
    let half = Detection(box: Box(x1: 0, y1: 0, x2: 10, y2: 5), classIndex: 0, confidence: 0.9)
    evaluator.add(detections: [half], groundTruths: [truth(0)])
    let result = evaluator.evaluate()
    #expect(abs(result.map50 - expected) < 1e-9)
    // The other nine thresholds are missed.
    #expect(abs(result.map - expected / 10) < 1e-9)
  }

  // One object and one difficult one; both are found, the difficult one twice and first.
  // VOC: one detection counts, right. COCO and legacy: right, wrong, right of two objects;
  // envelope 1 up to 1/2, then 2/3. coco: (51 + 50 · 2/3) / 101; legacy: 50 points of 1, 50 of 2/3,
  // nothing at 1: 0.01 · (50 + 33.33333 − 0.5).
  @Test(
    arguments: [(.coco, 0.8349835), (.voc07, 1), (.voc12, 1), (.legacy, 0.8283333)]
      as [(EvaluationStyle, Double)])
  func `only Pascal VOC passes over difficult objects`(style: EvaluationStyle, expected: Double) {
    var evaluator = DetectionEvaluator(style: style, classCount: 1)
    evaluator.add(
      detections: [detection(20, 0.9), detection(20, 0.8), detection(0, 0.7)],
      groundTruths: [truth(0), truth(20, isDifficult: true)])
    let result = evaluator.evaluate()
    #expect(abs(result.map50 - expected) < 1e-6)
    #expect(result.instances == (style == .voc07 || style == .voc12 ? 1 : 2))
  }

  // Half of the detection is outside: IoU 1/2 as it is, 1 when clipped.
  @Test(arguments: EvaluationStyle.allCases)
  func `only legacy clips to the picture`(style: EvaluationStyle) {
    var evaluator = DetectionEvaluator(style: style, classCount: 1)
    let wide = Detection(box: Box(x1: -10, y1: 0, x2: 10, y2: 10), classIndex: 0, confidence: 0.9)
    evaluator.add(detections: [wide], groundTruths: [truth(0)], imageSize: (100, 100))
    #expect((evaluator.evaluate().map75 > 0.5) == (style == .legacy))
  }

  @Test(arguments: EvaluationStyle.allCases)
  func `absent classes are −1 and not part of the mean`(style: EvaluationStyle) {
    var evaluator = DetectionEvaluator(style: style, classCount: 3)
    evaluator.add(
      detections: [detection(0, 0.9, of: 1), detection(40, 0.9, of: 2)],
      groundTruths: [truth(0, of: 1), truth(0, of: 0)])
    let result = evaluator.evaluate()
    let ap = style == .legacy ? 0.995 : 1.0
    for (figures, expected) in zip(result.perClass, [0, ap, -1]) {
      #expect(abs(figures.ap50 - expected) < 1e-9)
    }
    #expect(result.perClass.map(\.instances) == [1, 1, 0])
    #expect(result.perClass.map(\.precision) == [0, 1, -1])
    // Darknet divides by all classes.
    #expect(abs(result.map50 - ap / (style == .darknet ? 3 : 2)) < 1e-9)
    #expect(abs(result.f1 - 0.5) < 1e-9)
  }

  @Test(arguments: EvaluationStyle.allCases)
  func `nothing to find gives −1 everywhere`(style: EvaluationStyle) {
    var evaluator = DetectionEvaluator(style: style, classCount: 2)
    evaluator.add(detections: [detection(0, 0.9)], groundTruths: [])
    for evaluator in [evaluator, DetectionEvaluator(style: style, classCount: 0)] {
      let result = evaluator.evaluate()
      #expect(
        [result.map, result.map50, result.precision, result.recall, result.f1]
          == [-1, -1, -1, -1, -1])
      #expect(result.instances == 0)
    }
  }

  @Test(arguments: EvaluationStyle.allCases)
  func `unusable numbers and classes are left out`(style: EvaluationStyle) {
    var evaluator = DetectionEvaluator(style: style, classCount: 1)
    evaluator.add(
      detections: [
        detection(.nan, 0.9), detection(.infinity, 0.9), detection(0, .nan),
        detection(0, 0.95, of: 1), detection(0, 0.95, of: -1), detection(0, 0.5),
      ],
      groundTruths: [truth(0), truth(.nan), truth(0, of: 9), truth(0, of: -1)])
    let result = evaluator.evaluate()
    #expect(result.instances == 1)
    #expect(result.precision == 1 && result.recall == 1)
  }

  // Two classes. At 0.8: F1 1 and 0; at 0.6: 1 and 2/3 (one of two found); at 0.4 a wrong one of
  // the first class: 2/3 and 2/3. The best mean is at 0.6.
  @Test(arguments: [EvaluationStyle.coco, .voc07, .voc12])
  func `the working point is the best for all classes together`(style: EvaluationStyle) {
    var evaluator = DetectionEvaluator(style: style, classCount: 2)
    evaluator.add(
      detections: [
        detection(0, 0.8, of: 0), detection(0, 0.6, of: 1), detection(50, 0.4, of: 0),
      ],
      groundTruths: [truth(0, of: 0), truth(0, of: 1), truth(20, of: 1)])
    let result = evaluator.evaluate()
    #expect(abs(result.confidence - 0.6) < 1e-6)
    #expect(result.perClass.map(\.precision) == [1, 1])
    #expect(result.perClass.map(\.recall) == [1, 0.5])
    #expect(abs(result.f1 - (1 + 2.0 / 3) / 2) < 1e-9)
  }

  // F1 after 0.9 (right): 2/3; after 0.8 (wrong): 2/4; after 0.7 (right): 4/5, but 0.7 is shared
  // with a wrong one, so 4/6 = 2/3 again: the higher confidence is chosen.
  @Test(arguments: [EvaluationStyle.coco, .voc07, .voc12])
  func `of equal working points the most confident is chosen, and ties stay together`(
    style: EvaluationStyle
  ) {
    var evaluator = DetectionEvaluator(style: style, classCount: 1)
    evaluator.add(
      detections: [
        detection(0, 0.9), detection(50, 0.8), detection(20, 0.7), detection(70, 0.7),
      ],
      groundTruths: [truth(0), truth(20)])
    let result = evaluator.evaluate()
    #expect(abs(result.confidence - 0.9) < 1e-6)
    #expect(result.precision == 1 && result.recall == 0.5)
  }

  @Test(arguments: EvaluationStyle.allCases)
  func `figures stay in range, and wrong weak detections never help`(style: EvaluationStyle) {
    var random = RandomBoxes(seed: 4)
    for _ in 0..<20 {
      var plain = DetectionEvaluator(style: style, classCount: 3)
      var worse = plain
      for _ in 0..<8 {
        let picture = random.picture(classes: 3)
        plain.add(detections: picture.detections, groundTruths: picture.groundTruths)
        let wrong = Detection(
          box: Box(x1: 500, y1: 500, x2: 520, y2: 520), classIndex: 0, confidence: 0.001)
        worse.add(detections: picture.detections + [wrong], groundTruths: picture.groundTruths)
      }
      let (a, b) = (plain.evaluate(), worse.evaluate())
      #expect((-1...1).contains(a.map) && a.map <= a.map50 && a.map75 <= a.map50)
      #expect(b.map50 <= a.map50 && b.map <= a.map)
      if style == .coco || style == .voc07 || style == .voc12 { #expect(b.map50 == a.map50) }
    }
  }

  // Class 0 is found perfectly, class 1 has a false alarm and no object, class 2 has nothing at
  // all: Darknet divides 1 by 3, the others by the one class that has objects.
  @Test func `Darknet's mean is over all classes`() throws {
    func result(_ style: EvaluationStyle) -> EvaluationResult {
      var evaluator = DetectionEvaluator(style: style, classCount: 3)
      evaluator.add(
        detections: [detection(0, 0.9), detection(50, 0.8, of: 1)], groundTruths: [truth(0)])
      return evaluator.evaluate()
    }
    #expect(abs(result(.darknet).map50 - 1.0 / 3) < 1e-12)
    #expect(abs(result(.darknet).map - 1.0 / 3) < 1e-12)
    #expect(result(.voc12).map50 == 1)
    // The bootstrap's figures are the same ones.
    let images = (0..<3).map { index in
      StoredPredictions.Image(
        path: "\(index)", width: 100, height: 100, groundTruths: [truth(0)],
        detections: [detection(0, 0.9), detection(50, 0.8, of: 1)])
    }
    let all = StoredPredictions(names: ["a", "b", "c"], images: images)
    let difference = try PairedBootstrap(metric: .map50, resamples: 100, level: 0.95, seed: 1)(
      baseline: all, candidate: all, style: .darknet)
    #expect(abs(difference.baseline - 1.0 / 3) < 1e-12)
    #expect(difference.meanDifference == 0)
  }

  // An overlap of exactly one half is too little for Darknet, and enough for VOC: 10×10 on 10×20.
  @Test func `Darknet's matches need more than the threshold`() {
    func result(_ style: EvaluationStyle) -> Double {
      var evaluator = DetectionEvaluator(style: style, classCount: 1)
      evaluator.add(
        detections: [detection(0, 0.9)],
        groundTruths: [GroundTruth(box: Box(x1: 0, y1: 0, x2: 10, y2: 20), classIndex: 0)])
      return evaluator.evaluate().map50
    }
    #expect(result(.darknet) == 0)
    #expect(result(.voc12) == 1)
  }
}
