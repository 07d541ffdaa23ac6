import Foundation
import Testing

/// `train --quantize`, and who sees what it wrote.
@Suite(.enabled(if: Workspace.isBuilt, "the programs are not built"))
struct QuantizedTrainingTests {
  private let line =
    "train --cfg n.cfg --data d/d.data --batch-size 4 --device cpu --threads 1 --workers 1 --quiet "

  @Test func `a run with everything that goes with it resumes to the same bytes`() throws {
    try Workspace.with { space in
      try space.train()
      let options =
        line + "--epochs 6 --weights r/last.weights --quantize lsq --w-bit 4 --a-bit 4 --ema "
        + "--lower-bits 0.3 --damping 0.01 --reestimate --correction-epochs 2 --teacher r "
        + "--sparsity 0.01 --sparsity-update proximal --output "
      try space.succeed(options + "whole")
      let files = [
        "last.weights", "model.weights", "last.quantization.safetensors",
        "model.quantization.safetensors",
      ]
      // In the first epoch, and when codes are settled.
      for epochs in [0, 4] {
        let run = "killed-\(epochs)"
        let process = try space.start(options + run, errors: "killed.txt")
        while process.isRunning, try lines("\(run)/results.csv", in: space) <= epochs {
          usleep(2000)
        }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        try space.succeed("train --resume --output \(run) --quiet")
        for file in files {
          #expect(
            try space.bytes("\(run)/\(file)") == space.bytes("whole/\(file)"), "\(run)/\(file)")
        }
      }
      // Another bit number is another run.
      let other = try space.run("train --resume --output whole --quantize lsq --w-bit 5")
      #expect(other.status == 1 && other.errors.contains("--w-bit"))
      // Its scheme need not be named again to learn that.
      let damped = try space.run("train --resume --output whole --damping 1")
      #expect(damped.status == 1 && damped.errors.contains("continues a run as it was begun"))
    }
  }

  private func lines(_ name: String, in space: Workspace) throws -> Int {
    guard space.exists(name) else { return 0 }
    return try space.bytes(name).count { $0 == UInt8(ascii: "\n") }
  }

  @Test func `both weights of a run have their own codes, which the other commands use`() throws {
    try Workspace.with { space in
      try space.train()
      try space.write("bits.txt", "# thin\n4 4 8\n28 8 float\n")
      let run = try space.run(
        line.replacing("--quiet ", with: "")
          + "--epochs 3 --weights r/last.weights --quantized 3 --BN_Flod --layer-bits bits.txt "
          + "--output q --json q.json")
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.errors.contains("quantization: google, weights of 4 to 8 bits, "))
      #expect(run.errors.contains(" on average, activations of 8, of "))
      #expect(
        run.errors.contains(
          "Warning: '--layer-bits' is not followed in all: layer 28 reads what layer 27 gives, which "
            + "has 8 bits for layer 32\n"))
      let page = try String(decoding: space.bytes("q/report.html"), as: UTF8.self)
      for words in ["weights of 4 to 8 bits", "first and last layers", "4: 4, 8", "one a channel"] {
        #expect(page.contains(words), "\(words)")
      }
      #expect(run.errors.contains("'--quantized 3' is google"))
      #expect(run.errors.contains("normalisation is always folded"))
      // What was judged in the run is what `test` finds.
      for (weights, key) in [("last", "last"), ("best", "best")] {
        let name = weights == "best" ? "model" : weights
        let test = try space.run(
          "test --model q --weights \(weights) --data d/d.data --device cpu --json t.json")
        #expect(test.status == 0, "\(test.errors)")
        #expect(test.errors.contains("q/\(name).quantization.safetensors"))
        let told = try #require(try space.json("q.json")[key] as? [String: Any])
        let found = try #require(try space.json("t.json")["map"] as? Double)
        #expect(try abs(#require(told["map"] as? Double) - found) < 1e-6)
      }
      for (command, text) in [
        ("detect --model q --source d/images --output f", "quantized, google"),
        ("compare r q --data d/d.data", "quantized, google"),
        ("prune normal --model q --percent 0.2 --output p", "the float weights are pruned"),
        ("quantize --model q --data d/d.data --output z", "the float weights are quantized"),
        (
          "train --model q --data d/d.data --epochs 1 --output t --teacher q",
          "training starts from the float weights"
        ),
      ] {
        let run = try space.run(command + " --device cpu")
        #expect(run.status == 0 && run.errors.contains(text), "\(command): \(run.errors)")
      }
      // The other weights' codes are none of these.
      try space.write(
        "q/last.quantization.safetensors", space.bytes("q/model.quantization.safetensors"))
      try space.write(
        "q/last.weights", space.bytes("r/last.weights").dropLast(4) + Data([0, 0, 0, 1]))
      let wrong = try space.run("test --model q --weights last --data d/d.data --device cpu")
      #expect(wrong.status == 1 && wrong.errors.contains("belongs to another file than "))
    }
  }

  @Test func `what is wrong is one line, before anything is trained`() throws {
    try Workspace.with { space in
      try space.prepare()
      try space.write("bits.txt", "0 8\n")
      try space.write("far.txt", "0 8 8\n900 8 8\n")
      for (options, text) in [
        ("--layer-bits gone.txt", "gone.txt: "),
        ("--layer-bits bits.txt", "bits.txt:1: '0 8'"),
        ("--layer-bits far.txt", "far.txt:2: layer 900 cannot have these bits"),
        ("--correction-epochs 1", "the run has"),
      ] {
        let run = try space.run(line + "--epochs 1 --quantize lsq --output o " + options)
        let errors = run.errors.split(separator: "\n").filter { $0.hasPrefix("Error") }
        #expect(run.status == 1 && errors.count == 1, "\(options): \(run.errors)")
        #expect(run.errors.contains(text), "\(options): \(run.errors)")
        #expect(!space.exists("o/model.cfg"), "\(options)")
      }
      let first = try space.run(line + "--epochs 1 --quantize google --first-steps mse --output p")
      #expect(first.errors.contains("'--first-steps' changes nothing with '--quantize google'"))
      let random = try space.run(line + "--epochs 1 --quantize pow2 --output o")
      #expect(random.status == 0 && random.errors.contains("starts from random numbers"))
    }
  }
}
