import Foundation
import Testing

@testable import Pruning

@Suite struct SparsityControlTests {
  private func isClose(_ a: Double, _ b: Double) -> Bool { abs(a - b) < 1e-12 }

  // Ceiling 0.8: it starts at 0.08. Medians of the last three: 0.79 (the lower of two), 0.80, 0.81
  // and, one bad evaluation or not, 0.81: ·1.5 each. 0.77, 4 points below 0.81 and outside of 2:
  // half. Again 0.77. 0.815: ·1.5.
  @Test func `it rises inside the band and falls below it`() {
    var control = SparsityControl(ceiling: 0.8, band: 2)
    control.begin(map50: 0.80, share: 0)
    #expect(isClose(control.strength, 0.08))
    let script: [(map50: Double, strength: Double)] = [
      (0.79, 0.12), (0.82, 0.18), (0.81, 0.27), (0.77, 0.405), (0.76, 0.2025), (0.815, 0.10125),
      (0.815, 0.151_875),
    ]
    for (epoch, step) in script.enumerated() {
      let line = control.update(map50: step.map50, share: 0, epoch: epoch, epochs: 100)
      #expect(isClose(control.strength, step.strength), "epoch \(epoch)")
      let falls = [4: "from 0.405 to 0.203", 5: "from 0.203 to 0.101"]
      #expect(
        line == falls[epoch].map { "mAP@0.5 is 4.0 points below the best: sparsity falls \($0)" })
    }
  }

  // The rate rises in two epochs: 30 and 40 points lost there are not the penalty's, and 0.4 is the
  // first best. 0.39 is inside, and so is 0.37 of three; then 0.37 of (0.39, 0.37, 0.36) is not.
  @Test func `it waits while the learning rate rises`() {
    var control = SparsityControl(ceiling: 0.1, band: 2)
    control.begin(map50: 0.8, share: 0)
    let script: [(rates: [Double], map50: Double, strength: Double)] = [
      ([0.01, 0.02], 0.5, 0.01), ([0.03], 0.4, 0.01), ([0.03, 0.02], 0.39, 0.015),
      ([0.01], 0.37, 0.0225), ([0.005], 0.36, 0.011_25),
    ]
    for (epoch, step) in script.enumerated() {
      for rate in step.rates { control.step(learningRate: rate) }
      _ = control.update(map50: step.map50, share: 0, epoch: epoch, epochs: 100)
      #expect(isClose(control.strength, step.strength), "epoch \(epoch)")
    }
  }

  // 0.01 · 1.5⁵ = 0.0759; ·1.5 again would be 0.114, above the ceiling of 0.1.
  @Test func `it stops at the ceiling, and never falls below a hundredth of it`() {
    var control = SparsityControl(ceiling: 0.1, band: 2)
    control.begin(map50: 0.5, share: 0)
    for epoch in 0..<5 {
      _ = control.update(map50: 0.5, share: 0, epoch: epoch, epochs: 100)
    }
    #expect(isClose(control.strength, 0.01 * 7.593_75))
    _ = control.update(map50: 0.5, share: 0, epoch: 5, epochs: 100)
    #expect(control.strength == 0.1)
    // The median is still 0.5 once. 0.1 / 2⁷ is below 0.001.
    for epoch in 6..<14 {
      _ = control.update(map50: 0.1, share: 0, epoch: epoch, epochs: 100)
    }
    #expect(control.strength == 0.001)
    #expect(control.update(map50: 0.1, share: 0, epoch: 14, epochs: 100) == nil)
  }

  // At the ceiling after six evaluations. Growth of 0.005 counts: 0 → 0.2 does, 0.203 and 0.204 do
  // not. 40 epochs: a twentieth is 2, so three epochs without growth make a plateau.
  @Test func `it decays once sparsity has begun to grow and stands still`() {
    var control = SparsityControl(ceiling: 0.1, band: 2)
    control.begin(map50: 0.5, share: 0)
    let shares = [0, 0, 0, 0, 0, 0, 0.2, 0.2, 0.203, 0.204, 0.204, 0.5]
    let strengths = [0.1, 0.1, 0.1, 0.05, 0.025, 0.0125]
    for (epoch, share) in shares.enumerated() {
      let line = control.update(map50: 0.5, share: share, epoch: epoch, epochs: 40)
      if epoch >= 6 { #expect(isClose(control.strength, strengths[epoch - 6]), "epoch \(epoch)") }
      #expect(
        line
          == (epoch == 9
            ? "the share of small scales stands still: sparsity falls from 0.1 to 0.05" : nil))
    }
  }

  // 200 epochs: a twentieth is 10. Judged every four epochs, the third stall is the twelfth epoch.
  @Test func `a plateau is counted in epochs, not in evaluations`() {
    var control = SparsityControl(ceiling: 0.1, band: 2)
    control.begin(map50: 0.5, share: 0)
    let evaluations = (0..<10).map { $0 * 4 + 3 }
    for epoch in evaluations {
      // Grows with the evaluation that finds the ceiling reached, in epoch 27, and never again.
      _ = control.update(
        map50: 0.5, share: epoch < 27 ? 0 : 0.3, epoch: epoch, epochs: 200)
      #expect(control.isDecaying == (epoch >= 39))
    }
    #expect(isClose(control.strength, 0.05))
  }

  @Test func `sparsity that never begins is no plateau`() {
    var control = SparsityControl(ceiling: 0.1, band: 2)
    control.begin(map50: 0.5, share: 0.1)
    for epoch in 0..<54 {
      _ = control.update(map50: 0.5, share: 0.1, epoch: epoch, epochs: 60)
    }
    #expect(control.strength == 0.1 && !control.isDecaying)
  }

  // 20 epochs: the first 18 are nine tenths. After the 18th it may still rise, after the 19th not.
  @Test func `it falls in the last tenth of the epochs`() {
    var control = SparsityControl(ceiling: 100, band: 2)
    control.begin(map50: 0.5, share: 0)
    for (epoch, strength) in [(17, 15), (18, 7.5), (19, 3.75)] {
      let before = control.strength
      let line = control.update(map50: 0.5, share: 0, epoch: epoch, epochs: 20)
      #expect(isClose(control.strength, strength))
      #expect(
        (line == "the end of the run is near: sparsity falls from 15 to 7.5") == (epoch == 18))
      #expect((control.strength > before) == (epoch == 17))
    }
  }

  @Test func `a network that finds nothing is pushed no harder`() {
    var control = SparsityControl(ceiling: 0.1, band: 2)
    control.begin(map50: 0, share: 0)
    for epoch in 0..<5 {
      #expect(control.update(map50: 0, share: 0, epoch: epoch, epochs: 60) == nil)
    }
    #expect(isClose(control.strength, 0.01))
    for epoch in 5..<7 { _ = control.update(map50: 0.01, share: 0, epoch: epoch, epochs: 60) }
    #expect(isClose(control.strength, 0.015))
  }

  @Test func `it goes on exactly from what a checkpoint keeps`() throws {
    var control = SparsityControl(ceiling: 0.1 / 3, band: 0.7)
    control.begin(map50: 1.0 / 3, share: 1.0 / 7)
    for epoch in 0..<4 {
      _ = control.update(map50: 1.0 / 3, share: 0.3, epoch: epoch, epochs: 30)
    }
    var kept = try JSONDecoder().decode(
      SparsityControl.self, from: JSONEncoder().encode(control))
    #expect(kept == control)
    _ = control.update(map50: 0.3, share: 0.3, epoch: 4, epochs: 30)
    _ = kept.update(map50: 0.3, share: 0.3, epoch: 4, epochs: 30)
    #expect(kept.strength.bitPattern == control.strength.bitPattern)
  }
}
