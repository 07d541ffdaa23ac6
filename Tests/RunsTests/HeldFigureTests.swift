import Pruning
import Testing

@testable import Runs

/// What is said of a figure that a pruning has to bring within a budget.
@Suite struct HeldFigureTests {
  private func held(
    _ figure: PruningTarget.Figure?, _ budget: PruningTarget.Budget, of whole: Double
  ) -> HeldFigure { HeldFigure(figure: figure, budget: budget, whole: whole) }

  // Rounded up, so that it is reached: 36,056 of 95,752 is 37.656 %.
  @Test func `what is to be typed is in the budget's own terms`() {
    #expect(held(.parameters, .share(0.3), of: 95_752).typed(36_056) == "--params 37.7%")
    #expect(held(.parameters, .amount(100), of: 95_752).typed(36_056) == "--params 36.1K")
    #expect(held(.parameters, .amount(3), of: 90).typed(9) == "--params 9")
    #expect(held(.macs, .amount(9), of: 3e6).typed(999_999) == "--macs 1M")
    #expect(held(.macs, .amount(9), of: 5e9).typed(2_910_528_000) == "--macs 2.92G")
    #expect(held(.weightsBytes, .amount(9), of: 386e3).typed(146_228) == "--weights-size 147KB")
    // Times get a twentieth more: 0.945, then 94.5 % of 1 ms.
    #expect(held(nil, .amount(0.1), of: 2).typed(0.9) == "--latency 0.95ms")
    #expect(held(nil, .share(0.1), of: 1).typed(0.9) == "--latency 94.5%")
    #expect(held(nil, .share(0.1), of: 1).typed(0.97) == nil)
    #expect(held(.macs, .share(0.1), of: 100).typed(100) == nil)
  }

  @Test func `each figure is told with what it is a share of`() {
    let share = held(.parameters, .share(0.4), of: 1000)
    #expect(
      share.reached(380) == "380 parameters (38.0 % of the network's) remain, and 400 (40.0 %) may")
    #expect(
      held(nil, .amount(5), of: 2).reached(1.5)
        == "1.50 ms a picture (75.0 % of the network's) remain, and 5.00 ms may")
    #expect(
      held(.parameters, .amount(5e6), of: 95_752).met
        == "the network has 95,752 parameters, and 5,000,000 may remain")
    #expect(held(nil, .amount(5), of: 2).met == "a picture takes 2.00 ms, and may take 5.00")
  }

  @Test func `force is offered where it helps, and with a target that it reaches`() {
    func words(_ held: HeldFigure, _ least: Double, _ forced: Double, isForced: Bool = false)
      -> String
    {
      "\(held.outOfReach(least: least, forced: forced, isForced: isForced))"
    }
    let third = held(.parameters, .share(0.3), of: 1000)
    let layer = "which leaves such a layer its best channel"
    let start = "the target cannot be reached: at least "
    #expect(
      words(third, 400, 200) == start
        + "400 parameters (40.0 % of the network's) remain where no layer "
        + "loses all its channels, and 300 (30.0 %) may; type '--params 40%', or add --force, \(layer)"
    )
    #expect(
      words(third, 400, 350).hasSuffix(
        " may; type '--params 40%', or type '--params 35% --force', \(layer)"))
    #expect(words(third, 400, 400).hasSuffix(" may; type '--params 40%'"))
    #expect(
      words(third, 350, 350, isForced: true) == start
        + "350 parameters (35.0 % of the network's) remain, "
        + "and 300 (30.0 %) may; type '--params 35%'")
    #expect(words(held(nil, .share(0.2), of: 1), 1, 1).hasSuffix(" may; no pruning helps"))
    #expect(
      words(held(.macs, .amount(0.3), of: 1000), 400, 400).contains(
        " and 0 may (a share has its sign, as 30%); "))
  }
}
