import Darknet
import Foundation
import Testing
import _TestSupport

@Suite(.enabled(if: Workspace.isBuilt, "the programs are not built"))
struct ConvertTests {
  private let layers = networkWithEveryKindOfParameter()
  /// What PyTorch wrote of it (see Scripts/make-checkpoint-fixtures.py).
  private let checkpoint = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../CheckpointsTests/Resources/checkpoint.pt").standardizedFileURL
    .path(percentEncoded: false)

  @Test func `a checkpoint goes through every form and back`() throws {
    try Workspace.with { space in
      try space.write("k.cfg", layers)
      try space.succeed(
        "convert --cfg k.cfg --weights \(checkpoint) --output a.weights --json a.json")
      #expect((try space.json("a.json")["files"] as? [String])?.count == 1)
      let weights = try space.bytes("a.weights")
      let spec = try NetworkSpec(contentsOf: space.path("k.cfg"))
      #expect(weights.count == spec.weightsByteCount)
      for naming in ["pare", "state-dict"] {
        try space.succeed(
          "convert --cfg k.cfg --weights a.weights --output \(naming).safetensors "
            + "--tensor-names \(naming)")
        try space.succeed(
          "convert --cfg k.cfg --weights \(naming).safetensors --output \(naming).weights")
        // w = logit(f) in single precision and back may lose the last bit of a factor.
        let back = try WeightsFile.read(space.path("\(naming).weights"), for: spec)
        let first = try WeightsFile.read(space.path("a.weights"), for: spec)
        for (layer, arrays) in first.layers.enumerated() {
          for (role, array) in arrays {
            let found = try #require(back.layers[layer][role]?.values)
            #expect(zip(found, array.values).allSatisfy { abs($0 - $1) <= 1e-7 * abs($1) + 1e-9 })
          }
        }
      }
    }
  }

  // docs/formulas.md 3.2: kernels 12 + 36 + 72, SE 4 + 4, and 4 of the normalization on its own;
  // biases 4 + 4 + 4 + 18.
  @Test func `without an output the old program's files are written`() throws {
    try Workspace.with { space in
      try space.write("k.cfg", layers)
      let line = "convert --cfg k.cfg --weights \(checkpoint) --data x.data"
      try space.succeed(line + " --json a.json")
      #expect((try space.json("a.json")["files"] as? [String])?.count == 3)
      #expect(space.exists("weights/k-best.weights"))
      #expect(try space.bytes("weights/k_weights.bin").count == 4 * 132)
      #expect(try space.bytes("weights/k_bias.bin").count == 4 * 30)
      let again = try space.run(line)
      #expect(again.status == 1 && again.errors.contains("weights/k-best.weights: exists"))
      try space.succeed(line + " --overwrite")
    }
  }

  @Test func `what is no checkpoint, or not there, is one line`() throws {
    try Workspace.with { space in
      try space.write("k.cfg", layers)
      try space.write("a.pt", "PK\u{3}\u{4} and no more")
      for (weights, expected) in [
        ("a.pt", "Error: a.pt: is damaged: it has no zip directory, so it is cut short\n"),
        (
          "yolov4-tiny.weights",
          "Error: yolov4-tiny.weights: is not there, and what is published as yolov4-tiny.weights "
            + "belongs to another network than k.cfg: start without weights, or take the cfg that "
            + "belongs to it\n"
        ),
        (
          "b.pt",
          "Error: b.pt: cannot be read: No such file or directory; did you mean 'a.pt'?\n"
        ),
      ] {
        let run = try space.run("convert --cfg k.cfg --weights \(weights) --output c.weights")
        #expect(run.status == 1 && run.errors == expected)
      }
      #expect(!space.exists("c.weights"))
    }
  }

  @Test func `training starts from what fits of a network with other classes`() throws {
    try Workspace.with { space in
      try space.prepare()
      try space.succeed(
        "config new yolov4-tiny --classes 9 --width-multiple 0.125 --img-size 64 --output o.cfg "
          + "--quiet")
      let spec = try NetworkSpec(contentsOf: space.path("o.cfg"))
      var parameters = NetworkParameters(layers: [])
      for slots in try spec.parameterLayout() {
        // Small weights: training must not diverge from where it starts.
        parameters.layers.append(
          Dictionary(
            uniqueKeysWithValues: slots.map { slot in
              let value: Float = [.gamma, .variance].contains(slot.role) ? 1 : 0.01
              return (
                slot.role,
                ParameterArray(
                  shape: slot.shape, values: Array(repeating: value, count: slot.count))
              )
            }))
      }
      try WeightsFile.write(parameters, for: spec, to: space.path("o.weights"))
      try space.succeed(
        "convert --cfg o.cfg --weights o.weights --output o.safetensors --tensor-names state-dict")
      for weights in ["o.weights", "o.safetensors"] {
        let run = try space.run(
          "train --cfg n.cfg --data d/d.data --weights \(weights) -pt --epochs 1 --batch-size 4 "
            + "--device cpu --output r-\(weights) --quiet")
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.errors.contains("2 layers of \(weights) skipped"), "\(run.errors)")
      }
    }
  }
}
