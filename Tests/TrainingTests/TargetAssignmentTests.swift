import Loading
import Testing

@testable import Training

@Suite struct TargetAssignmentTests {
  let grid = HeadGrid(
    width: 4, height: 2,
    anchors: [.init(width: 1, height: 1), .init(width: 2, height: 2)])

  func target(_ x: Float, _ y: Float, _ w: Float, _ h: Float, image: Int = 0) -> BatchTarget {
    BatchTarget(imageIndex: image, classIndex: 3, centerX: x, centerY: y, width: w, height: h)
  }

  // Centre (0.4·4, 0.75·2) = (1.6, 1.5): column 1, row 1. Size (0.25·4, 0.5·2) = 1×1: overlap 1
  // with the first anchor, 1/4 with the second.
  @Test func `a target is matched by every anchor above the threshold`() {
    let both = grid.assign([target(0.4, 0.75, 0.25, 0.5)], threshold: 0.2)
    #expect(both.cells == [5, 8 + 5])
    #expect(both.classes == [3, 3])
    #expect(both.anchors == [1, 1, 2, 2])
    #expect(abs(both.boxes[0] - 0.6) < 1e-6 && abs(both.boxes[1] - 0.5) < 1e-6)
    #expect(both.boxes[2] == 1 && both.boxes[3] == 1)
    let one = grid.assign([target(0.4, 0.75, 0.25, 0.5)], threshold: 0.25)
    #expect(one.cells == [5])
  }

  // Second picture: 2 anchors × 8 cells = 16 cells further.
  @Test func `pictures follow each other`() {
    let result = grid.assign([target(0.4, 0.75, 0.25, 0.5, image: 1)], threshold: 0.9)
    #expect(result.cells == [16 + 5])
  }

  @Test func `a centre on the far border belongs to the last cell`() {
    let result = grid.assign([target(1, 1, 0.25, 0.5)], threshold: 0.9)
    #expect(result.cells == [7])
  }

  @Test func `nothing matches nothing`() {
    #expect(grid.assign([], threshold: 0.2).count == 0)
    #expect(grid.assign([target(0.5, 0.5, 0.01, 0.01)], threshold: 0.2).count == 0)
  }
}
