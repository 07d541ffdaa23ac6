import Boxes
import Testing

@testable import Pruning

extension PruningLoss {
  /// A loss with an interval that reaches as far to both sides.
  init(before: Double, after: Double, reach: Double = 0.001) {
    let difference = after - before
    self.init(
      BootstrapResult(
        metric: .map, images: 50, resamples: 1000, level: 0.95, baseline: before,
        candidate: after, meanDifference: difference, lower: difference - reach,
        upper: difference + reach))
  }
}

@Suite struct PruningLossTests {
  @Test func `points are hundredths of mAP, and the sign is that of the change`() {
    let loss = PruningLoss(before: 0.654, after: 0.004)
    #expect(abs(loss.points - 65) < 1e-9)
    #expect("\(loss)" == "0.6540 → 0.0040 (-65.00 points)")
    #expect("\(PruningLoss(before: 0.5, after: 0.5125))" == "0.5000 → 0.5125 (+1.25 points)")
    #expect("\(PruningLoss(before: 0.5, after: 0.5))" == "0.5000 → 0.5000 (+0.00 points)")
  }

  @Test func `what is shown and large, and what cannot be told, calls for tuning`() {
    #expect(PruningLoss(before: 0.5, after: 0.4).callsForTuning)
    #expect(PruningLoss(before: 0.5, after: 0.4, reach: 0.2).callsForTuning)
    for after in [0.4951, 0.5, 0.6] {
      #expect(!PruningLoss(before: 0.5, after: after).callsForTuning)
    }
    #expect(!PruningLoss(before: 0.5, after: 0.48, reach: 0.025).callsForTuning)
  }

  @Test func `more than is allowed is refused, in one line`() throws {
    let loss = PruningLoss(before: 0.6, after: 0.55)
    try loss.check(allowed: 5.1)
    #expect(throws: PruningError.losesTooMuch(loss, allowed: 4)) { try loss.check(allowed: 4) }
    try PruningLoss(before: 0.6, after: 0.65).check(allowed: 0)
    // 0.2 points of mAP@0.5:0.95 and 6.9 of mAP@0.5.
    let map = PruningLoss(before: 0.2, after: 0.198).change
    var map50 = PruningLoss(before: 0.4458, after: 0.3764).change
    map50.metric = .map50
    let both = try #require(PruningLoss([map50, map]))
    #expect(abs(both.points - 0.2) < 1e-9 && abs(both.greatestPoints - 6.94) < 1e-9)
    try both.check(allowed: 7)
    #expect(throws: PruningError.losesTooMuch(both, allowed: 1)) { try both.check(allowed: 1) }
    #expect(
      PruningError.losesTooMuch(both, allowed: 1).description
        .hasPrefix("mAP@0.5 0.4458 → 0.3764 (-6.94 points): more than the 1.00 points"))
    // A network that finds nothing would pass any limit.
    let nothing = PruningLoss(before: 0, after: 0)
    #expect(throws: PruningError.nothingToLose(nothing)) { try nothing.check(allowed: 100) }
    #expect(
      PruningError.losesTooMuch(loss, allowed: 4).description
        == "mAP@0.5:0.95 0.6000 → 0.5500 (-5.00 points): more than the 4.00 points of --max-loss; "
        + "nothing was written; use a smaller share or another --score ('--curve' shows what each share "
        + "loses), or leave --max-loss out and fine-tune")
  }
}
