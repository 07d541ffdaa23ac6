import Foundation
import Testing

private let realData = ProcessInfo.processInfo.environment["PARE_REALDATA"]

/// Pruning by what is measured, on a trained network and photographs.
@Suite(.enabled(if: Workspace.isBuilt && realData != nil, "PARE_REALDATA is not set"), .serialized)
struct RealPruneTests {
  /// A detector of blood cells: a published network, trained on for an epoch or two.
  private func train(in space: Workspace) throws {
    let root = try #require(realData)
    try space.succeed("dataset import voc \(root)/bccd --output b --quiet")
    try space.succeed("config new yolo-fastest-1.1 --classes 3 --img-size 160 --output n.cfg")
    try space.succeed(
      "train --cfg n.cfg --data b/b.data --weights "
        + "\(root)/yolo-fastest/yolo-fastest-1.1.weights --pretrain --epochs 4 --batch-size 16 "
        + "--nominal-batch 16 --img-size 160 --sparsity 0.001 --sparsity-scope all --device cpu "
        + "--output r --quiet")
  }

  /// Prunes, and reads the result.
  private func prune(_ line: String, _ output: String, in space: Workspace) throws -> [String: Any]
  {
    try space.succeed(
      "prune \(line) --cfg r/model.cfg --weights r/last.weights --img-size 160 --force --quiet "
        + "--output \(output) --json \(output).json")
    return try space.json(output + ".json")
  }

  private func figure(_ result: [String: Any], _ row: String, _ key: String) throws -> Double {
    let row = try #require(result[row] as? [String: Any])
    return try #require((row[key] as? NSNumber)?.doubleValue, "\(key)")
  }

  @Test func `latency, loss of mAP and ranks of maps decide on real pictures`() throws {
    try Workspace.with { space in
      try train(in: space)
      let faster = try prune("target --latency 70%", "fast", in: space)
      let (before, after) = (
        try figure(faster, "before", "milliseconds"), try figure(faster, "after", "milliseconds")
      )
      // The search saw at most 70 % in one moment of this machine; this is another.
      #expect(after < 0.9 * before, "\(before) ms became \(after)")
      let steps = try #require(faster["staircases"] as? [[String: Any]])
      #expect(steps.count >= 20)
      for each in steps {
        let widths = try #require(each["widths"] as? [Int])
        let edges = try #require(each["edges"] as? [Int])
        #expect(edges.allSatisfy(widths.contains) && edges.last == widths.last)
      }

      let kept = try prune("target --max-drop 2 --data b/b.data", "kept", in: space)
      let whole = try figure(kept, "before", "map")
      #expect(whole > 0.02, "the training found nothing")
      #expect(try figure(kept, "after", "map") >= whole - 0.02)
      let differences = try #require(kept["differences"] as? [[String: Any]])
      #expect(differences.map { $0["metric"] as? String } == ["map50", "map"])
      for each in differences {
        let bounds = try ["lower", "mean", "upper"].map { try #require(each[$0] as? Double) }
        #expect(bounds == bounds.sorted())
      }

      let ranked = try prune(
        "normal --percent 0.3 --score rank --recalibrate --batch-size 8 --data b/b.data", "rank",
        in: space)
      #expect(
        try figure(ranked, "after", "parameters") < figure(ranked, "before", "parameters"))
      for result in [faster, kept, ranked] {
        #expect(try #require(result["relativeDifference"] as? Double) <= 1e-4)
      }
    }
  }
}
