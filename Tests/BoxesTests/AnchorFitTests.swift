import Testing

@testable import Boxes

@Suite struct AnchorFitTests {
  // Anchors 10×10 and 40×40. 10×10: IoU 1 with the first. 20×10: 100/200 with the first, 200/1600
  // with the second. 5×2: 10/100 with the first. 40×20: 100/800 and 800/1600.
  @Test func `a worked example`() {
    let anchors = [BoxSize(width: 10, height: 10), BoxSize(width: 40, height: 40)]
    let sizes = [(10, 10), (20, 10), (5, 2), (40, 20)].map { BoxSize(width: $0, height: $1) }
    let fit = AnchorFit(anchors, to: sizes)
    #expect(fit.counts == [3, 1])
    #expect(fit.bestPossibleRecall == 0.75)
    #expect(abs(fit.meanIoU - (1 + 0.5 + 0.1 + 0.5) / 4) < 1e-6)
    #expect(abs(fit.meanIoUs[0] - (1 + 0.5 + 0.1) / 3) < 1e-6 && fit.meanIoUs[1] == 0.5)
    #expect(
      fit.bestPossibleRecall == AnchorClustering.bestPossibleRecall(of: sizes, anchors: anchors))
  }

  @Test func `nothing to fit is fitted by nothing`() {
    let anchors = [BoxSize(width: 10, height: 10)]
    let fit = AnchorFit(anchors, to: [])
    #expect(fit.counts == [0] && fit.meanIoUs == [0])
    #expect(fit.bestPossibleRecall == 0 && fit.meanIoU == 0)
    let none = AnchorFit([], to: anchors)
    #expect(none.counts.isEmpty && none.bestPossibleRecall == 0 && none.meanIoU == 0)
  }
}

@Suite struct AnchorVerdictTests {
  /// How well one square fits one square: its side is the side of the box times the root of the IoU.
  private func fit(_ iou: Float) -> AnchorFit {
    let side = 100 * iou.squareRoot()
    return AnchorFit([.init(width: side, height: side)], to: [.init(width: 100, height: 100)])
  }

  // A mean IoU of 0.6 becomes 0.64 or 0.66; one of 0.19, which is no fit, 0.21, which is one.
  @Test(arguments: [(0.6, 0.64, false), (0.6, 0.66, true), (0.9, 0.6, false), (0.19, 0.21, true)])
  func `others are worth taking where they are much better`(
    own: Float, others: Float, isWorthwhile: Bool
  ) {
    let verdict = AnchorVerdict(own: fit(own), others: fit(others))
    #expect(verdict.isWorthwhile == isWorthwhile)
    #expect(abs(verdict.gainOfMeanIoU - Double(others - own)) < 1e-5)
  }
}
