import Testing

@testable import Boxes

@Suite struct BoxOverlapTests {
  private let square = Box(x1: 0, y1: 0, x2: 10, y2: 10)

  // Shift by 5: overlap 50, union 150, hull 15 × 10 = 150, so nothing is taken off 1/3.
  // Shift by 20: no overlap, union 200, hull 30 × 10 = 300: 0 − 100 / 300.
  @Test(arguments: [(0, 1), (5, 1.0 / 3), (20, -1.0 / 3)] as [(Float, Float)])
  func `generalised IoU takes the empty part of the hull off`(shift: Float, expected: Float) {
    let other = Box(x1: shift, y1: 0, x2: 10 + shift, y2: 10)
    #expect(abs(square.giou(with: other) - expected) < 1e-6)
  }

  // Shift by 5: d² = 25, c² = 15² + 10² = 325. Shift by 20: d² = 400, c² = 30² + 10² = 1000.
  @Test(arguments: [(0, 1), (5, 1.0 / 3 - 25.0 / 325), (20, -0.4)] as [(Float, Float)])
  func `distance IoU takes the distance of the centres off`(shift: Float, expected: Float) {
    let other = Box(x1: shift, y1: 0, x2: 10 + shift, y2: 10)
    #expect(abs(square.diou(with: other) - expected) < 1e-6)
  }

  // Same centre, 10 × 10 and 20 × 5: overlap 10 · 5 = 50, union 100 + 100 − 50, IoU 1/3, d = 0.
  // atan(20/5) − atan(1) = 1.3258177 − 0.7853982 = 0.5404195; squared, times 4/π²: v = 0.1183636.
  // α = v / (1 − 1/3 + v) = 0.1507751; αv = 0.0178463; CIoU = 0.3333333 − 0.0178463.
  @Test func `complete IoU takes the difference in shape off`() {
    let a = Box(centerX: 5, centerY: 5, width: 10, height: 10)
    let b = Box(centerX: 5, centerY: 5, width: 20, height: 5)
    #expect(abs(a.ciou(with: b) - 0.3154870) < 1e-6)
    #expect(a.ciou(with: b) == b.ciou(with: a))
  }

  @Test func `boxes without area give numbers`() {
    let point = Box(x1: 3, y1: 3, x2: 3, y2: 3)
    let line = Box(x1: 0, y1: 3, x2: 8, y2: 3)
    for (a, b) in [(point, point), (point, line), (line, line), (square, point), (line, square)] {
      for value in [a.iou(with: b), a.giou(with: b), a.diou(with: b), a.ciou(with: b)] {
        #expect((-2...1).contains(value))
      }
    }
    #expect(point.giou(with: point) == 0)
    #expect(point.diou(with: point) == 0)
  }

  // 10 × 20 and 20 × 10 share 10 × 10: 100 / (200 + 200 − 100).
  @Test func `sizes are compared on one centre`() {
    let iou = Box.sizeIoU(width: 10, height: 20, otherWidth: 20, otherHeight: 10)
    #expect(abs(iou - 1.0 / 3) < 1e-6)
    #expect(Box.sizeIoU(width: 7, height: 3, otherWidth: 7, otherHeight: 3) == 1)
    #expect(Box.sizeIoU(width: 0, height: 0, otherWidth: 0, otherHeight: 0) == 0)
    #expect(Box.sizeIoU(width: -4, height: 5, otherWidth: -4, otherHeight: 5) == 0)
  }

  @Test func `every measure is symmetric, at most IoU, and 1 for a box with itself`() {
    var random = RandomBoxes(seed: 1)
    for _ in 0..<2000 {
      let (a, b) = (random.box(), random.box())
      let iou = a.iou(with: b)
      #expect((0...1).contains(iou))
      #expect(abs(a.giou(with: b) - b.giou(with: a)) < 1e-5)
      #expect(abs(a.diou(with: b) - b.diou(with: a)) < 1e-5)
      #expect(abs(a.ciou(with: b) - b.ciou(with: a)) < 1e-5)
      #expect((-1...iou + 1e-5).contains(a.giou(with: b)))
      #expect((-1...iou + 1e-5).contains(a.diou(with: b)))
      #expect((-2...a.diou(with: b) + 1e-5).contains(a.ciou(with: b)))
      for same in [a.iou(with: a), a.giou(with: a), a.diou(with: a), a.ciou(with: a)] {
        #expect(abs(same - 1) < 1e-5)
      }
    }
  }

  // Two 10×10 boxes, 5 apart: IoU 1/3; d² = 25, c² = 15² + 10² = 325. (25/325)^0.6 = 0.214602.
  @Test func `the distance's share takes an exponent, as Darknet's suppression has it`() {
    let a = Box(x1: 0, y1: 0, x2: 10, y2: 10)
    let b = Box(x1: 5, y1: 0, x2: 15, y2: 10)
    #expect(abs(a.diou(with: b, beta: 0.6) - (1.0 / 3 - 0.214602)) < 1e-5)
    #expect(a.diou(with: b, beta: 1) == a.diou(with: b))
    #expect(a.diou(with: a, beta: 0.6) == 1)
  }
}
