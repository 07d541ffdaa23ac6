import Darknet
import Testing

@testable import Training

@Suite struct TrainingOptionsTests {
  // 608×320: at a long side of 416, 416·320/608 = 218.9, in whole strides of 32 is 224.
  @Test func `other sizes keep the proportions`() {
    var options = TrainingOptions()
    (options.imageWidth, options.imageHeight) = (608, 320)
    #expect(options.size(longSide: 608, multiple: 64) == (608, 320))
    #expect(options.size(longSide: 416, multiple: 32) == (416, 224))
    (options.imageWidth, options.imageHeight) = (96, 192)
    #expect(options.size(longSide: 96, multiple: 32) == (64, 96))
  }

  // Usual are 0.01 and 0.001; told of are more than ten times as much, and less than a thousandth.
  @Test(
    arguments: [
      (Optimizer.Method.sgd, 0.01, nil), (.sgd, 0.1, nil), (.sgd, 0.00001, nil),
      (.sgd, 5, "above"), (.sgd, 0.000001, "below"), (.adam, 0.001, nil), (.adam, 0.02, "above"),
      (.adam, 0.0000001, "below"),
    ] as [(Optimizer.Method, Double, String?)])
  func `a learning rate far from the usual one is told of`(
    method: Optimizer.Method, rate: Double, side: String?
  ) {
    var options = TrainingOptions()
    (options.method, options.learningRate) = (method, rate)
    #expect((options.rateWarning == nil) == (side == nil))
    if let side {
      let usual = method == .sgd ? "sgd, 0.01:" : "adam, 0.001:"
      #expect(options.rateWarning?.contains("far \(side) what is usual for \(usual)") == true)
    }
    #expect(TrainingOptions().learningRate == TrainingOptions().method.usualRate)
  }

  // docs/formulas.md 5.5: max(round(64 / batch size), 1) batches a step.
  @Test(arguments: [(16, 4), (64, 1), (48, 1), (40, 2), (8, 8), (128, 1), (1, 64)])
  func `batches add up to the nominal batch`(batchSize: Int, steps: Int) {
    var options = TrainingOptions()
    options.batchSize = batchSize
    for pictures in [1280, nil] {
      options.takeUsualSteps(pictures: pictures)
      #expect(options.accumulationSteps == steps)
    }
  }

  // Of fewer than 1,280 pictures a step takes 16, max(round(16 / batch size), 1) batches; with adam,
  // and in batches that are large already, it does not.
  @Test(
    arguments: [
      (16, .sgd, 1, true), (4, .sgd, 4, true), (64, .sgd, 1, false), (16, .adam, 4, false),
    ]
      as [(Int, Optimizer.Method, Int, Bool)])
  func `steps of small data sets take fewer pictures`(
    batchSize: Int, method: Optimizer.Method, steps: Int, isSmall: Bool
  ) {
    var options = TrainingOptions()
    (options.batchSize, options.method) = (batchSize, method)
    options.takeUsualSteps(pictures: 1279)
    #expect(options.accumulationSteps == steps)
    #expect(options.takesSmallSteps(pictures: 1279) == isSmall)
    #expect(!options.takesSmallSteps(pictures: 1280) && !options.takesSmallSteps(pictures: nil))
    #expect(TrainingOptions.remarkOnSmallSteps.contains("takes 16 of them, not 64"))
  }

  /// A network of one head, on a grid of 32 pixels, for pictures of 416×256.
  private func network() throws -> NetworkSpec {
    try NetworkSpec(
      Configuration(
        parsing: """
          [net]
          width=416
          height=256
          channels=3
          [convolutional]
          filters=6
          size=1
          stride=32
          pad=0
          activation=linear
          [yolo]
          mask=0
          anchors=10,14
          classes=1
          num=1
          """, path: "n.cfg"))
  }

  /// Training width and height, test width and height, and the bounds of the longer side.
  private func sizes(_ sides: [Int], isMultiScale: Bool = false) throws -> [Int] {
    var options = TrainingOptions()
    try options.takeSizes(sides, isMultiScale: isMultiScale, of: network())
    let bounds = options.multiScale.map { [$0.lowerBound, $0.upperBound] } ?? []
    return [
      options.imageWidth, options.imageHeight, options.testWidth, options.testHeight,
    ] + bounds
  }

  // docs/formulas.md 4.5: equal bounds under multi-scale become size/1.5 and size·1.5, in steps of 32:
  // 416/1.5 = 277.3 → 256, 416·1.5 = 624 → 608.
  @Test func `sizes are the cfg's own, or squares as they are asked for`() throws {
    #expect(try sizes([]) == [416, 256, 416, 256] as [Int])
    #expect(try sizes([], isMultiScale: true) == [416, 256, 416, 256, 256, 608] as [Int])
    #expect(try sizes([416]) == [416, 416, 416, 416] as [Int])
    #expect(try sizes([416], isMultiScale: true) == [608, 608, 416, 416, 256, 608] as [Int])
    #expect(try sizes([320, 640]) == [640, 640, 640, 640, 320, 640] as [Int])
    #expect(try sizes([320, 640, 512]) == [640, 640, 512, 512, 320, 640] as [Int])
    #expect(throws: ConfigurationError.self) { try sizes([1 << 30]) }
  }
}
