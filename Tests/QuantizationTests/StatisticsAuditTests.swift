import Darknet
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
    for seed in 0..<12 as Range<UInt64> {
      let network = try randomNetwork(seed: seed)
      let seen = try images(network, isBright: false, seed: seed)
      var isFirst = true
      try network.recalibrate {
        defer { isFirst = false }
        return isFirst ? seen : nil
      }
      func disagreeing(_ images: Tensor) throws -> [StatisticsAudit.Layer] {
        let audit = try StatisticsAudit(network)
        guard audit.canTell else { return [] }
        #expect(try audit.layers.isEmpty && audit.disagreeing.isEmpty)
        try audit.add(images.narrow(dim: 0, start: 0, count: 1))
        try audit.add(images.narrow(dim: 0, start: 1, count: 23))
        return try audit.disagreeing
      }
      let own = try disagreeing(images(network, isBright: false, seed: seed + 50))
      falseAlarms += own.isEmpty ? 0 : 1
      let other = try disagreeing(images(network, isBright: true, seed: seed))
      #expect(other.allSatisfy { $0.divergence > StatisticsAudit.limit })
      told += other.isEmpty ? 0 : 1
    }
    // Random kernels make channels that hardly vary, whose statistics say little: 3 of 12 were false
    // alarms, where networks of photographs gave none.
    #expect(told >= 10 && falseAlarms <= 4, "\(told), \(falseAlarms)")
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
}
