import Testing

@testable import Boxes

@Suite struct NonMaximumSuppressionTests {
  private func detection(_ x: Float, _ confidence: Float, of classIndex: Int = 0) -> Detection {
    Detection(
      box: Box(x1: x, y1: 0, x2: x + 10, y2: 10), classIndex: classIndex, confidence: confidence)
  }

  @Test func `the strongest stays and what overlaps it goes`() {
    // IoU of a shift by 2: 80 / 120 = 0.67; by 5: 50 / 150 = 0.33.
    let all = [detection(2, 0.8), detection(0, 0.9), detection(5, 0.7)]
    #expect(NonMaximumSuppression(iouThreshold: 0.5)(all) == [all[1], all[2]])
    #expect(NonMaximumSuppression(iouThreshold: 0.7)(all) == [all[1], all[0], all[2]])
  }

  @Test func `classes compete only when told to`() {
    let all = [detection(0, 0.9, of: 0), detection(0, 0.8, of: 1)]
    #expect(NonMaximumSuppression()(all) == all)
    #expect(NonMaximumSuppression(isAgnostic: true)(all) == [all[0]])
  }

  @Test func `boxes that are not numbers are dropped`() {
    let all = [detection(.nan, 0.9), detection(.infinity, 0.9), detection(0, .nan)]
    #expect(NonMaximumSuppression()(all).isEmpty)
  }
}
