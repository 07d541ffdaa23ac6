import Foundation
import Testing

/// How pictures are shown to a network, whose classes it must share, and which of its files are taken.
@Suite(.enabled(if: Workspace.isBuilt, "the programs are not built"))
struct FeedingTests {
  private func feeding(_ space: Workspace, _ file: String) throws -> [String: Any] {
    try #require(try space.json(file)["feeding"] as? [String: Any])
  }

  /// The detections of a JSON file, as text.
  private func boxes(_ space: Workspace, _ file: String) throws -> String {
    let rows = try #require(try space.json(file)["images"] as? [[String: Any]])
    let found = rows.map { $0["detections"] ?? "" }
    return try String(
      decoding: JSONSerialization.data(withJSONObject: found, options: .sortedKeys), as: UTF8.self)
  }

  @Test func `a trained pair says how it is fed, a pair of Darknet's is fed as Darknet does`()
    throws
  {
    try Workspace.with { space in
      try space.train("--epochs 1")
      let description = try space.json("r/model.json")
      #expect(description["resize"] as? String == "letterbox")
      #expect((description["nms"] as? [String: Any])?["method"] as? String == "greedy")
      let own = try space.run("test --model r --data d/d.data --json t.json")
      #expect(own.status == 0, "\(own.errors)")
      #expect(
        own.errors.contains("pictures: resize letterbox, 64×64 pixels, nms greedy (r/model.json)"))
      #expect(try feeding(space, "t.json")["resize"] as? String == "letterbox")

      // Without its description the pair means the same: its cfg says so too.
      try space.write("c.cfg", try space.bytes("r/model.cfg"))
      try space.write("c.weights", try space.bytes("r/model.weights"))
      try space.succeed("detect --model r --source d/images --conf-thres 0.001 --json o.json")
      let found = try boxes(space, "o.json")
      let moved = "--cfg c.cfg --weights c.weights --names r/model.names"
      let away = try space.run("detect \(moved) --source d/images --conf-thres 0.001 --json o.json")
      #expect(
        away.errors.contains("resize letterbox (letter_box=1 in c.cfg)")
          && away.errors.contains("nms greedy (nms_kind=default in c.cfg)"), "\(away.errors)")
      #expect(try boxes(space, "o.json") == found && found.contains("confidence"))

      // The cfg that it was trained from is Darknet's.
      try space.write("p.cfg", try space.bytes("n.cfg"))
      try space.write("p.weights", try space.bytes("r/model.weights"))
      let pair = "--cfg p.cfg --weights p.weights"
      for line in [
        "test \(pair) --data d/d.data", "detect \(pair) --source d/images",
        "prune normal \(pair) --data d/d.data --percent 0.1 --force --output q",
      ] {
        let run = try space.run("\(line) --json o.json")
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.errors.contains("resize darknet (no letter_box in p.cfg)"), "\(run.errors)")
        #expect(run.errors.contains("nms diou with beta 0.6 (nms_kind=greedynms in p.cfg)"))
        #expect(try feeding(space, "o.json")["resize"] as? String == "darknet")
        #expect(try feeding(space, "o.json")["nmsBeta"] as? Double == 0.6)
        let asked = try space.run("\(line) --resize stretch --nms soft --overwrite --json o.json")
        #expect(asked.status == 0, "\(asked.errors)")
        #expect(try feeding(space, "o.json")["resize"] as? String == "stretch")
        #expect(try feeding(space, "o.json")["nms"] as? String == "soft")
      }
      // A pruned pair hands on what its original says, not what was asked for.
      #expect(try space.json("q/model.json")["resize"] as? String == "darknet")
      #expect((try space.json("q/model.json")["nms"] as? [String: Any])?["beta"] as? Double == 0.6)
      let padding = try space.run("test \(pair) --data d/d.data --rect")
      #expect(padding.status == 1)
      #expect(padding.errors.contains("add '--resize letterbox'"))

      let compared = try space.run("compare r p.cfg --data d/d.data --json c.json")
      #expect(compared.status == 0, "\(compared.errors)")
      #expect(compared.errors.contains("resize letterbox"))
      #expect(compared.errors.contains("resize darknet"))
    }
  }

  @Test func `the size of a training is the size of its pair`() throws {
    try Workspace.with { space in
      try space.train("--epochs 1 --img-size 96")
      let cfg = String(decoding: try space.bytes("r/model.cfg"), as: UTF8.self)
      #expect(cfg.contains("width=96") && cfg.contains("height=96"))
      #expect(try space.json("r/model.json")["width"] as? Int == 96)
      try space.succeed("test --model r --data d/d.data --json t.json --quiet")
      #expect(try feeding(space, "t.json")["width"] as? Int == 96)
      // Even with the cfg that it was trained by.
      try space.succeed(
        "test --cfg n.cfg --weights r/model.weights --data d/d.data --json t.json --quiet")
      #expect(try feeding(space, "t.json")["width"] as? Int == 96)
      try space.succeed("test --model r --data d/d.data --img-size 64 --json t.json --quiet")
      #expect(try feeding(space, "t.json")["width"] as? Int == 64)
    }
  }

  @Test func `a run folder stands for cfg, weights and names`() throws {
    try Workspace.with { space in
      try space.train("--epochs 1")
      for line in [
        "test --model r/ --data d/d.data", "test --model r --weights last --data d/d.data",
        "test --model r --weights best.weights --data d/d.data", "profile --model r",
        "detect --model r --source d/images --output f",
        "convert --model r --output c.safetensors",
        "prune normal --model r --weights last --percent 0.1 --force --output p",
        "train --model p --data d/d.data --epochs 1 --batch-size 4 --output s",
      ] {
        let run = try space.run(line + " --quiet")
        #expect(run.status == 0, "\(line): \(run.errors)")
      }
      for (line, reason) in [
        ("test --model none --data d/d.data", "--model none: no such folder"),
        ("test --model d --data d/d.data", "--model d: no run folder: it holds no model.cfg"),
        ("test --model r/model.cfg --data d/d.data", "not a run's folder; name the folder"),
        ("profile --model d", "no run folder"),
        ("profile --model .", "it holds no model.cfg; it holds the runs p, r, s: --model ./p"),
      ] {
        let run = try space.run(line)
        #expect(run.status == 1 && run.errors.contains(reason), "\(line): \(run.errors)")
      }
      #expect(try space.run("test --model r --cfg n.cfg --data d/d.data").status == 64)
      let checkpoint = try space.run("test --model r --weights r/last.safetensors --data d/d.data")
      #expect(checkpoint.status == 1)
      #expect(
        checkpoint.errors.contains("as weights take r/last.weights or r/model.weights"),
        "\(checkpoint.errors)")
    }
  }

  @Test func `classes that disagree are refused with both counts and the way out`() throws {
    try Workspace.with { space in
      try space.train("--epochs 1")
      try space.succeed("test --model r --data d/d.data --save-predictions a.json --quiet")
      try space.write("two.names", "left\nright\n")
      let data = String(decoding: try space.bytes("d/d.data"), as: UTF8.self)
      try space.write(
        "d/two.data",
        data.replacing("classes=4", with: "classes=2").split(separator: "\n")
          .map { $0.hasPrefix("names") ? "names=\(space.path("two.names"))" : String($0) }
          .joined(separator: "\n") + "\n")
      for line in [
        "train --cfg n.cfg --data d/two.data --epochs 1", "test --model r --data d/two.data",
        "prune normal --model r --data d/two.data --percent 0.1", "compare r r --data d/two.data",
      ] {
        let run = try space.run(line)
        #expect(run.status == 1, "\(line)")
        #expect(run.errors.contains("has 4 classes"), "\(line): \(run.errors)")
        #expect(
          run.errors.contains(
            "'pare config new yolov4-tiny --width-multiple 0.125 --img-size 64 --classes 2 --output "
              + "NEW.cfg' makes a network for 2, and 'pare train --cfg NEW.cfg --data ")
            && run.errors.hasSuffix(
              "d/two.data --weights OLD.weights --pretrain' starts it from what fits of weights for "
                + "other classes\n"),
          "\(line): \(run.errors)")
      }
      // Network and data agree; the names alone do not.
      let named = try space.run("test --model r --data d/d.data --names two.names")
      #expect(
        named.status == 1
          && named.errors.hasSuffix("two.names: has 2 names, d/d.data says 4 classes\n"),
        "\(named.errors)")
      let found = try space.run("detect --model r --names two.names --source d/images")
      #expect(found.status == 0 && found.errors.contains("has 4 classes, two.names 2"))
      let text = String(decoding: try space.bytes("a.json"), as: UTF8.self)
      try space.write("b.json", text.replacing("\"name\":\"", with: "\"name\":\"x"))
      let other = try space.run("compare a.json b.json")
      #expect(other.status == 1 && other.errors.contains("different classes"), "\(other.errors)")
    }
  }

  @Test func `weights that are no numbers are named by layer`() throws {
    try Workspace.with { space in
      try space.train("--epochs 1")
      var bytes = try space.bytes("r/model.weights")
      // The header is 20 bytes; the first layer's first number is β of its first channel.
      bytes.replaceSubrange(20..<24, with: [0, 0, 0xC0, 0x7F])
      try space.write("w.weights", bytes)
      let pair = "--cfg r/model.cfg --weights w.weights"
      for line in [
        "test \(pair) --data d/d.data", "detect \(pair) --source d/images",
        "prune normal \(pair) --percent 0.1 --output p", "convert \(pair) --output c.safetensors",
        "train \(pair) --data d/d.data --epochs 1", "train \(pair) -pt --data d/d.data --epochs 1",
      ] {
        let run = try space.run(line)
        #expect(run.status == 1, "\(line)")
        #expect(
          run.errors.contains("w.weights: NaN or infinity in layer 0 [convolutional]"),
          "\(line): \(run.errors)")
      }
      #expect(!space.exists("c.safetensors"))
      let refused = try space.run("convert \(pair) --output c.safetensors")
      #expect(refused.errors.hasSuffix("; --allow-nan converts them all the same\n"))
      let converted = try space.run("convert \(pair) --allow-nan --output c.safetensors")
      // What would be suggested takes no such weights.
      #expect(
        try !space.output(of: "convert \(pair) --allow-nan --output e.weights").contains("next,"))
      #expect(try space.bytes("e.weights") == bytes)
      #expect(converted.status == 0 && converted.errors.contains("Warning: w.weights: NaN"))
    }
  }

  @Test func `a cfg's keys are followed in training, unless options say otherwise`() throws {
    try Workspace.with { space in
      try space.prepare()
      let text = String(decoding: try space.bytes("n.cfg"), as: UTF8.self)
      try space.write(
        "k.cfg",
        text.replacing(
          "channels=3", with: "channels=3\nflip=0\nmosaic=0\nletter_box=0\nmixup=1"))
      func augmentation(_ options: String) throws -> (run: String, values: [String: Any]) {
        let run = try space.run(
          "train --cfg k.cfg --data d/d.data --epochs 1 --batch-size 8 --overwrite --output r "
            + options)
        #expect(run.status == 0, "\(run.errors)")
        let stored = try #require(try space.json("r/request.json")["options"] as? [String: Any])
        return (run.errors, try #require(stored["augmentation"] as? [String: Any]))
      }
      let own = try augmentation("")
      #expect(own.run.contains("cfg: flip=0, mosaic=0, letter_box=0 followed; "))
      #expect(own.run.contains("; mixup=1 ignored; "))
      let page = String(decoding: try space.bytes("r/report.html"), as: UTF8.self)
      #expect(page.contains("learning_rate (--learning-rate)") && page.contains("giou × 3.54"))
      #expect(own.values["horizontalFlip"] as? Double == 0)
      #expect(own.values["mosaic"] as? Double == 0)
      #expect(try space.json("r/model.json")["resize"] as? String == "darknet")
      let told = try augmentation("--flip 0.25 --mosaic --resize letterbox")
      #expect(told.values["horizontalFlip"] as? Double == 0.25)
      #expect(told.values["mosaic"] as? Double == 1)
      #expect(!told.run.contains("flip"))
      #expect(try space.json("r/model.json")["resize"] as? String == "letterbox")
    }
  }
}
