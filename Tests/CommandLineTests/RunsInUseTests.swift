import Foundation
import Testing

/// Runs that are named by other commands: which weights are taken, how far they are, what they are
/// called.
@Suite(.enabled(if: Workspace.isBuilt, "the programs are not built"))
struct RunsInUseTests {
  private let small = "--batch-size 4 --device cpu --quiet"

  @Test func `of a sparse training the last weights are pruned, and that is said`() throws {
    try Workspace.with { space in
      try space.train()
      try space.succeed(
        "train --model r --data d/d.data --epochs 2 --sparsity 0.01 --output s \(small)")
      let prune = "prune normal --percent 5% --force --device cpu"
      func pruned(_ options: String, to output: String) throws -> (text: String, weights: String) {
        let run = try space.run("\(prune) \(options) --output \(output)")
        #expect(run.status == 0, "\(run.errors)")
        let recipe = try space.json("\(output)/recipe.json")
        let pair = try #require(recipe["pair"] as? [String: Any])
        let path = try #require(pair["weights"] as? String)
        return (run.errors, URL(filePath: path).lastPathComponent)
      }
      let sparse = try pruned("--model s", to: "p1")
      #expect(sparse.weights == "last.weights")
      #expect(
        sparse.text.contains(
          "--weights last: s is a sparse training, and its last weights are the sparsest; '--weights "
            + "best' takes the best epoch's\n"), "\(sparse.text)")
      for (options, weights) in [
        ("--model s --weights best", "model.weights"), ("--model s --weights last", "last.weights"),
        ("--model r", "model.weights"),
      ] {
        let other = try pruned(options, to: "p" + options.filter { $0 != " " })
        #expect(other.weights == weights && !other.text.contains("sparsest"), "\(options)")
      }
    }
  }

  // It has an hour's worth of epochs, and is stopped when the others have looked at it.
  @Test func `a run that is not at its end is told of by all who take its weights`() throws {
    try Workspace.with { space in
      try space.prepare()
      let training = try space.start(
        "train --cfg n.cfg --data d/d.data --epochs 100000 --output r \(small)", errors: "e.txt")
      defer { if training.isRunning { training.terminate() } }
      func lines() -> Int {
        (try? space.bytes("r/history.jsonl").count { $0 == UInt8(ascii: "\n") }) ?? 0
      }
      while training.isRunning, lines() < 2 || !space.exists("r/last.weights") { usleep(20_000) }
      let test = try space.run("test --model r --device cpu")
      #expect(test.status == 0, "\(test.errors)")
      #expect(
        test.errors.firstMatch(
          of: /r is still in training: \d+ of 100,000 epochs are done; its weights are those/)
          != nil, "\(test.errors)")
      // What would be refused is not suggested.
      let found = try space.everything(
        of: "detect --model r --source d/images --device cpu --output b")
      #expect(found.text.contains("too poor") && !found.text.contains("--resume"), "\(found.text)")
      #expect(try !space.output(of: "test --model r --device cpu").contains("--resume"))
      kill(training.processIdentifier, SIGKILL)
      training.waitUntilExit()
      for line in [
        "test --model r", "detect --model r --source d/images --output f",
        "prune normal --model r --percent 5% --force --output p", "compare r r",
        "quantize --model r --rounding nearest --output q",
        "convert --cfg r/model.cfg --weights r/last.weights --output k.weights",
        "train --model r --data d/d.data --epochs 1 --output t \(small)",
      ] {
        let run = try space.run(line)
        #expect(run.status == 0, "\(line): \(run.errors)")
        #expect(
          run.errors.firstMatch(
            of: /the training in r was interrupted: \d+ of 100,000 epochs are done, and its weights/
          )
            != nil, "\(line): \(run.errors)")
        #expect(run.errors.contains("'pare train --resume --output r' goes on with it"))
      }
      // A float network is no quantized one; that its run was interrupted is said too.
      let export = try space.run("export c --model r --output c")
      #expect(export.status == 1 && export.errors.contains("was interrupted"))
      // Where nothing is there, that is the reason.
      for name in ["model.weights", "last.weights"] {
        try FileManager.default.removeItem(atPath: space.path("r/\(name)"))
      }
      for line in ["test --model r", "prune normal --model r --weights last", "compare r r"] {
        let none = try space.run(line)
        #expect(none.status == 1, "\(line): \(none.errors)")
        let errors = none.errors.split(separator: "\n").filter { $0.hasPrefix("Error: ") }
        #expect(errors.count == 1 && errors[0].contains("was not written, for the training in r "))
      }
    }
  }

  @Test func `a run may be called by its name alone`() throws {
    try Workspace.with { space in
      try space.prepare()
      try space.succeed("train --cfg n.cfg --data d/d.data --epochs 1 --name dense \(small)")
      // Files of the name with an ending are others.
      try space.write("dense.log", "")
      for line in [
        "test --model dense", "detect --model dense --source d/images", "profile --model dense",
        "prune normal --model dense --percent 5% --force", "compare dense prune",
        "quantize --model dense --rounding nearest",
        "quantize --model quantize --verify --source d/images",
        "export c --model quantize --output c", "anchors --model dense --data d/d.data",
        "train --model dense --data d/d.data --epochs 1 --teacher dense \(small)",
        "convert --cfg n.cfg --weights runs/dense/last.weights --output k.weights",
        "doctor --model dense", "dataset check --data d/d.data --model dense",
      ] {
        let run = try space.run(line)
        #expect(run.status == 0, "\(line): \(run.errors)")
      }
      let compared = try space.output(of: "compare dense prune")
      #expect(compared.contains("runs/dense ") && compared.contains("runs/prune "))
      // What is here goes first.
      try FileManager.default.createDirectory(
        atPath: space.path("dense"), withIntermediateDirectories: true)
      let here = try space.run("test --model dense")
      #expect(here.status == 1 && here.errors.contains("--model dense: no run folder"))
    }
  }
}
