import Testing

@testable import Boxes

@Suite struct DetectionQualityTests {
  @Test(arguments: [
    (0.569, 0.56), (0.1, 0.1), (0.0999, 0.099), (0.016, 0.016), (0.01684, 0.016), (0.01, 0.01),
    (0.00657, 0.0065), (0, 0),
  ])
  func `a confidence is rounded down to two digits or so`(confidence: Double, rounded: Double) {
    #expect(DetectionQuality.rounded(confidence: confidence) == rounded)
  }
}
