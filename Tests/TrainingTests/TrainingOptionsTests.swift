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
}
