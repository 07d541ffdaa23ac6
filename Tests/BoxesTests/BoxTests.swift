import Testing

@testable import Boxes

@Suite struct BoxTests {
  // Two 10×10 boxes, shifted by 5: 50 / (100 + 100 − 50) = 1/3.
  @Test(arguments: [(0, 1), (5, 1.0 / 3.0), (10, 0), (20, 0)] as [(Float, Float)])
  func `overlap falls as boxes move apart`(shift: Float, expected: Float) {
    let a = Box(centerX: 0, centerY: 0, width: 10, height: 10)
    let b = Box(centerX: shift, centerY: 0, width: 10, height: 10)
    #expect(abs(a.iou(with: b) - expected) < 1e-6)
    #expect(a.iou(with: b) == b.iou(with: a))
  }

  @Test func `a box without area overlaps nothing, itself included`() {
    let point = Box(x1: 3, y1: 3, x2: 3, y2: 3)
    #expect(point.iou(with: point) == 0)
    #expect(point.iou(with: Box(x1: 0, y1: 0, x2: 9, y2: 9)) == 0)
    #expect(point.area == 0)
  }

  @Test func `clipping keeps the part inside the picture`() {
    let box = Box(x1: -5, y1: 2, x2: 30, y2: 50).clipped(width: 20, height: 40)
    #expect(box == Box(x1: 0, y1: 2, x2: 20, y2: 40))
    #expect(Box(x1: 25, y1: 2, x2: 30, y2: 50).clipped(width: 20, height: 40).area == 0)
  }
}
