import Foundation
import Testing

/// The commands that measure a run take its data set where none is named.
@Suite(.enabled(if: Workspace.isBuilt, "the programs are not built"))
struct RunDataTests {
  /// What a command says beside its result.
  private func remarks(_ space: Workspace, _ line: String) throws -> String {
    let run = try space.run(line)
    #expect(run.status == 0, "pare \(line): \(run.errors)")
    return run.errors
  }

  @Test func `test, prune and compare take the data set of a run, and say which`() throws {
    try Workspace.with { space in
      try space.train("--epochs 1")
      let taken = "--data d/d.data: the data set of "
      #expect(try remarks(space, "test --model r --json a.json").contains("\(taken)r\n"))
      try space.succeed("test --model r --data d/d.data --json b.json --quiet")
      #expect(try space.json("a.json")["map"] as? Double == space.json("b.json")["map"] as? Double)
      let prune = "prune normal --percent 20% --force"
      let pruned = try remarks(space, "\(prune) --model r --output p --json p.json")
      #expect(
        pruned.contains(
          "\(taken)r; with --cfg and --weights in place of --model nothing is measured\n"),
        "\(pruned)")
      let before = try #require(try space.json("p.json")["before"] as? [String: Any])
      #expect(before["map"] is Double)
      // And so has one that quantize wrote.
      #expect(try remarks(space, "quantize --model p --output z").contains("\(taken)p"))
      #expect(try remarks(space, "test --model z").contains("\(taken)z\n"))
      // What is suggested names it, or the run that knows it.
      let next = try #require(try space.json("p.json")["next"] as? String)
      #expect(next == "pare train --resume --output r --epochs 100")
      // A folder that prune wrote has that of the network that was pruned.
      #expect(try remarks(space, "test --model p").contains("\(taken)p\n"))
      #expect(try remarks(space, "anchors --model p").contains("\(taken)p\n"))
      #expect(try remarks(space, "\(prune) --model p --curve --output c").contains("\(taken)p"))
      let compared = try remarks(space, "compare r p --split test --json c.json")
      #expect(compared.contains("\(taken)r\n"), "\(compared)")
      let rows = try #require(try space.json("c.json")["rows"] as? [[String: Any]])
      #expect(rows.allSatisfy { $0["images"] as? Int == 4 }, "\(rows)")
      // A pair by its files knows none, and is pruned without pictures as before.
      let pair = "--cfg r/model.cfg --weights r/model.weights"
      try space.succeed("\(prune) \(pair) --output q --json q.json --quiet")
      let unmeasured = try #require(try space.json("q.json")["before"] as? [String: Any])
      #expect(unmeasured["map"] is NSNull)
      #expect(try space.run("test \(pair)").status == 64)
    }
  }

  @Test func `a data set that is gone is said to be, and asked for where it is needed`() throws {
    try Workspace.with { space in
      try space.train("--epochs 1")
      try space.move("d", to: "e")
      let gone = "the data set of r is not at d/d.data any more"
      let test = try space.run("test --model r")
      #expect(
        test.status == 1 && test.errors == "Error: --model r: \(gone); name it with --data\n",
        "\(test.errors)")
      let prune = "prune normal --model r --percent 20% --force --output"
      #expect(
        try remarks(space, "\(prune) p").contains(
          "\(gone): nothing is measured; --data names it\n"))
      for option in ["--curve", "--pictures 2", "--score taylor", "--max-loss 1"] {
        let run = try space.run("\(prune) q \(option)")
        #expect(
          run.status == 1 && run.errors.contains("Error: --model r: \(gone); name it with --data"),
          "\(option): \(run.errors)")
      }
      #expect(!space.exists("q"))
      #expect(
        try remarks(space, "compare r p").contains(
          "\(gone): nothing is measured; --data names one\n"))
      let asked = try space.run("compare r p --bootstrap 100")
      #expect(asked.status == 1 && asked.errors.contains("\(gone); name one with --data"))
      #expect(try remarks(space, "test --model r --data e/d.data").contains("inference") == false)
    }
  }

  @Test func `runs of different data sets are not measured on either`() throws {
    try Workspace.with { space in
      try space.train("--epochs 1")
      try space.succeed(
        "dataset split --data d/d.data --ratios 0.5 0.3 0.2 --output s --quiet")
      try space.succeed(
        "train --cfg n.cfg --data s/split.data --epochs 1 --batch-size 4 --device cpu --output t "
          + "--quiet")
      let remarks = try remarks(space, "compare r t --json c.json")
      #expect(
        remarks.contains("the runs know different data sets: d/d.data of r, s/split.data of t"),
        "\(remarks)")
      let rows = try #require(try space.json("c.json")["rows"] as? [[String: Any]])
      #expect(rows.allSatisfy { $0["map"] is NSNull })
    }
  }
}
