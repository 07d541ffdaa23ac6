import Darknet
import Foundation
import Networks
import Testing
import Torch
import _TestSupport

@testable import Quantization

@Suite struct StatisticsAuditTests {
  // Between N(1, 4) and N(0, 1): ½·(4 + 1 − 1 − ln 4) = 1.30685; a channel that is as it was: 0.
  @Test func `divergences, by hand`() throws {
    let found = try StatisticsAudit.divergences(
      Tensor([1, 3] as [Float]), Tensor([4, 2] as [Float]), from: Tensor([0, 3] as [Float]),
      Tensor([1, 2] as [Float])
    ).toFloats()
    #expect(abs(found[0] - 1.30685) < 1e-3 && abs(found[1]) < 1e-4)
  }

  // One world is dim and smooth, the other bright and rough.
  private func images(_ network: Network, isBright: Bool, seed: UInt64) throws -> Tensor {
    let noise = try randomImages(network.spec, count: 24, seed: seed)
    return isBright ? try noise * 0.6 + 0.4 : try noise * 0.1 + 0.1
  }

  @Test func `pictures of the training's world pass, those of another do not`() throws {
    var (told, falseAlarms) = (0, 0)
    for seed in 0..<24 as Range<UInt64> {
      let network = try randomNetwork(seed: seed)
      // A training's statistics are of many more pictures than calibrate.
      var batch: UInt64 = 0
      try network.recalibrate {
        batch += 1
        return batch > 10 ? nil : try images(network, isBright: false, seed: 100 * batch + seed)
      }
      func disagreeing(_ images: Tensor) throws -> [StatisticsAudit.Layer] {
        let audit = try StatisticsAudit(network)
        guard audit.canTell else { return [] }
        #expect(try audit.layers.isEmpty && audit.disagreeing.isEmpty)
        try audit.add(images.narrow(dim: 0, start: 0, count: 1))
        try audit.add(images.narrow(dim: 0, start: 1, count: 23))
        return try audit.disagreeing
      }
      let own = try disagreeing(images(network, isBright: false, seed: seed + 5000))
      falseAlarms += own.isEmpty ? 0 : 1
      let other = try disagreeing(images(network, isBright: true, seed: seed))
      #expect(other.allSatisfy { $0.divergence > StatisticsAudit.limit })
      told += other.isEmpty ? 0 : 1
    }
    // Of 24 with a probability of 0.05 more than 5 come once in 1000 times.
    #expect(told >= 20 && falseAlarms <= 5, "\(told), \(falseAlarms)")
  }

  // Two batches of unlike sizes count by their pictures.
  @Test func `batches add up`() throws {
    let network = try randomNetwork(seed: 2)
    let pictures = try images(network, isBright: true, seed: 1)
    let (whole, parts) = (try StatisticsAudit(network), try StatisticsAudit(network))
    try whole.add(pictures)
    try parts.add(pictures.narrow(dim: 0, start: 0, count: 20))
    try parts.add(pictures.narrow(dim: 0, start: 20, count: 4))
    for (a, b) in zip(try whole.layers, try parts.layers) {
      #expect(a.index == b.index && abs(a.divergence - b.divergence) < 1e-3 + 1e-3 * a.divergence)
    }
  }

  // One picture has no spread, so nothing is said of it.
  @Test func `one picture tells nothing`() throws {
    let network = try randomNetwork(seed: 2)
    let audit = try StatisticsAudit(network)
    let picture = try images(network, isBright: true, seed: 1).narrow(dim: 0, start: 0, count: 1)
    try audit.add(picture)
    #expect(try audit.layers.contains { $0.divergence > StatisticsAudit.limit })
    #expect(try audit.disagreeing.isEmpty)
  }

  // Logarithms 3 of the whole, and 11/3, 10/3, 3 and 2 without each of four: those of the mean of 1, 2, 3
  // and 6. No bias, and the mean's standard error, √(14/12) = 1.0801. t of 3 degrees is above 2.3534 with
  // 0.05.
  @Test func `the jackknife, by hand`() {
    let end = StatisticsAudit.lowerEnd(
      exp(3), without: [11.0 / 3, 10.0 / 3, 3, 2].map { exp($0) })
    #expect(abs(log(end) - (3 - 2.353363 * 1.080123)) < 1e-5)
  }

  @Test func `a tenth of the layers have to disagree, one at least`() {
    #expect([84, 80, 5, 1].map { StatisticsAudit.needed(of: $0) } == [9, 8, 1, 1])
  }

  // Tables of Student's t.
  @Test(arguments: [
    (0.05, 1, 6.3138), (0.025, 2, 4.3027), (0.05, 3, 2.3534), (0.005, 4, 4.6041),
    (0.025, 10, 2.2281), (0.001, 30, 3.3852),
  ])
  func `quantiles of t`(probability: Double, degrees: Int, expected: Double) {
    let found = StudentT.quantile(above: probability, degreesOfFreedom: degrees)
    #expect(abs(found - expected) < 1e-4)
  }
}
