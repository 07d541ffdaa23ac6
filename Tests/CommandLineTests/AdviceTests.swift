import Foundation
import Testing

/// What the commands on data sets advise, and that it can be typed.
@Suite(.enabled(if: Workspace.isBuilt, "the programs are not built"))
struct AdviceTests {
  /// The commands that an output says to type next, without the program's name.
  private func next(_ output: String) -> [String] {
    output.matches(of: /(?:next|or), [^\n]*:\n  pare ([^\n]*)/).map { String($0.1) }
  }

  @Test func `a set without validation pictures is led to a division`() throws {
    try Workspace.with { space in
      try space.succeed(
        "dataset synthetic --size 64 --images 12 --validation 1 --test 8 --output d --quiet")
      let data = String(decoding: try space.bytes("d/d.data"), as: UTF8.self)
      try space.write("d/d.data", data.replacing("valid=val.txt", with: "valid=train.txt"))
      let division = "dataset split --data d/d.data --ratios 0.8 0.2 --keep-test --output splits"
      for line in ["check --data d/d.data", "stats --data d/d.data --output s"] {
        #expect(next(try space.output(of: "dataset \(line)")) == [division], "\(line)")
      }
      let run = try space.run("dataset import darknet d --output e")
      #expect(run.status == 0 && run.errors.contains("e.data: no validation pictures: the best"))
      let imported = try space.output(of: "dataset import darknet d --output f")
      #expect(
        next(imported) == [
          "dataset check --data f/f.data",
          division.replacing("d/d", with: "f/f"),
        ])
      let divided = try space.output(of: division)
      // A fifth of twelve is 2.4, and the eight are what they were.
      #expect(divided.hasPrefix("splits/split.data: train 10, valid 2, test 8\n"), "\(divided)")
      #expect(next(divided).first?.hasPrefix("config new yolov4-tiny --classes 4 ") == true)
      let list = String(decoding: try space.bytes("splits/split-test.txt"), as: UTF8.self)
      #expect(list.split(separator: "\n").allSatisfy { $0.contains("/d/images/test-") })
      for (options, words) in [
        ("--keep-test", "'--ratios 0.8 0.2'"), ("--folds 3 --keep-test", "with '--folds'"),
      ] {
        let run = try space.run("dataset split --data d/d.data \(options) --output x")
        #expect(run.status == 64 && run.errors.contains(words), "\(run.errors)")
      }
    }
  }

  @Test func `a set without test pictures may be divided, and need not be`() throws {
    try Workspace.with { space in
      try space.succeed(
        "dataset synthetic --size 64 --images 12 --validation 8 --test 0 --output d --quiet")
      let lines = next(try space.output(of: "dataset check --data d/d.data"))
      #expect(
        lines == [
          "dataset split --data d/d.data --ratios 0.7 0.2 0.1 --output splits",
          "dataset stats --data d/d.data",
        ])
      for line in lines { try space.succeed(line + " --quiet") }
    }
  }

  @Test func `as many anchors are advised as the network takes`() throws {
    try Workspace.with { space in
      try space.prepare()
      let wrong = try space.run(
        "config new yolov4-tiny --classes 4 --anchors 1,1,2,2,3,3 --output w.cfg")
      #expect(
        wrong.errors
          == "Error: yolov4-tiny.cfg: 3 anchors cannot be shared out evenly to 2 heads; yolov4-tiny "
          + "takes 6, or another multiple of 2: 'pare anchors --data DATA.data --clusters 6' finds "
          + "them\n")
      // Without a cfg it is not known how many there should be; none are printed. The one that is here
      // is for as many classes.
      let plain = try space.output(of: "dataset check --data d/d.data")
      #expect(!plain.contains("the cfg's anchors"))
      #expect(plain.contains("pare anchors --data d/d.data --cfg n.cfg\n"))
      let fitted = try space.output(of: "dataset check --data d/d.data --cfg n.cfg")
      #expect(fitted.contains("the cfg's anchors at 64×64: "))
      #expect(fitted.contains("; to take them:\n  pare anchors --data d/d.data --cfg n.cfg\n"))
      let found = try space.output(of: "anchors --data d/d.data --cfg n.cfg")
      let last = try #require(next(found).last)
      #expect(last == "anchors --data d/d.data --cfg n.cfg --output n-anchors.cfg")
      try space.succeed(last)
      #expect(!found.contains("counts in") && !found.contains("is in no head"))
    }
  }

  // Anchors of COCO in 64 pixels are for objects of whole pictures; drawn shapes are a quarter.
  @Test func `better anchors are taken once, and the following lines name the file that has them`()
    throws
  {
    try Workspace.with { space in
      try space.prepare()
      let line = "anchors --data d/d.data --cfg n.cfg --output n.cfg --overwrite --json a.json"
      let before = try space.bytes("n.cfg")
      let found = try space.output(of: line)
      #expect(found.contains("\nverdict: take the new anchors, they are much better (mean IoU +0."))
      #expect(found.contains("; it takes +0.05 or +0.01)\n"))
      #expect(found.contains("\nn.cfg: written with the new anchors\n"))
      #expect(try space.json("a.json")["isWorthwhile"] as? Bool == true)
      let train = "train --cfg n.cfg --data d/d.data --epochs 200 --name dense"
      #expect(next(found) == [train])
      let written = try space.bytes("n.cfg")
      #expect(written != before)
      // They are not offered anew.
      for options in ["", " --output n.cfg --overwrite"] {
        let again = try space.output(of: "anchors --data d/d.data --cfg n.cfg\(options)")
        #expect(again.contains("\nverdict: go on with n.cfg, its own anchors are "))
        // What only looks leads to no training; the step before the first one leads to that.
        #expect(next(again) == (options.isEmpty ? [] : [train]), "\(again)")
        #expect(again.contains("\nn.cfg: left as it is\n") == !options.isEmpty)
      }
      #expect(try space.bytes("n.cfg") == written)
      // Another file is there in either case.
      try space.succeed("anchors --data d/d.data --cfg n.cfg --output m.cfg --quiet")
      #expect(try space.bytes("m.cfg") == written)
      // A cfg that is written for another size says so.
      let larger = try space.output(
        of: "anchors --data d/d.data --cfg n.cfg --img-size 96 --output larger.cfg")
      #expect(
        larger.contains(", and for 96×96 pixels, for which they are; it had 64×64\n"), "\(larger)")
      let check = try space.output(of: "dataset check --data d/d.data --cfg n.cfg")
      #expect(check.contains("verdict: go on with n.cfg") && !check.contains("pare anchors"))
      for (options, words) in [
        ("--data d/d.data --output x.cfg", "it needs '--cfg'"),
        ("--data d/d.data --cfg n.cfg --overwrite", "'--overwrite' belongs to '--output'"),
      ] {
        let wrong = try space.run("anchors \(options)")
        #expect(wrong.status == 64 && wrong.errors.contains(words), "\(wrong.errors)")
      }
      let there = try space.run("anchors --data d/d.data --cfg n.cfg --output m.cfg")
      #expect(there.status == 1 && there.errors.contains("m.cfg: exists"), "\(there.errors)")
    }
  }

  // One activation is another, so that it is no built-in network and its own masks stay: 3,4,5 and 1,2,3.
  @Test func `anchors that are in two heads or in none are told`() throws {
    try Workspace.with { space in
      try space.prepare()
      let cfg = String(decoding: try space.bytes("n.cfg"), as: UTF8.self)
      try space.write(
        "own.cfg",
        cfg.replacing("activation=leaky", with: "activation=mish", maxReplacements: 1))
      let found = try space.output(of: "anchors --data d/d.data --cfg own.cfg")
      #expect(found.contains("\nanchor 0 is in no head, so its boxes count in none\n"))
      #expect(found.contains("\nanchor 3 is in 2 heads, and its boxes count in each\n"))
      let line = "anchors --data d/d.data --cfg own.cfg --output own-anchors.cfg"
      #expect(next(found) == [line])
      try space.succeed(line + " --quiet")
      let written = String(decoding: try space.bytes("own-anchors.cfg"), as: UTF8.self)
      #expect(written.contains("mask=3,4,5") && written.contains("mask=1,2,3"))
    }
  }

  @Test func `a set of another form is named with the command that reads it`() throws {
    try Workspace.with { space in
      try space.prepare()
      try space.succeed("dataset export voc d/d.data --output v --quiet")
      let wrong = try space.run("dataset import coco v --output out")
      #expect(wrong.status == 1 && !space.exists("out"))
      let command = try #require(wrong.errors.firstMatch(of: /it looks like voc: pare (.*)\n$/))
      try space.succeed(String(command.1) + " --quiet")
      #expect(space.exists("out/out.data"))
    }
  }
}
