import Foundation
import Testing

/// A fine-tuning that makes a network worse says so.
@Suite(.enabled(if: Workspace.isBuilt, "the programs are not built"))
struct BelowStartTests {
  private let tune =
    "train --model r --weights last --data d/d.data --epochs 1 --batch-size 4 --device cpu "
    + "--learning-rate 0.1 --warmup-steps 0 --threads 1 "

  @Test func `no epoch is better than what the training began with`() throws {
    try Workspace.with { space in
      try space.prepareRightNetwork()
      let (status, text) = try space.everything(of: tune + "--ema --output t --json t.json")
      #expect(status == 0, "\(text)")
      let result = try space.json("t.json")
      let before = try #require(result["before"] as? [String: Any])
      let best = try #require(result["best"] as? [String: Any])
      let (start, end) = (before["map50"] as? Double ?? 0, best["map50"] as? Double ?? 1)
      try #require(start > 0, "\(text)")
      #expect(text.contains("\nbefore training: mAP@0.5 0."), "\(text)")
      let words = "no epoch is better than what the training began with: mAP@0.5 was "
      #expect(text.contains("\nadvice: \(words)"), "\(text)")
      #expect(text.contains("model.weights holds what it began with. Train longer, or again with"))
      #expect(text.contains("t/model.weights: what the training began with, for no epoch is"))
      #expect(!text.contains("  kept\n") && best["epoch"] as? Int == 0 && end == start)
      let next = text.matches(of: /(?:next|or), [^\n]*:\n  pare ([^\n]*)/).map { String($0.1) }
      #expect(
        next == [
          "train --model r --weights last --data d/d.data --epochs 100 --batch-size 4 --device cpu "
            + "--threads 1 --ema --learning-rate 0.03 --nominal-batch 16 --output t-2",
          "test --model t --data d/d.data --split test",
        ], "\(next)")
      // The weights themselves, but for the header's count of pictures.
      let (kept, began) = (try space.bytes("t/model.weights"), try space.bytes("r/last.weights"))
      #expect(kept.count == began.count && kept.dropFirst(20) == began.dropFirst(20))
      let record = try #require(try space.json("t/run.json")["before"] as? [String: Any])
      #expect(record["map50"] as? Double == start)
      let page = String(decoding: try space.bytes("t/report.html"), as: UTF8.self)
      #expect(page.contains("Advice: \(words)"))
      #expect(page.contains("<td>before training (best)</td>"))
      // What goes on knows it without judging again.
      let more = try space.run("train --resume --output t --epochs 2 --json t.json")
      #expect(more.status == 0 && !more.errors.contains("before training:"), "\(more.errors)")
      #expect((try space.json("t.json")["before"] as? [String: Any])?["map50"] as? Double == start)
    }
  }

  @Test func `a start is judged and kept where epochs are not judged until the last`() throws {
    try Workspace.with { space in
      try space.prepareRightNetwork()
      try space.succeed(tune + "--evaluate-every 0 --output t --json t.json --quiet")
      let result = try space.json("t.json")
      func map50(_ key: String) throws -> Double? {
        try #require(result[key] as? [String: Any])["map50"] as? Double
      }
      let before = try #require(try map50("before"))
      try #require(try map50("last") ?? 1 < before)
      #expect(try map50("best") == before)
      let (kept, began) = (try space.bytes("t/model.weights"), try space.bytes("r/last.weights"))
      #expect(kept.dropFirst(20) == began.dropFirst(20))
    }
  }

  @Test func `what begins with numbers of chance has no such figure`() throws {
    try Workspace.with { space in
      try space.train()
      let lines = [
        "train --cfg n.cfg --data d/d.data",
        "train --cfg n.cfg --weights r/model.weights --pretrain --data d/d.data",
      ]
      for (number, line) in lines.enumerated() {
        let run = try space.run(
          "\(line) --epochs 1 --batch-size 4 --device cpu --output o\(number) --json o.json")
        #expect(run.status == 0 && !run.errors.contains("before training"), "\(run.errors)")
        #expect(try space.json("o.json")["before"] is NSNull, "\(line)")
      }
    }
  }

  @Test func `rates far from the usual one and options given twice are told of at the start`()
    throws
  {
    try Workspace.with { space in
      try space.prepare()
      let train = "train --cfg n.cfg --data d/d.data --batch-size 4 --device cpu --epochs 1 "
      let adam = try space.run(train + "--optimizer adam --output a")
      #expect(adam.status == 0 && !adam.errors.contains("Warning"), "\(adam.errors)")
      let options = try #require(try space.json("a/request.json")["options"] as? [String: Any])
      #expect(options["learningRate"] as? Double == 0.001)
      let wild = try space.run(train + "--epochs 2 --learning-rate 0.2 --output b")
      let warnings = wild.errors.split(separator: "\n").filter { $0.hasPrefix("Warning: ") }
      #expect(
        warnings == [
          "Warning: '--epochs' is given 2 times (1, 2): the last one counts, 2",
          "Warning: a learning rate of 0.2 is far above what is usual for sgd, 0.01: the loss may "
            + "grow instead of falling",
        ], "\(wild.errors)")
      let checked = try space.run("config check n.cfg --json c.json --json e.json")
      #expect(
        checked.errors == "Warning: '--json' is given 2 times (c.json, e.json): the last one "
          + "counts, e.json\n")
    }
  }
}
