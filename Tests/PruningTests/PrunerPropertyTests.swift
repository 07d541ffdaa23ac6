import Darknet
import Testing
import _TestSupport

@testable import Pruning

/// Random networks, random parameters, random shares: the checks of ``PrunedNetwork`` on each.
@Suite struct PrunerPropertyTests {
  /// The proof asks for 1e-4; in double precision nothing but a mistake comes near.
  static let tolerance = 1e-7

  private func pruned(
    seed: UInt64, padded: Bool, zeroPreserving: Bool
  ) throws -> (PrunedNetwork, RandomNetwork)? {
    let network = RandomNetwork(seed: seed, padded: padded, zeroPreserving: zeroPreserving)
    let configuration = try network.configuration
    let spec = try NetworkSpec(configuration)
    let parameters = try randomParameters(spec, seed: seed &+ 1000)
    do {
      let pruner = try Pruner(configuration, parameters)
      var generator = SeededGenerator(seed: seed &+ 2000)
      let percent = Double.random(in: 0.1...0.95, using: &generator)
      return (PrunedNetwork(pruner, try pruner(percent: percent, force: true)), network)
    } catch PruningError.nothingToPrune {
      return nil
    }
  }

  @Test(arguments: 0..<6)
  func `masked, compact and silent original agree on random networks`(batch: UInt64) throws {
    var tested = 0
    for seed in batch * 30..<(batch + 1) * 30 {
      guard let (pruned, network) = try pruned(seed: seed, padded: true, zeroPreserving: true)
      else { continue }
      tested += 1
      let masked = try pruned.maskedDifference()
      #expect(masked < Self.tolerance, "seed \(seed):\n\(network.text)")
      let silent = try pruned.silentDifference()
      #expect(silent < Self.tolerance, "seed \(seed):\n\(network.text)")
    }
    #expect(tested >= 25)
  }

  @Test(arguments: 0..<4)
  func `constants arrive where nothing is padded`(batch: UInt64) throws {
    var tested = 0
    for seed in 10_000 + batch * 20..<10_000 + (batch + 1) * 20 {
      guard let (pruned, network) = try pruned(seed: seed, padded: false, zeroPreserving: false)
      else { continue }
      tested += 1
      let constant = try pruned.constantDifference()
      #expect(constant < 1e-5, "seed \(seed):\n\(network.text)")
      let masked = try pruned.maskedDifference()
      #expect(masked < Self.tolerance, "seed \(seed):\n\(network.text)")
    }
    #expect(tested >= 15)
  }

  @Test func `the random networks hold every kind of block often enough`() {
    var counts: [String: Int] = [:]
    for seed in 0..<180 {
      counts.merge(RandomNetwork(seed: UInt64(seed)).counts, uniquingKeysWith: +)
    }
    let minimum = 20
    for kind in [
      "convolutional", "depthwise", "grouped convolution", "maxpool", "upsample", "route",
      "grouped route", "shortcut", "unequal shortcut", "dropout", "batchnorm", "scale_channels",
      "sam", "reorg3d", "local_avgpool", "se", "blur", "share_index", "yolo",
    ] {
      #expect(counts[kind, default: 0] >= minimum, "\(kind): \(counts[kind, default: 0])")
    }
  }
}
