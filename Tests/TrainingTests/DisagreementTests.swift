import Boxes
import Testing

@testable import Training

@Suite struct DisagreementTests {
  private func picture(_ detections: [(x: Float, class: Int, confidence: Float)])
    -> StoredPredictions.Image
  {
    StoredPredictions.Image(
      path: "a.png", width: 100, height: 100, groundTruths: [],
      detections: detections.map {
        Detection(
          box: Box(x1: $0.x, y1: 0, x2: $0.x + 10, y2: 10), classIndex: $0.class,
          confidence: $0.confidence)
      })
  }

  // Boxes of 10: moved by 2 they overlap 8 / 12, by 5 only 5 / 15.
  @Test func `what one finds and the other does not counts as much as it is sure`() {
    let before = [
      picture([(0, 0, 0.9)]), picture([(0, 0, 0.9), (50, 1, 0.5)]), picture([(0, 0, 0.9)]),
      picture([(0, 0, 0.8)]), picture([(0, 0, 0.2)]), picture([(0, 0, 0.5), (1, 0, 0.75)]),
    ]
    let after = [
      picture([(2, 0, 0.4)]),  // found: 0
      picture([]),  // 0.9 + 0.5
      picture([(5, 0, 0.5)]),  // elsewhere: 0.9 + 0.5
      picture([(0, 1, 0.25)]),  // another class: 0.8 + 0.25
      picture([]),  // not sure enough: 0
      picture([(0, 0, 0.6)]),  // one for one: the surest takes it, 0.5 is left
    ]
    let found = Disagreement.largest(9, of: before, and: after, confidences: (0.25, 0.25))
    #expect(found.map(\.index) == [1, 2, 3, 5])
    for (each, size) in zip(found, [1.4, 1.4, 1.05, 0.5] as [Float]) {
      #expect(abs(each.size - size) < 1e-6)
    }
    let first = Disagreement.largest(1, of: before, and: after, confidences: (0.25, 0.25))
    #expect(first.map(\.index) == [1])
    #expect(Disagreement.largest(9, of: before, and: before, confidences: (0, 0)).isEmpty)
    // The first detector has to be surer than it is of anything; the second counts as before.
    let second = Disagreement.largest(9, of: before, and: after, confidences: (1, 0.25))
    #expect(second.map(\.index) == [5, 2, 0, 3])
  }
}
