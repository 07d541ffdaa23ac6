import Testing

@testable import Training

@Suite struct TrainingOptionsTests {
  // 608×320: at a width of 416, 416·320/608 = 218.9, the nearest multiple of 32 is 224.
  @Test func `heights keep the cfg's ratio`() {
    var options = TrainingOptions()
    (options.imageWidth, options.imageHeight) = (608, 320)
    #expect(options.height(ofWidth: 608) == 320)
    #expect(options.height(ofWidth: 416) == 224)
    #expect(options.height(ofWidth: 32) == 32)
    (options.imageWidth, options.imageHeight) = (416, 416)
    #expect(options.height(ofWidth: 40) == 40)
  }
}
