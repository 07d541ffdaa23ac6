import Foundation
import Testing

/// What pictures become before they enter a network: colours and scale.
@Suite(.enabled(if: Workspace.isBuilt, "the programs are not built"))
struct InputTests {
  @Test func `an input scale stays with the model, and another one is refused`() throws {
    try Workspace.with { space in
      try space.prepare()
      let train = "train --cfg n.cfg --data d/d.data --epochs 1 --batch-size 4 --quiet"
      try space.succeed("\(train) -mas --output r")
      #expect(try space.json("r/model.json")["inputScale"] as? String == "maxabs")
      let pair = "--cfg r/model.cfg --weights r/model.weights --quiet"
      try space.succeed("test \(pair) --data d/d.data")
      try space.succeed("test \(pair) --data d/d.data --input-scale maxabs")
      for line in [
        "test \(pair) --data d/d.data --input-scale 255",
        "detect \(pair) --source d/images --input-scale 256",
        "\(train) --weights r/last.weights --input-scale 255",
      ] {
        let run = try space.run(line)
        #expect(run.status == 1)
        #expect(run.errors.contains("r/model.json says that the weights want maxabs"))
        #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
      }
      let converted = try space.run("convert \(pair) --output c.weights")
      #expect(converted.errors.contains("its pictures need --input-scale maxabs"))
      // Pruning proves itself with the scale's leaky slope, and hands the scale on.
      try space.succeed("prune normal \(pair) --percent 0.2 --force --output p")
      #expect(try space.json("p/model.json")["inputScale"] as? String == "maxabs")
      try space.succeed(
        "train --cfg p/model.cfg --weights p/model.weights --data d/d.data --epochs 1 "
          + "--batch-size 4 --quiet --output t")
      #expect(try space.json("t/model.json")["inputScale"] as? String == "maxabs")
    }
  }

  @Test func `a changed file beside its description is warned of`() throws {
    try Workspace.with { space in
      try space.train()
      try space.write("r/model.cfg", try space.bytes("r/model.cfg") + Data("# mine\n".utf8))
      let run = try space.run(
        "test --cfg r/model.cfg --weights r/model.weights --data d/d.data --quiet")
      #expect(run.status == 0)
      #expect(run.errors.contains("r/model.cfg changed"))
    }
  }

  @Test func `with one channel pictures are read in gray everywhere`() throws {
    try Workspace.with { space in
      try space.prepare()
      let text = String(decoding: try space.bytes("n.cfg"), as: UTF8.self)
      try space.write("g.cfg", text.replacing("channels=3", with: "channels=1"))
      try space.succeed(
        "train --cfg g.cfg --data d/d.data --epochs 1 --batch-size 4 --cache ram --quiet --output r"
      )
      #expect(try space.json("r/model.json")["colorOrder"] as? String == "gray")
      let pair = "--cfg r/model.cfg --weights r/model.weights --quiet"
      try space.succeed("test \(pair) --data d/d.data")
      try space.succeed("detect \(pair) --source d/images --conf-thres 0.01 --output f")
      try space.succeed("prune normal \(pair) --percent 0.2 --force --output p")
    }
  }

  @Test func `a network that is not square is trained and judged at its own size`() throws {
    try Workspace.with { space in
      try space.prepare()
      let text = String(decoding: try space.bytes("n.cfg"), as: UTF8.self)
      try space.write("w.cfg", text.replacing("width=64", with: "width=96"))
      let run = try space.run(
        "train --cfg w.cfg --data d/d.data --epochs 1 --batch-size 4 --multi-scale --output r")
      #expect(run.status == 0)
      // The longer side: 96 / 1.5 = 64 to 1.5 · 96 = 144, in multiples of 32.
      #expect(run.errors.contains("pictures: 64 to 128 pixels"))
      try space.succeed(
        "test --cfg r/model.cfg --weights r/model.weights --data d/d.data --quiet")
    }
  }
}
