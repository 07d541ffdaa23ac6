import Boxes
import Pruning
import Testing

@testable import Runs
@testable import Summaries

/// What `prune` says of the use of what it made, over figures of all kinds.
@Suite struct PruneConclusionTests {
  /// How far from use a conclusion calls a network.
  private func severity(_ conclusion: String) -> Int {
    let words = ["used as it is", "to be sure", "fine-tune before", "little use", "too poor"]
    return words.firstIndex(where: conclusion.contains) ?? -1
  }

  private func result(
    _ metric: PairedBootstrap.Metric, _ before: Double, _ after: Double, reach: Double
  ) -> BootstrapResult {
    BootstrapResult(
      metric: metric, images: 30, resamples: 1000, level: 0.95, baseline: before, candidate: after,
      meanDifference: after - before, lower: after - before - reach,
      upper: after - before + reach)
  }

  /// The conclusion on a network that was `sparse` before, and comes from a dense one.
  private func conclusion(
    _ map50: Double, map: Double, sparse: Double, dense: Double?, reach: Double
  ) throws -> String {
    let loss = try #require(
      PruningLoss([
        result(.map50, sparse, map50, reach: reach),
        result(.map, sparse / 2, map, reach: reach / 2),
      ]))
    let quality = DetectionQuality(
      map50: map50, map: map, precision: 0.5, recall: 0.5, confidence: 0.1)
    let origin = dense.map { PruningOrigin(name: "runs/dense", map50: $0) }
    return PruneSummary.conclusion(
      loss.judgement, PruningShortfall(quality, origin: origin))
  }

  @Test func `a worse network never gets a milder sentence than a better one`() throws {
    for dense in [nil, 0.3, 0.4809, 0.55, 0.7] as [Double?] {
      for sparse in [0.25, 0.4458, 0.5, 0.52, 0.7] {
        for reach in [0.005, 0.02, 0.04, 0.08, 0.2] {
          // The other figure falls with it, or stays what it was.
          for falls in [true, false] {
            var last = (severity: 0, words: "")
            for step in 0...80 {
              let map50 = 0.8 - 0.01 * Double(step)
              let words = try conclusion(
                map50, map: falls ? map50 / 2 : sparse / 2, sparse: sparse, dense: dense,
                reach: reach)
              #expect(
                severity(words) >= last.severity,
                "\(map50) of \(sparse), \(dense ?? 0), ±\(reach): \(words), after \(last)")
              last = (severity(words), words)
            }
          }
        }
      }
    }
  }

  // 40 % of the channels: 0.4458 → 0.4449; 55 %: → 0.3764, as good by mAP@0.5:0.95. The dense network
  // had 0.4809.
  @Test func `what few pictures cannot tell is still held against the dense network`() throws {
    let less = try conclusion(0.4449, map: 0.2, sparse: 0.4458, dense: 0.4809, reach: 0.02)
    let more = try conclusion(0.3764, map: 0.2252, sparse: 0.4458, dense: 0.4809, reach: 0.08)
    #expect(less == "the network is of little use yet; train it before use" && more == less)
    #expect(
      try conclusion(0.55, map: 0.3, sparse: 0.56, dense: 0.6, reach: 0.08)
        == "fine-tune before use")
    #expect(
      try conclusion(0.68, map: 0.35, sparse: 0.7, dense: nil, reach: 0.08)
        == "fine-tune to be sure")
  }
}
