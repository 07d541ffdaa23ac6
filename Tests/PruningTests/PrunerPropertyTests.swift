import Darknet
import Testing
import _TestSupport

@testable import Pruning

/// Random networks, random parameters, every method with every score and random shares: the checks
/// of ``PrunedNetwork`` on each.
@Suite struct PrunerPropertyTests {
  /// The proof asks for 1e-4; in double precision nothing but a mistake comes near.
  static let tolerance = 1e-7

  private struct Case {
    var network: RandomNetwork
    var pruner: Pruner
    var result: PruningResult
    var pruned: PrunedNetwork

    var comment: Comment { "\(pruner.method.name) by \(pruner.method.score):\n\(network.text)" }
  }

  /// What a score that is measured on pictures may come to, by layer: a tenth of it exactly 0.
  private func measured(_ spec: NetworkSpec, _ generator: inout SeededGenerator) -> [[Float]] {
    spec.layers.map { layer in
      (0..<(layer.convolution?.outChannels ?? 0)).map { _ in
        max(0, Float.random(in: -0.1...0.9, using: &generator))
      }
    }
  }

  /// Those that are drawn. Another one changes what the others are tested on; each is tested by
  /// itself below.
  private static let drawn: [ImportanceScore] = [
    .scaleMagnitude, .filterNorm1, .filterNorm2, .geometricMedian, .taylor, .hessianDiagonal,
    .activationRank, .random,
  ]

  /// Nil where the method has nothing to prune.
  ///
  /// - Parameter score: drawn unless given.
  private func pruned(
    seed: UInt64, padded: Bool, zeroPreserving: Bool, score: ImportanceScore? = nil
  ) throws -> Case? {
    let network = RandomNetwork(seed: seed, padded: padded, zeroPreserving: zeroPreserving)
    let configuration = try network.configuration
    let spec = try NetworkSpec(configuration)
    let parameters = try randomParameters(spec, seed: seed &+ 1000)
    var generator = SeededGenerator(seed: seed &+ 2000)
    var method = PruningMethod.all[Int(seed) % PruningMethod.all.count]
    let drawn = generator.pick([method.score] + Self.drawn)
    method.score = score ?? drawn
    var request = PruningRequest(percent: Double.random(in: 0.1...0.95, using: &generator))
    request.multiple = generator.pick([1, 2, 4])
    request.layerKeep = generator.pick([0.01, 0.3])
    request.seed = seed
    request.ranges = [.init(layers: 0..<6, percent: 0.5)]
    do {
      let pruner = try Pruner(
        configuration, parameters, method: method,
        scores: method.score.needsPictures ? measured(spec, &generator) : nil)
      request.blocks = min(pruner.blocks.count, 1)
      let result = try pruner.prune(request, force: true)
      return Case(
        network: network, pruner: pruner, result: result, pruned: PrunedNetwork(pruner, result))
    } catch PruningError.nothingToPrune, PruningError.noBlocks {
      return nil
    } catch PruningError.tooFewBlocks {
      return nil
    }
  }

  @Test(arguments: 0..<6)
  func `masked, compact and silent original agree on random networks`(batch: UInt64) throws {
    var tested = 0
    for seed in batch * 40..<(batch + 1) * 40 {
      guard let each = try pruned(seed: seed, padded: true, zeroPreserving: true) else { continue }
      tested += 1
      let masked = try each.pruned.maskedDifference()
      #expect(masked < Self.tolerance, each.comment)
      let silent = try each.pruned.silentDifference()
      #expect(silent < Self.tolerance, each.comment)
      try expectSound(each)
    }
    #expect(tested >= 33)
  }

  @Test(arguments: 0..<4)
  func `constants arrive where nothing is padded`(batch: UInt64) throws {
    var tested = 0
    for seed in 10_000 + batch * 30..<10_000 + (batch + 1) * 30 {
      guard let each = try pruned(seed: seed, padded: false, zeroPreserving: false)
      else { continue }
      let masked = try each.pruned.maskedDifference()
      #expect(masked < Self.tolerance, each.comment)
      try expectSound(each)
      // What says that constants were lost is not exact.
      guard each.result.plan.lostConstants.isEmpty else { continue }
      tested += 1
      let constant = try each.pruned.constantDifference()
      #expect(constant < 1e-5, each.comment)
    }
    #expect(tested >= 15)
  }

  @Test(arguments: ImportanceScore.allCases)
  func `every score leaves a network that is the masked one`(score: ImportanceScore) throws {
    var tested = 0
    for seed in 20_000..<20_016 as Range<UInt64> {
      guard
        let each = try pruned(seed: seed, padded: true, zeroPreserving: true, score: score)
      else { continue }
      tested += 1
      #expect(each.pruner.method.score == score)
      #expect(try each.pruned.maskedDifference() < Self.tolerance, each.comment)
      try expectSound(each)
    }
    #expect(tested >= 8)
  }

  /// Every layer that stays keeps a channel, chunks stay equal, and the pair survives its files.
  private func expectSound(_ each: Case) throws {
    for (layer, kept) in each.result.keptChannels.enumerated() {
      let goes = each.result.newIndices[layer] == nil
      #expect(goes || !kept.isEmpty, each.comment)
      guard case .route(let route) = each.pruner.spec.layers[layer], route.groups > 1 else {
        continue
      }
      for source in route.sources where each.result.newIndices[source] != nil {
        let width = each.pruner.spec.outChannels(ofLayer: source) / route.groups
        let chunks = Dictionary(grouping: each.result.keptChannels[source]) { $0 / width }
        let places = Set(chunks.values.map { $0.map { $0 % width } })
        #expect(places.count == 1 && chunks.count == route.groups, each.comment)
      }
    }
    let result = each.result
    #expect(
      try Configuration(parsing: result.configuration.text, path: "again.cfg")
        == result.configuration)
    let spec = try NetworkSpec(result.configuration)
    let read = try withTemporaryFile("compact.weights") { path in
      try WeightsFile.write(result.parameters, for: spec, to: path)
      return try WeightsFile.read(path, for: spec)
    }
    #expect(read == result.parameters, each.comment)
  }

  @Test func `the random networks hold every kind of block often enough`() {
    var counts: [String: Int] = [:]
    var joined = 0
    let drawn =
      (0..<240).map { RandomNetwork(seed: $0) }
      + (10_000..<10_120).map { RandomNetwork(seed: $0, padded: false, zeroPreserving: false) }
    for own in drawn.map(\.counts) {
      counts.merge(own, uniquingKeysWith: +)
      if ["route", "shortcut", "grouped route"].allSatisfy({ own[$0] != nil }) { joined += 1 }
    }
    for kind in [
      "convolutional", "depthwise", "grouped convolution", "maxpool", "upsample", "route",
      "grouped route", "shortcut", "unequal shortcut", "dropout", "batchnorm", "scale_channels",
      "sam", "reorg3d", "reorg", "local_avgpool", "se", "blur", "share_index", "yolo",
      "residual block", "depthwise at the start of a branch", "weighted shortcut",
      "activated shortcut",
    ] {
      #expect(counts[kind, default: 0] >= 30, "\(kind): \(counts[kind, default: 0])")
    }
    #expect(joined >= 100)
  }
}
