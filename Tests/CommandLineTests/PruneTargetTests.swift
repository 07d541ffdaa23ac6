import Foundation
import Testing

/// Shares of pruning: what they are of, what is typed where one cannot be, and what the defaults are.
@Suite(.enabled(if: Workspace.isBuilt, "the programs are not built"))
struct PruneTargetTests {
  private static let pair =
    "--cfg n.cfg --weights r/last.weights --device cpu --overwrite --output p"

  /// The commands that an output says to type next, without the program's name.
  private func next(_ output: String) -> [String] {
    output.matches(of: /(?:next|or), [^\n]*:\n  pare ([^\n]*)/).map { String($0.1) }
  }

  // What a refusal says to type is typed, with and without --force; and a little less is refused.
  @Test func `a target that cannot be reached names one that can, in its own terms`() throws {
    try Workspace.with { space in
      try space.train("--epochs 1")
      for budget in [
        "--params 3%", "--params 2K", "--macs 3%", "--macs 10K", "--weights-size 3%",
        "--weights-size 5KB",
      ] {
        let option = budget.prefix { $0 != " " }
        let prune = "prune target \(Self.pair) --quiet"
        let refused = try space.run("\(prune) \(budget)")
        #expect(refused.status == 1, "\(budget): \(refused.errors)")
        #expect(refused.errors.contains("the target cannot be reached: at least "))
        let typed = try #require(
          refused.errors.firstMatch(of: /; type '([^']*)'/).map { String($0.1) }, "\(refused)")
        #expect(typed.hasPrefix("\(option) "))
        #expect(typed.hasSuffix("%") == budget.hasSuffix("%"), "a share is answered with a share")
        try space.succeed("\(prune) \(typed)")
        let forced = try #require(
          refused.errors.firstMatch(of: /, or type '([^']* --force)'/).map { String($0.1) },
          "\(refused)"
        )
        try space.succeed("\(prune) \(forced)")
        #expect(try space.run("\(prune) \(forced.replacing(" --force", with: ""))").status == 1)
      }
    }
  }

  @Test func `a target is told with what it is a share of, and one that is met advises nothing`()
    throws
  {
    try Workspace.with { space in
      try space.train("--epochs 1")
      let line = try space.output(of: "prune target \(Self.pair) --params 80%")
      #expect(
        line.contains(
          #/\ntarget: [\d,]+ parameters \((7\d|80)\.\d % of the network's\) remain, and [\d,]+ \(80.0 %\) may\n/#
        ), "\(line)")
      #expect(line.contains(#/\n[\d.]+ % of the channels that may go are gone/#), "\(line)")
      for target in ["--params 5M", "--macs 100G", "--weights-size 5GB", "--latency 100s"] {
        let met = try space.output(of: "prune target \(Self.pair) --data d/d.data \(target)")
        let reason =
          target.hasPrefix("--latency")
          ? "nothing was removed, for a picture takes "
          : "nothing was removed, for the network has "
        #expect(met.hasPrefix(reason), "\(met)")
        #expect(met.contains("advice: the target is met without pruning; "), "\(met)")
        #expect(!met.contains("--score"), "\(met)")
        #expect(next(met).allSatisfy { !$0.contains(target) }, "\(met)")
      }
    }
  }

  @Test func `a share that nobody asked for is said to be the default`() throws {
    try Workspace.with { space in
      try space.train("--epochs 1")
      let line = try space.run("prune group \(Self.pair)")
      #expect(line.status == 1)
      #expect(line.errors.contains("--percent is not given: 80 % of the channels that may go"))
      #expect(line.errors.contains(", the default of --percent, is too much: "), "\(line.errors)")
      let typed = try #require(line.errors.firstMatch(of: /; '(--percent [^']*)' empties none/)).1
      try space.succeed("prune group \(Self.pair) \(typed)")
      // One that was asked for is not, and has the name that it was asked by.
      let asked = try space.run("prune slim \(Self.pair) --global_percent 0.99")
      #expect(asked.status == 1 && !asked.errors.contains("default"), "\(asked.errors)")
      #expect(asked.errors.contains("; '--global_percent "), "\(asked.errors)")
      let scales = try space.output(of: "prune normal \(Self.pair) --percent 0.01 --explain")
      #expect(
        scales.contains(#/\nscales: 10 % of them are below [\d.e-]+, 25 % below /#), "\(scales)")
    }
  }

  @Test func `a curve without a share measures, writes nothing, and leads to a share`() throws {
    try Workspace.with { space in
      try space.prepareRightNetwork()
      let pair = "--cfg n.cfg --weights r/last.weights --data d/d.data --device cpu"
      for method in ["normal", "group"] {
        let told = try space.output(of: "prune \(method) \(pair) --curve --json c.json")
        #expect(told.contains("\nnothing was pruned: --percent is not given\n"), "\(told)")
        #expect(!space.exists("runs"))
        #expect(try #require(space.json("c.json")["curve"] as? [Any]).count == 10)
        let reach = try #require(space.json("c.json")["reach"] as? Double)
        let command = try #require(next(told).first, "\(told)")
        #expect(!command.contains("--curve") || reach == 0)
        #expect(command.contains("--percent \(Int((100 * reach).rounded()))%") || reach == 0)
        try space.succeed(command + (reach == 0 ? " --quiet" : " --quiet --output \(method)"))
      }
    }
  }

  // Of every picture four boxes are found, and twelve more are nothing that could be.
  @Test func `what was too poor before is trained before it is pruned`() throws {
    try Workspace.with { space in
      try space.prepareRightNetwork()
      for name in try space.names("d/labels") {
        let text = String(decoding: try space.bytes("d/labels/\(name)"), as: UTF8.self)
        let more = (0..<12).map { place in
          "\(place % 4) 0.\(10 + 6 * place) 0.\(90 - 6 * place) 0.02 0.02\n"
        }
        try space.write("d/labels/\(name)", text + more.joined())
      }
      let told = try space.output(
        of: "prune normal --model r --weights last --percent 0.3 --force --output p --json p.json")
      let result = try space.json("p.json")
      let before = try #require((result["before"] as? [String: Any])?["map50"] as? Double)
      #expect(before < 0.2 && result["judgement"] as? String != "nothing-to-lose", "\(told)")
      #expect(
        try #require(told.split(separator: "\n").first).hasSuffix(
          "; it was too poor to be used before it was pruned; train it first"), "\(told)")
      #expect(!told.contains("win back"), "\(told)")
      #expect(told.contains("\nnext, train it longer, before it is pruned:\n"), "\(told)")
      #expect(told.contains("\nadvice: train the network first, "), "\(told)")
    }
  }
}
