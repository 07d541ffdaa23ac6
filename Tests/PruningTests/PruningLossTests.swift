import Testing

@testable import Pruning

@Suite struct PruningLossTests {
  @Test func `points are hundredths of mAP, and the sign is that of the change`() {
    let loss = PruningLoss(before: 0.654, after: 0.004)
    #expect(abs(loss.points - 65) < 1e-9)
    #expect("\(loss)" == "0.6540 → 0.0040 (-65.00 points)")
    #expect("\(PruningLoss(before: 0.5, after: 0.5125))" == "0.5000 → 0.5125 (+1.25 points)")
    #expect("\(PruningLoss(before: 0.5, after: 0.5))" == "0.5000 → 0.5000 (+0.00 points)")
  }

  // One point is little, more is much, and more than a twentieth; below 0.01 there is nothing to
  // lose.
  @Test(arguments: [
    (0.5, 0.5, PruningLoss.Size.nothing), (0.5, 0.6, .nothing), (0.5, 0.4951, .little),
    (0.5, 0.4899, .much), (0.5, 0, .much), (0.0099, 0.0, .unknowable), (0, 0, .unknowable),
    // Half of little is much.
    (0.01, 0, .much), (0.0163, 0.0071, .much), (0.2, 0.191, .little), (0.2, 0.189, .much),
  ])
  func `how much is lost`(before: Double, after: Double, size: PruningLoss.Size) {
    #expect(PruningLoss(before: before, after: after).size == size)
  }

  // A loss that may be chance is unclear; little and nothing need no interval.
  @Test func `what may be chance is not called much`() {
    #expect(PruningLoss(before: 0.5, after: 0.4, isShown: false).size == .unclear)
    #expect(PruningLoss(before: 0.5, after: 0.4951, isShown: false).size == .little)
    #expect(PruningLoss(before: 0.5, after: 0.6, isShown: false).size == .nothing)
    #expect(PruningLoss(before: 0, after: 0, isShown: false).size == .unknowable)
  }

  @Test func `more than is allowed is refused, in one line`() throws {
    let loss = PruningLoss(before: 0.6, after: 0.55)
    try loss.check(allowed: 5.1)
    #expect(throws: PruningError.losesTooMuch(loss, allowed: 4)) { try loss.check(allowed: 4) }
    try PruningLoss(before: 0.6, after: 0.65).check(allowed: 0)
    // A network that finds nothing would pass any limit.
    let nothing = PruningLoss(before: 0, after: 0)
    #expect(throws: PruningError.nothingToLose(nothing)) { try nothing.check(allowed: 100) }
    #expect(
      PruningError.losesTooMuch(loss, allowed: 4).description
        == "mAP@0.5:0.95 0.6000 → 0.5500 (-5.00 points): more than the 4.00 points of --max-loss; "
        + "nothing was written; use a smaller share, or leave --max-loss out and fine-tune")
  }
}
