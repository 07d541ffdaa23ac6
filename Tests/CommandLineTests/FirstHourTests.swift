import Foundation
import Testing

/// What somebody meets who uses the commands for the first time.
@Suite(.enabled(if: Workspace.isBuilt, "the programs are not built"))
struct FirstHourTests {
  private let small = "--batch-size 4 --device cpu --threads 1"

  /// The commands that an output says to type next, without the program's name.
  private func next(_ output: String) -> [String] {
    output.matches(of: /(?:next|or), [^\n]*:\n  pare ([^\n]*)/).map { String($0.1) }
  }

  // What the training said of itself is in its record, and all commands go by that.
  @Test func `what a training said of going on, other commands say too`() throws {
    try Workspace.with { space in
      try space.train("--epochs 1")
      var record = try space.json("r/run.json")
      let verdict = try #require(record["verdict"] as? [String: Any])
      #expect(verdict["isWorthLonger"] as? Bool == true && verdict["isSettled"] as? Bool == false)
      #expect((verdict["reasons"] as? [String])?.first?.hasPrefix("only 1 step: more ") == true)
      let longer = "train --resume --output r --epochs 100"
      #expect(next(try space.output(of: "test --model r")).first == longer)

      record["verdict"] = [
        "isWorthLonger": false, "isSettled": true, "reasons": ["few boxes", "wrong labels"],
      ]
      try space.write("r/run.json", JSONSerialization.data(withJSONObject: record))
      let look = "dataset check --data d/d.data --model r"
      let tested = try space.output(of: "test --model r")
      #expect(next(tested).first == look, "\(tested)")
      #expect(
        tested.contains(
          "\ntraining it longer brought little\nlikely reason 1: few boxes\n"
            + "likely reason 2: wrong labels\n"))
      let found = try space.output(of: "detect --model r --source d/images --output f")
      #expect(next(found).contains(look), "\(found)")
      // The look does not lead back to where it came from, nor to a report that it did not write.
      let looked = try space.output(of: look)
      #expect(!next(looked).contains { $0.hasPrefix("train --resume") }, "\(looked)")
      #expect(!looked.contains("pare detect") && !looked.contains("pare test"), "\(looked)")
      let compared = try space.output(of: "compare r r --bootstrap 100")
      #expect(next(compared).first == look)
      #expect(compared.contains("labels or the anchors, for all are too poor to be used:\n"))

      // What neither settled nor has reasons was of use to the training, and is trained longer.
      record["verdict"] = ["isWorthLonger": false, "isSettled": false, "reasons": [String]()]
      try space.write("r/run.json", JSONSerialization.data(withJSONObject: record))
      #expect(next(try space.output(of: "test --model r")).first == longer)
      #expect(next(try space.output(of: "compare r r --bootstrap 100")).first == longer)

      // A run that was stopped goes on as it was meant to.
      try FileManager.default.removeItem(atPath: space.path("r/run.json"))
      try space.write("r/history.jsonl", "")
      #expect(next(try space.output(of: "test --model r")).first == "train --resume --output r")
    }
  }

  @Test func `a network that finds several classes in one place is used with one`() throws {
    try Workspace.with { space in
      try space.train("--epochs 1")
      let line = "detect --model r --source d/images --conf-thres 0.001"
      let found = try space.output(of: line + " --output f --iou-thres 0.5")
      let count = try #require(
        found.firstMatch(of: /(\d+) objects in 20 pictures, [\d.]+ in each on the average, of conf/)
      )
      let several = try #require(
        found.firstMatch(
          of: /\n(\d+) of these objects have boxes of several classes; --best-class --agn/))
      #expect(try #require(Int(several.1)) <= #require(Int(count.1)))
      let clearer = try #require(next(found).first)
      #expect(
        clearer == "detect --model r --source d/images --iou-thres 0.5 --conf-thres 0.001 "
          + "--best-class --agnostic-nms")
      let clear = try space.output(of: clearer + " --output g")
      #expect(!clear.contains("several classes") && clear.contains(" objects in 20 pictures, "))
    }
  }

  // It learned on codes: what follows is not to make it sparse, which needs the float network; nor to
  // write it for a machine, as it is too poor.
  @Test(arguments: ["google", "pow2"])
  func `after a training on codes its use is suggested`(scheme: String) throws {
    try Workspace.with { space in
      try space.train()
      let text = try space.output(
        of: "train --model r --data d/d.data --epochs 1 --quantize \(scheme) --output q \(small)")
      let commands = next(text)
      #expect(
        commands == [
          "train --resume --output q --epochs 100", "test --model q --data d/d.data --split test",
          "compare r q --data d/d.data --split test --bootstrap 1000",
        ], "\(text)")
      try space.succeed(commands[2].replacing("1000", with: "100"))
    }
  }

  @Test func `a cfg of other classes is told by 'anchors', which leads to one that fits`() throws {
    try Workspace.with { space in
      try space.prepare()
      try space.succeed(
        "config new yolov4-tiny --classes 7 --width-multiple 0.125 --img-size 64 --output o.cfg")
      try FileManager.default.removeItem(atPath: space.path("n.cfg"))
      let line = "anchors --data d/d.data --cfg o.cfg"
      let run = try space.run(line)
      #expect(
        run.status == 0
          && run.errors.contains(
            "Warning: o.cfg: has 7 classes, d/d.data 4; 'pare config new yolov4-tiny --width-multiple "
              + "0.125 --img-size 64 --classes 4 --output NEW.cfg' makes a network for 4, and 'pare"
          ),
        "\(run.errors)")
      for options in ["", " --output p.cfg"] {
        let last = try #require(next(try space.output(of: line + options)).last)
        #expect(last.hasPrefix("config new yolov4-tiny --classes 4 "), "\(last)")
        #expect(last.hasSuffix(" --output d.cfg"))
      }
    }
  }

  // As the README has it: cells.cfg, whichever folder the lists are in.
  @Test func `a divided set leads to a network of its source's name, and finds it again`() throws {
    try Workspace.with { space in
      try space.prepare()
      try FileManager.default.removeItem(atPath: space.path("n.cfg"))
      let divided = try space.output(
        of: "dataset split --data d/d.data --ratios 0.6 0.2 0.2 --output splits")
      let make = try #require(next(divided).first)
      #expect(make.hasPrefix("config new ") && make.hasSuffix(" --output d.cfg"), "\(make)")
      try space.succeed(make)
      let train = "train --cfg d.cfg --data splits/split.data --epochs 200 --name dense"
      #expect(next(try space.output(of: "dataset stats --data splits/split.data")) == [train])
      // Of several the reader chooses.
      try space.write("o.cfg", space.bytes("d.cfg"))
      let several = try space.output(of: "dataset stats --data splits/split.data --output s")
      #expect(
        several.contains("\nnext, train it, with d.cfg or o.cfg (NETWORK.cfg: "), "\(several)")
    }
  }

  // One picture is nothing to divide; what it leads to can be typed all the same.
  @Test func `a set of one picture is told what it cannot give`() throws {
    try Workspace.with { space in
      try space.prepare()
      let first = try #require(
        String(decoding: space.bytes("d/train.txt"), as: UTF8.self).split(separator: "\n").first)
      try space.write("d/one.txt", first + "\n")
      try space.write("d/one.data", "classes=4\ntrain=one.txt\nnames=d.names\n")
      let divided = try space.output(
        of: "dataset split --data d/one.data --ratios 0.7 0.2 0.1 --output s")
      #expect(
        divided.hasPrefix(
          "s/split.data: train 1\ntoo few pictures: none is in valid and test\n"), "\(divided)")
      let anchors = try space.run("anchors --data d/one.data --cfg n.cfg")
      #expect(anchors.status == 1)
      #expect(
        anchors.errors.hasSuffix(": label more, or go on with the anchors that the cfg has\n"))
      let text = try space.output(
        of: "train --cfg n.cfg --data d/one.data --epochs 1 --output r \(small)")
      #expect(
        text.contains(
          "\nadvice: nothing tells how good the network is, for d/one.data names no 'valid' list of "
            + "pictures to judge by\n"), "\(text)")
      #expect(text.contains("\nr/model.weights: the last epoch's, for none was judged\n"))
      let commands = next(text)
      #expect(commands.first == "test --model r --data d/one.data --split train")
      let tested = try space.output(of: commands[0])
      #expect(next(tested).first == "train --resume --output r --epochs 100", "\(tested)")
      // With pictures enough some are set aside first.
      try space.write("d/more.data", "classes=4\ntrain=train.txt\nnames=d.names\n")
      let more = try space.output(
        of: "train --cfg n.cfg --data d/more.data --epochs 1 --output m \(small)")
      #expect(
        next(more).first
          == "dataset split --data d/more.data --ratios 0.7 0.2 0.1 --output splits")
    }
  }

  @Test func `a class without a picture to learn it from is told before training`() throws {
    try Workspace.with { space in
      try space.prepare()
      for name in try space.names("d/labels") {
        let text = String(decoding: try space.bytes("d/labels/\(name)"), as: UTF8.self)
        try space.write(
          "d/labels/\(name)",
          text.split(separator: "\n").filter { !$0.hasPrefix("3 ") }.map { $0 + "\n" }.joined())
      }
      let run = try space.run("train --cfg n.cfg --data d/d.data --epochs 1 --output r \(small)")
      #expect(run.status == 0)
      #expect(
        run.errors.contains(
          "Warning: d/d.data: no training picture has a box of 'star', so no network learns it\n"),
        "\(run.errors)")
      let tested = try space.output(of: "test --model r --split test")
      #expect(tested.contains("without an object here do"), "\(tested)")
    }
  }
}
