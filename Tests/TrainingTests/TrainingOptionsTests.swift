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
}
