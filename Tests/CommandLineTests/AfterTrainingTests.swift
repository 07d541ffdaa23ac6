import Foundation
import Testing

/// What a run says at its end, and what is said of figures that mislead.
@Suite(.enabled(if: Workspace.isBuilt, "the programs are not built"))
struct AfterTrainingTests {
  private let small = "--batch-size 4 --device cpu"

  /// The commands that a text says to type next.
  private func next(_ text: String) -> [String] {
    text.matches(of: /(?:next|or), [^\n]*:\n  pare ([^\n]*)/).map { String($0.1) }
  }

  // 12 pictures and 100 epochs are 300 steps; 0.015 moves a scale of 1 by a third. After 3 epochs
  // the network misses most, so training on comes first, and no sparse training is suggested. 0.4
  // in 2 epochs is less of a push than 0.4 in 100.
  @Test func `the strength that is suggested is strong enough`() throws {
    try Workspace.with { space in
      try space.prepare()
      let dense = try space.output(
        of: "train --cfg n.cfg --data d/d.data --epochs 3 --output r \(small)")
      let commands = next(dense)
      #expect(dense.contains("is low: below 0.2 most objects are missed, and networks that"))
      #expect(dense.contains("It is too poor to use: train longer first\n"))
      // 12 pictures, 4 at a time: 3 batches an epoch, one step; all are in the warm-up.
      #expect(dense.contains("advice: likely reason 1: only "))
      #expect(dense.contains("advice: likely reason 2: few boxes: "))
      #expect(commands.map { $0.prefix(14) } == ["train --resume", "test --model r"])
      let short = next(
        try space.output(
          of: "train --model r --data d/d.data --epochs 2 --sparsity 0.4 --output s \(small)"))
      let sparse = try #require(short.first { $0.contains("--sparsity ") })
      #expect(sparse.contains("--epochs 100 "))
      let strength = try #require(sparse.firstMatch(of: /--sparsity ([\d.]+)/))
      let value = try #require(Double(strength.1))
      #expect(value > 0.015 && value < 0.4, "\(sparse)")
      // As it is printed, but for files that take time.
      let run = try space.run("\(sparse) --evaluate-every 0 --save-every 0 --device cpu")
      #expect(run.status == 0 && !run.errors.contains("too weak"), "\(run.errors)")
      #expect(run.errors.contains("scales below 0.01: ") && !run.errors.contains("gamma"))
    }
  }

  @Test func `a run that made nothing sparse is not one to prune by its scales`() throws {
    try Workspace.with { space in
      try space.train()
      let weak = try space.output(
        of: "train --model r --data d/d.data --epochs 1 --sparsity 0.001 --output s \(small)")
      #expect(
        weak.contains("advice: the run did not make the network sparse: 0 % of the scales are"))
      #expect(!weak.contains("sparsest"))
      // Who only looks at the page is told as well, in words.
      let page = String(decoding: try space.bytes("s/report.html"), as: UTF8.self)
      #expect(
        page.contains("Advice: the run did not make the network sparse: 0 % of the scales are"))
      #expect(!page.contains("gamma") && page.contains("Sizes of all scales that are pushed after"))
      #expect(page.contains("three quarters are below"))
      let commands = next(weak)
      // Where the run began, not where it ended.
      #expect(commands.contains { $0.hasPrefix("train --model r --data d/d.data --epochs 100 ") })
      let prune = try #require(commands.first { $0.hasPrefix("prune ") })
      #expect(
        prune.hasPrefix("prune normal --model s --weights last --data d/d.data --score taylor ")
          && prune.hasSuffix(" --output runs/pruned"), "\(prune)")
      // As it is printed; with what forces it only where it is refused without.
      if prune.contains(" --force") {
        #expect(try space.run(prune.replacing(" --force", with: "")).status == 1)
      }
      try space.succeed(prune)
      #expect(!commands.contains { $0.contains("50%") })
      // Far more than enough: some 180 steps of 0.05 · 1 at most.
      let strong = try space.output(
        of: "train --model r --data d/d.data --epochs 60 --learning-rate 0.05 --sparsity 1 "
          + "--sparsity-update proximal --evaluate-every 0 --save-every 0 --output t \(small)")
      #expect(strong.contains("the last epoch's, the sparsest; the ones to prune"))
      #expect(strong.contains("of the scales are near zero, so they no longer tell what matters"))
    }
  }

  @Test func `compare takes the weights that were pruned`() throws {
    try Workspace.with { space in
      try space.train()
      try space.succeed(
        "prune normal --model r --weights last --percent 20% --force --output p --quiet")
      let model = try space.json("p/model.json")
      #expect((model["prunedFromWeights"] as? String)?.hasSuffix("/r/last.weights") == true)
      let compare = "--data d/d.data --json c.json --bootstrap 100"
      func weights() throws -> [String] {
        let rows = try #require(try space.json("c.json")["rows"] as? [[String: Any]])
        return rows.compactMap { ($0["weights"] as? String)?.split(separator: "/").last }
          .map(String.init)
      }
      let both = try space.output(of: "compare r p \(compare)")
      #expect(try weights() == ["last.weights", "model.weights"])
      #expect(both.contains("weights of r: r/last.weights, which p was pruned from; "))
      // What is trained from a pruned network is of the same descent.
      try space.succeed("train --model p --data d/d.data --epochs 1 --output u --quiet \(small)")
      try space.succeed("compare r u \(compare)")
      #expect(try weights() == ["last.weights", "model.weights"])
      // Named, the best weights are taken; alone, they are too.
      try space.succeed("compare r/model.weights p \(compare)")
      #expect(try weights() == ["model.weights", "model.weights"])
      let same = try space.output(of: "compare r r \(compare)")
      #expect(try weights() == ["model.weights", "model.weights"])
      #expect(same.firstMatch(of: #/\nr +mAP@0\.5:0\.95 +\+0\.00 +\+0\.00 to \+0\.00 /#) != nil)
      for line in same.split(separator: "\n") where line.contains("mAP@0.5:0.95  ") {
        #expect(line.count <= 80, "\(line)")
      }
      #expect(same.contains("\nr and r are the same weights: nothing but times can differ\n"))
      #expect(!both.contains("the same weights"))
    }
  }

  // The lists of another data file name the same pictures by other paths.
  @Test func `figures on pictures of the training are told of`() throws {
    try Workspace.with { space in
      try space.train()
      let test = "test --model r --data"
      #expect(try !space.run("\(test) d/d.data --split test").errors.contains("trained on"))
      let all = try space.run("\(test) d/d.data --split train")
      #expect(all.errors.contains("Warning: all 12 pictures are among those that r was trained on"))
      func list(_ part: String) throws -> [Substring] {
        try String(contentsOfFile: space.path("d/\(part).txt"), encoding: .utf8)
          .split(separator: "\n")
      }
      try FileManager.default.createSymbolicLink(
        atPath: space.path("link"), withDestinationPath: space.path("d"))
      let mixed =
        try list("train").prefix(2).map { "link/" + $0.trimmingPrefix("./") }
        + list("test").map { "d/" + $0.trimmingPrefix("./") }
      try space.write("mixed.txt", mixed.map { $0 + "\n" }.joined())
      try space.write("mixed.data", "classes=4\nvalid=mixed.txt\ntest=mixed.txt\nnames=d/d.names\n")
      let some = "Warning: 2 of the 6 pictures are among those that"
      #expect(try space.run("\(test) mixed.data").errors.contains("\(some) r was trained on"))
      // The weights say whose they are, wherever the cfg lies; so does what was made of them.
      let pair = "--cfg n.cfg --weights r/model.weights"
      let elsewhere = try space.run("test \(pair) --data mixed.data")
      #expect(elsewhere.errors.contains("\(some) r/model.weights was trained on"))
      try space.succeed("prune normal \(pair) --percent 20% --force --output o --quiet")
      #expect(
        try space.run("test --model o --data mixed.data").errors.contains(
          "\(some) o was trained on"))
      let prune = "prune normal --model r --percent 20% --force --data mixed.data --output q"
      #expect(try space.run(prune).errors.contains("\(some) r was trained on"))
      // A pruned network was trained where the one was that it comes from.
      try space.succeed("prune normal --model r --percent 20% --force --output p --quiet")
      let compared = try space.run("compare r p --data mixed.data --split test")
      #expect(compared.errors.contains("\(some) r was trained on"))
      #expect(compared.errors.contains("\(some) p was trained on"))
      // Nothing is known of a pair elsewhere.
      try space.succeed("convert --cfg n.cfg --weights r/model.weights --output n.weights --quiet")
      #expect(try !space.run("compare n.cfg n.cfg --data mixed.data").errors.contains("trained on"))
    }
  }

  // Of 20 pictures 12 were trained on; one of those goes into the new test list by hand.
  @Test func `lists that change do not hide what a run was trained on`() throws {
    try Workspace.with { space in
      try space.train()
      func list(_ part: String) throws -> [String] {
        try String(contentsOfFile: space.path("d/\(part).txt"), encoding: .utf8)
          .split(separator: "\n").map(String.init)
      }
      func write(_ part: String, _ lines: [String]) throws {
        try space.write("d/\(part).txt", lines.map { $0 + "\n" }.joined())
      }
      let (train, valid, test) = try (list("train"), list("val"), list("test"))
      try write("train", Array(train.dropFirst().dropLast()) + test.prefix(1))
      try write("test", Array(test.dropFirst()) + train.prefix(1))
      try write("val", Array(valid.dropFirst()) + train.suffix(1))
      let words = "Warning: 1 of the 4 pictures is among those that r was trained on"
      let measured = [
        "test --model r --split test", "compare r r --data d/d.data --split test",
      ]
      for command in measured {
        #expect(try space.run(command).errors.contains(words), "\(command)")
      }
      let quantized = try space.run("quantize --model r --output q --force")
      #expect(quantized.errors.contains(words), "\(quantized.errors)")
      let again = try space.run("train --model r --data d/d.data --epochs 1 --output u \(small)")
      #expect(again.errors.contains(words.replacing("that r", with: "that r/model.weights")))
      // A run of an earlier version keeps no list; its record tells that the data are others.
      try FileManager.default.removeItem(atPath: space.path("r/pictures.json"))
      let changed = "the data set of r has changed since that run was trained: "
      #expect(try space.run(measured[0]).errors.contains("Warning: \(changed)"))
      try write("train", train)
      #expect(try !space.run(measured[0]).errors.contains("has changed"))
      #expect(try space.run(measured[0]).errors.contains(words))
    }
  }

  @Test func `a set that is divided in its place says so`() throws {
    try Workspace.with { space in
      try space.prepare()
      let split = "dataset split --data"
      let first = try space.output(of: "\(split) d/d.data --output s")
      #expect(!first.contains("in its place"))
      let again = try space.output(of: "\(split) s/split.data --output s --overwrite --seed 1")
      #expect(again.contains("\ns/split.data was divided in its place: networks that were trained"))
    }
  }

  // The validation pictures are 4, the test pictures are 4 others.
  @Test func `figures of different pictures are not put side by side in silence`() throws {
    try Workspace.with { space in
      try space.train()
      try space.succeed(
        "test --model r --data d/d.data --split test --save-predictions t.json --quiet")
      let mixed = "compare t.json r --data d/d.data"
      let words =
        "the figures are of different pictures, 4 of t.json and 4 of r, 0 of them the same, so they "
        + "do not compare; add '--split test'"
      let run = try space.run(mixed)
      #expect(run.status == 0 && run.errors.contains("Warning: \(words)\n"), "\(run.errors)")
      #expect(next(try space.output(of: mixed)) == ["\(mixed) --split test"])
      let bootstrap = try space.run("\(mixed) --bootstrap 100")
      #expect(bootstrap.status == 1 && bootstrap.errors.hasSuffix("Error: \(words)\n"))
      let same = try space.run("\(mixed) --split test")
      #expect(same.status == 0 && !same.errors.contains("different pictures"))
      // Stored ones alone: no option helps.
      try space.succeed("test --model r --data d/d.data --save-predictions v.json --quiet")
      let stored = next(try space.output(of: "compare t.json v.json"))
      #expect(
        stored == ["test --model RUN --data DATA.data --save-predictions predictions.json"])
    }
  }

  @Test func `a network of one class keeps its option in every next command`() throws {
    try Workspace.with { space in
      try space.prepare()
      try space.succeed(
        "config new yolov4-tiny --classes 1 --width-multiple 0.125 --img-size 64 --output one.cfg "
          + "--quiet")
      var lines = next(
        try space.output(
          of: "train --cfg one.cfg --data d/d.data --single-cls --epochs 1 --output r \(small)"))
      for line in lines where !line.contains("--resume") {
        #expect(line.contains("--data d/d.data --single-cls"), "\(line)")
      }
      let prune = "prune normal --model r --data d/d.data --single-cls --percent 10%"
      lines += next(try space.output(of: "\(prune) --force --output p"))
      lines += next(try space.output(of: "detect --model p --source d/images --output f"))
      lines.append("compare r p --data d/d.data --single-cls")
      lines.append("\(prune) --score taylor")
      for line in lines {
        var line = line.replacing(/--epochs \d+/, with: "--epochs 2")
        if line.hasPrefix("train"), !line.contains("--resume") { line += " " + small }
        let run = try space.run(line)
        #expect(run.status == 0, "\(line): \(run.errors)")
      }
      #expect(lines.contains("test --model p --data d/d.data --single-cls --split test"))
      for folder in ["r", "p"] {
        #expect(try space.bytes("\(folder)/model.names") == Data("object\n".utf8))
      }
    }
  }

  @Test func `from finding to measuring and no further round`() throws {
    try Workspace.with { space in
      try space.train()
      let found = next(try space.output(of: "detect --model r --source d/images --output f"))
      #expect(
        found == [
          "train --resume --output r --epochs 100", "test --model r --data d/d.data --split test",
        ])
      let measured = next(try space.output(of: found[1]))
      let detect = try #require(measured.last)
      #expect(detect.hasPrefix("detect --model r --source d/images/"))
      #expect(next(try space.output(of: detect + " --output g")).last == "detect --help")
    }
  }
}
