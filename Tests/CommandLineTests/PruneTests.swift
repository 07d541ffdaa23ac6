import Foundation
import Testing

/// Every pruning method, run as a person would.
@Suite(.enabled(if: Workspace.isBuilt, "the programs are not built"))
struct PruneTests {
  private static let lines = [
    "normal --percent 0.2", "regular --percent 0.2 --multiple 4", "shortcut --percent 0.2",
    "slim --percent 0.2 --layer-keep 0.1", "layer --shortcuts 2",
    "layer-channel --percent 0.2 --shortcuts 2",
    "layer-channel-regular --percent 0.2 --shortcuts 2 --multiple 4",
    "group --percent 0.2 --merge union", "group --boundaries 30 --percents 10% 30%",
    "target --params 60% --multiple 4", "target --macs 1.2M", "target --params 60% --base slim",
    "target --macs 1.2M --base layer-channel --shortcuts 1", "target --weights-size 200KB",
    "slim --percent 0.2 --score l1 --normalize layer", "normal --percent 0.2 --score random",
    "normal --percent 0.2 --scope legacy", "normal --percent 0.2 --score taylor --data d/d.data",
    "slim --percent 0.2 --score hessian --recalibrate --data d/d.data",
    "eagleeye --base slim --percent 0.3 --number 2 --data d/d.data",
  ]

  @Test func `every method writes a smaller pair that runs`() throws {
    try Workspace.with { space in
      try space.succeed(
        "dataset synthetic --size 64 --images 12 --validation 4 --test 4 --output d --quiet")
      try space.succeed(
        "config new yolo-fastest-1.1 --classes 4 --width-multiple 0.5 --img-size 64 --output n.cfg")
      try space.succeed(
        "train --cfg n.cfg --data d/d.data --epochs 1 --batch-size 4 --device cpu --output r "
          + "--quiet")
      for (index, line) in Self.lines.enumerated() {
        let output = "p\(index)"
        try space.succeed(
          "prune \(line) --cfg n.cfg --weights r/last.weights --force --quiet --batch-size 4 "
            + "--output \(output) --json \(output).json")
        let result = try space.json("\(output).json")
        let before = try #require(result["before"] as? [String: Any])
        let after = try #require(result["after"] as? [String: Any])
        let left = try #require(after["parameters"] as? Int)
        #expect(try left < #require(before["parameters"] as? Int), "\(line)")
        #expect(try #require(result["relativeDifference"] as? Double) <= 1e-4, "\(line)")
        #expect(after["weightsBytes"] as? Int == (try space.bytes("\(output)/model.weights").count))
        #expect(space.exists("\(output)/report.html"))
      }
      // A pruned network is pruned again, after an explanation.
      try space.succeed(
        "prune slim --cfg p0/model.cfg --weights p0/model.weights --percent 0.1 --force --explain "
          + "--output again")
      let curve = "prune normal --cfg n.cfg --weights r/last.weights --percent 0.9 --curve --quiet "
      try space.succeed(curve + "--force --data d/d.data --json c.json --output c")
      #expect(try #require(space.json("c.json")["curve"] as? [Any]).count == 10)
    }
  }

  @Test func `a measured curve is printed though the pruning is refused`() throws {
    try Workspace.with { space in
      try space.train()
      let pair = "--cfg n.cfg --weights r/last.weights --data d/d.data --output p"
      for refused in ["0.95", "0.1 --max-loss 0"] {
        let printed = try space.output(
          of: "prune normal --curve --percent \(refused) \(pair)", status: 1)
        #expect(printed.hasPrefix("mAP at rising shares of channels; * with "), "\(printed)")
        #expect(printed.contains("\n90 %"), "\(printed)")
        #expect(!space.exists("p"), "\(refused)")
      }
    }
  }

  @Test func `pictures without labels prove, re-estimate and rank, and no more`() throws {
    try Workspace.with { space in
      try space.train()
      try FileManager.default.removeItem(atPath: space.path("d/labels"))
      let pair = "--cfg n.cfg --weights r/last.weights --data d/d.data --force --quiet "
      for (index, line) in ["--score rank", "--recalibrate"].enumerated() {
        try space.succeed(
          "prune normal --percent 0.3 \(line) \(pair) --output p\(index) --json p\(index).json")
        let result = try space.json("p\(index).json")
        #expect(try #require(result["relativeDifference"] as? Double) <= 1e-4)
        #expect(result["statisticsReestimatedAfterProof"] as? Bool == (index == 1))
        #expect(try #require(result["differences"] as? [Any]).isEmpty)
        let after = try #require(result["after"] as? [String: Any])
        #expect(after["map50"] is NSNull)
      }
      for line in [
        "normal --percent 0.3 --score taylor", "normal --percent 0.3 --curve",
        "eagleeye --percent 0.3", "target --max-drop 1",
      ] {
        let run = try space.run("prune \(line) \(pair) --output p")
        #expect(run.status == 1 && run.errors.contains("Error: "), "\(line): \(run.errors)")
        #expect(run.errors.contains("label"), "\(line): \(run.errors)")
        #expect(!space.exists("p"), "\(line)")
      }
    }
  }

  @Test func `pictures that cannot be read are told of and do not count as real`() throws {
    try Workspace.with { space in
      try space.train()
      let pictures = try space.names("d/images").filter {
        $0.hasSuffix(".png") || $0.hasSuffix(".jpg")
      }
      let valid = String(decoding: try space.bytes("d/val.txt"), as: UTF8.self)
      let broken = pictures.filter { valid.contains($0) }
      #expect(broken.count == 4)
      for name in broken { try space.write("d/images/\(name)", "no picture") }
      let run = try space.run(
        "prune normal --percent 0.3 --cfg n.cfg --weights r/last.weights --data d/d.data --force "
          + "--output p --json p.json")
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.errors.contains("4 pictures skipped in the evaluation"), "\(run.errors)")
      #expect(try #require(space.json("p.json")["differences"] as? [Any]).isEmpty)
      #expect(space.exists("p/report.html"))
    }
  }

  @Test func `a taken folder is refused before anything is measured`() throws {
    try Workspace.with { space in
      try space.train()
      for line in ["eagleeye --percent 0.3 --number 2", "target --max-drop 5"] {
        let run = try space.run(
          "prune \(line) --cfg n.cfg --weights r/last.weights --data d/d.data --output r")
        #expect(run.status == 1)
        #expect(
          run.errors
            == "Error: r: holds a training, not a pruned network, and is not replaced; name "
            + "another --output\n", "\(line)")
      }
    }
  }

  @Test func `multiplications are those at the size that was asked for`() throws {
    try Workspace.with { space in
      try space.train()
      try space.succeed(
        "prune normal --percent 0.2 --cfg n.cfg --weights r/last.weights --force --img-size 96 "
          + "--quiet --output p --json p.json")
      try space.succeed("profile --cfg p/model.cfg --img-size 96 --json q.json")
      let after = try #require(space.json("p.json")["after"] as? [String: Any])
      #expect(after["macs"] as? Int == (try space.json("q.json")["macs"] as? Int))
      try space.succeed(
        "prune group --percents 0.1 0.2 10% 0.1 --cfg n.cfg --weights r/last.weights --force --quiet "
          + "--output g --json g/report.json")
      #expect(try space.json("g/report.json")["percent"] as? Double == 0.2)
    }
  }

  // No figure shows that it helps, so nobody is advised to ask.
  @Test func `small scales are brought back where asked`() throws {
    try Workspace.with { space in
      try space.train(
        "--epochs 30 --nominal-batch 4 --learning-rate 0.02 --warmup-steps 0 --evaluate-every 0 "
          + "--sparsity 1 --sparsity-update proximal")
      let prune =
        "prune normal --percent 0.1 --cfg n.cfg --weights r/last.weights --force --quiet "
      let plain = try space.run(prune + "--output a --json a.json")
      #expect(plain.status == 0 && !plain.errors.contains("restore-scales"), "\(plain.errors)")
      let run = try space.run(prune + "--output b --json b.json --restore-scales")
      #expect(run.status == 0 && run.errors.contains("scales multiplied by"), "\(run.errors)")
      #expect(try space.json("a.json")["restoredScales"] is NSNull)
      let result = try space.json("b.json")
      #expect(try #require(result["restoredScales"] as? Double) >= 2)
      #expect(try #require(result["relativeDifference"] as? Double) <= 1e-6)
      #expect(try space.bytes("a/model.weights") != space.bytes("b/model.weights"))
      let again = try space.run(
        prune.replacing("n.cfg", with: "b/model.cfg").replacing(
          "r/last.weights", with: "b/model.weights") + "--output c --restore-scales")
      #expect(again.status == 0 && again.errors.contains("left as they are"), "\(again.errors)")
    }
  }

  @Test func `a network that was small enough is written as it was`() throws {
    try Workspace.with { space in
      try space.train()
      let run = try space.run(
        "prune target --params 100M --output t --cfg n.cfg --weights r/last.weights --force")
      #expect(run.status == 0 && run.errors.contains("nothing is removed"), "\(run.errors)")
      #expect(try space.bytes("t/model.weights") == space.bytes("r/last.weights"))
    }
  }

  @Test func `what cannot be is one line`() throws {
    try Workspace.with { space in
      try space.train()
      for (line, words) in [
        ("layer --shortcuts 1", "nothing to prune"),
        ("group --percents 0.1 0.2", "2 shares for"),
        ("group --boundaries 999", "the network has layers 0 to 37"),
        ("target --macs 1", "the target cannot be reached"),
        ("normal --percent 0.1 --output r", "holds a training, not a pruned network"),
      ] {
        let run = try space.run(
          "prune \(line) --cfg n.cfg --weights r/last.weights --force --quiet")
        #expect(run.status == 1, "pare prune \(line): \(run.errors)")
        #expect(run.errors.contains("Error: ") && run.errors.contains(words), "\(run.errors)")
      }
    }
  }
}
