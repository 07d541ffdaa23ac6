import Boxes
import Datasets
import Testing
import _TestSupport

@testable import Loading

@Suite struct SamplePlanTests {
  private func label(_ x: Float, _ y: Float, _ w: Float, _ h: Float) -> Label {
    Label(classIndex: 0, centerX: x, centerY: y, width: w, height: h)
  }

  private func planner(_ settings: AugmentationSettings, side: Int = 100) -> SamplePlanner {
    SamplePlanner(
      settings: settings, inputWidth: side, inputHeight: side, seed: 1, pictureCount: 50)
  }

  private func near(_ a: Label, _ b: Label) -> Bool {
    abs(a.centerX - b.centerX) < 1e-5 && abs(a.centerY - b.centerY) < 1e-5
      && abs(a.width - b.width) < 1e-5 && abs(a.height - b.height) < 1e-5
  }

  // 100×50 on 100×100: 25 above. A box of 20×10 around (50, 25) moves to (50, 50).
  @Test func `a letterboxed label moves with its picture`() {
    let plan = planner(AugmentationSettings()).plan(
      epoch: 0, index: 0, pictures: [(0, 100, 50, [label(0.5, 0.5, 0.2, 0.2)])])
    #expect(plan.tiles == [SamplePlan.Tile(picture: 0, x: 0, y: 25, width: 100, height: 50)])
    #expect(plan.labels.count == 1 && near(plan.labels[0], label(0.5, 0.5, 0.2, 0.1)))
    #expect(plan.forward.isWhole && plan.gains == [1, 1, 1])
  }

  @Test func `a mirrored label is mirrored`() {
    var settings = AugmentationSettings()
    settings.horizontalFlip = 1
    var plan = planner(settings).plan(
      epoch: 0, index: 0, pictures: [(0, 100, 100, [label(0.3, 0.2, 0.2, 0.1)])])
    #expect(near(plan.labels[0], label(0.7, 0.2, 0.2, 0.1)))
    settings.verticalFlip = 1
    plan = planner(settings).plan(
      epoch: 0, index: 0, pictures: [(0, 100, 100, [label(0.3, 0.2, 0.2, 0.1)])])
    #expect(near(plan.labels[0], label(0.7, 0.8, 0.2, 0.1)))
  }

  // Four pictures of 90×80 touch the centre (cx, cy) of a 200×200 canvas; the input begins at
  // (50, 50). A box over a whole picture ends at the centre, (cx − 50, cy − 50) on the input.
  @Test func `a mosaic's labels meet at its centre`() throws {
    var settings = AugmentationSettings()
    settings.mosaic = 1
    let planner = planner(settings)
    #expect(planner.pictures(epoch: 0, index: 7).count == 4)
    #expect(planner.pictures(epoch: 0, index: 7)[0] == 7)
    for index in 0..<50 {
      let plan = planner.plan(
        epoch: 0, index: index, pictures: (0..<4).map { ($0, 90, 80, [label(0.5, 0.5, 1, 1)]) })
      let (x, y) = (Float(plan.centerX - 50), Float(plan.centerY - 50))
      #expect((0...100).contains(x) && (0...100).contains(y))
      let cut: [Box] = [
        Box(x1: max(x - 90, 0), y1: max(y - 80, 0), x2: x, y2: y),
        Box(x1: x, y1: max(y - 80, 0), x2: min(x + 90, 100), y2: y),
        Box(x1: max(x - 90, 0), y1: y, x2: x, y2: min(y + 80, 100)),
        Box(x1: x, y1: y, x2: min(x + 90, 100), y2: min(y + 80, 100)),
      ]
      // On the canvas 50 more are visible on each side.
      let (left, right, above, below) = (
        min(x + 50, 90), min(150 - x, 90), min(y + 50, 80), min(150 - y, 80)
      )
      let whole = [left * above, right * above, left * below, right * below]
      // What is left of a picture at least 4 wide and high, and a fifth of it, is labelled.
      let expected = zip(cut, whole).filter { box, area in
        box.width > 4 && box.height > 4 && box.area > 0.2 * area
          && max(box.width / box.height, box.height / box.width) < 10
      }.map(\.0)
      let found = plan.labels.map { $0.box(pictureWidth: 100, pictureHeight: 100) }
      try #require(found.count == expected.count)
      for (a, b) in zip(found, expected) {
        #expect(abs(a.x1 - b.x1) < 1e-3 && abs(a.y1 - b.y1) < 1e-3)
        #expect(abs(a.x2 - b.x2) < 1e-3 && abs(a.y2 - b.y2) < 1e-3)
      }
    }
  }

  // A quarter turn counter-clockwise about the centre of 100×100 brings (70, 50) to (50, 30).
  @Test func `turning and shearing move corners`() {
    let turn = Affine.rotation(degrees: 90, scale: 1, aboutX: 50, y: 50)
    let point = turn(x: 70, y: 50)
    #expect(abs(point.x - 50) < 1e-9 && abs(point.y - 30) < 1e-9)
    let twice = Affine.rotation(degrees: 0, scale: 2, aboutX: 50, y: 50)
    #expect(twice.hull(Box(x1: 40, y1: 45, x2: 60, y2: 55)) == Box(x1: 30, y1: 40, x2: 70, y2: 60))
    // tan 45° = 1: x' = x + y.
    let shear = Affine.shear(xDegrees: 45, yDegrees: 0)
    let sheared = shear.hull(Box(x1: 0, y1: 0, x2: 10, y2: 10))
    #expect(abs(sheared.x2 - 20) < 1e-4 && sheared.y2 == 10)
    let both = turn.then(shear)
    let there = both(x: 12, y: 34)
    let back = both.inverse?(x: there.x, y: there.y)
    #expect(abs((back?.x ?? 0) - 12) < 1e-9 && abs((back?.y ?? 0) - 34) < 1e-9)
    #expect(Affine(a: 1, b: 1, d: 1, e: 1).inverse == nil)
    #expect(!turn.isWhole && Affine.horizontalFlip(width: 9).isWhole)
    #expect(!Affine.translation(x: 0.5, y: 0).isWhole)
  }

  // Of a 6×6 box, factors below 2/3 leave no more than 4×4: it is dropped; a 20×20 box stays.
  @Test func `what becomes too small is dropped`() {
    var settings = AugmentationSettings()
    settings.scale = 0.5
    let planner = planner(settings)
    var dropped = 0
    for index in 0..<40 {
      let plan = planner.plan(
        epoch: 0, index: index,
        pictures: [(0, 100, 100, [label(0.5, 0.5, 0.06, 0.06), label(0.5, 0.5, 0.2, 0.2)])])
      let scale = Float(plan.forward.a)
      #expect((0.5...1.5).contains(scale))
      #expect(plan.labels.count == (6 * scale > 4 ? 2 : 1))
      #expect(plan.labels.contains { abs($0.width - 0.2 * scale) < 1e-5 })
      if plan.labels.count == 1 { dropped += 1 }
    }
    #expect((1..<20).contains(dropped))
  }

  @Test func `a plan follows from seed, epoch and sample`() {
    let planner = planner(.legacy)
    func plan(_ epoch: Int, _ index: Int) -> SamplePlan {
      planner.plan(
        epoch: epoch, index: index,
        pictures: planner.pictures(epoch: epoch, index: index).map { ($0, 100, 75, []) })
    }
    #expect(plan(3, 5) == plan(3, 5))
    #expect(plan(3, 5) != plan(4, 5))
    #expect(plan(3, 5) != plan(3, 6))
    // Gains stay in their ranges, and both mirrors and none occur.
    let plans = (0..<200).map { plan(0, $0) }
    #expect(plans.allSatisfy { abs($0.gains[0] - 1) <= 0.0139 && abs($0.gains[1] - 1) <= 0.679 })
    let mirrored = plans.count { $0.forward.a < 0 }
    #expect((60...140).contains(mirrored))
  }
}
