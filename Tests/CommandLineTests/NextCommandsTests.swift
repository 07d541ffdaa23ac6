import Foundation
import Testing

/// What the commands say to type next, typed: each line as it is printed, in a shell.
@Suite(.enabled(if: Workspace.isBuilt, "the programs are not built"))
struct NextCommandsTests {
  private static let set = "'my set/my set.data'"

  /// Runs a line in a shell.
  private func type(_ line: String, in space: Workspace) throws -> (
    status: Int32, output: String, errors: String
  ) {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/bash")
    process.arguments = ["-c", line]
    process.currentDirectoryURL = space.folder
    let programs = URL(filePath: Workspace.program).deletingLastPathComponent().path
    process.environment = ProcessInfo.processInfo.environment
      .merging(["PATH": "\(programs):/usr/bin:/bin"]) { $1 }
    for name in ["out.txt", "err.txt"] { try space.write(name, "") }
    process.standardOutput = FileHandle(forWritingAtPath: space.path("out.txt"))
    process.standardError = FileHandle(forWritingAtPath: space.path("err.txt"))
    try process.run()
    process.waitUntilExit()
    func text(_ name: String) throws -> String {
      String(decoding: try space.bytes(name), as: UTF8.self)
    }
    return (process.terminationStatus, try text("out.txt"), try text("err.txt"))
  }

  /// The commands that an output says to type next.
  private func nextLines(_ output: String) -> [String] {
    output.matches(of: /(?:next|or), [^\n]*:\n  (pare [^\n]*)/).map { String($0.1) }
  }

  /// The line with what is left open filled in, on small pictures, networks and schedules.
  private func filled(_ line: String) -> String {
    var line = line.replacing("DATA.data", with: Self.set)
      .replacing("PICTURE.jpg", with: "'my set/images'").replacing("RUN", with: "runs/dense")
      .replacing("--bootstrap 1000", with: "--bootstrap 100")
    if !line.contains("--resume") { line = line.replacing(/--epochs \d+/, with: "--epochs 1") }
    if line.hasPrefix("pare train "), !line.contains("--resume") {
      line += " --batch-size 4 --device cpu"
    }
    if line.hasPrefix("pare config new "), !line.contains("--width-multiple") {
      line += " --width-multiple 0.125" + (line.contains("--img-size") ? "" : " --img-size 64")
    }
    line = line.replacing(
      "--width-multiple 0.5 --img-size 224", with: "--width-multiple 0.125 --img-size 64")
    if line.contains("profile"), line.contains("--latency") { line += " --repeats 1" }
    return line
  }

  /// Files that a person would see, with what is in them.
  private func files(_ space: Workspace) throws -> [String: Data] {
    let names = try FileManager.default.subpathsOfDirectory(atPath: space.folder.path)
    var found: [String: Data] = [:]
    for name in names where !name.contains("/.") && !["out.txt", "err.txt"].contains(name) {
      found[name] = try? space.bytes(name)
    }
    return found
  }

  // A network that is right about its pictures is made sparse, pruned, trained again, compared, put on
  // whole numbers, measured and used. But for the number of epochs all is typed as it is printed.
  @Test func `the whole chain runs as it is printed, and overwrites nothing`() throws {
    try Workspace.with { space in
      try space.prepareRightNetwork()
      var waiting = [
        // A start that counts would be the best, and lead to another training.
        "pare train --cfg n.cfg --weights r/last.weights --pretrain --data d/d.data --batch-size 4 "
          + "--device cpu --epochs 1 --learning-rate 0.000001 --name dense",
        // `compare` leads here with a network of use alone, which this one is not.
        "pare quantize --model runs/dense --data d/d.data --output runs/quantized",
      ]
      var typed: [String] = []
      var shapes: Set<[String]> = []
      while !waiting.isEmpty {
        var line = waiting.removeFirst().replacing("PICTURE.jpg", with: "d/images")
        let isMore = line.contains("--resume")
        line = line.replacing(/--epochs \d+/) { isMore ? "\($0.output)" : "--epochs 2" }
        // Once with these options is enough, whichever the paths.
        let words = line.split(separator: " ").map(String.init)
        let shape = words.filter { $0.wholeMatch(of: /[a-z-]+/) != nil }
        guard !isMore, shapes.insert(shape).inserted else { continue }
        typed.append(line)
        let before = try files(space)
        if line.contains(" --force") {
          let run = try type(line.replacing(" --force", with: ""), in: space)
          #expect(run.status == 1, "\(line)")
        }
        let run = try type(line, in: space)
        #expect(run.status == 0, "\(line): \(run.errors)")
        let after = try files(space)
        for (name, data) in before { #expect(after[name] == data, "\(line): \(name)") }
        let next = nextLines(run.output)
        #expect(!next.isEmpty || line.contains("--help"), "\(line): \(run.output)")
        waiting += next
      }
      for verb in ["train", "prune", "compare", "quantize", "test", "detect"] {
        #expect(typed.contains { $0.hasPrefix("pare \(verb) ") }, "\(verb): \(typed)")
      }
      #expect(!typed.contains { $0.contains("--overwrite") }, "\(typed)")
      // In this order, each printed by one before it.
      let steps = ["--sparsity ", "pare prune ", "-tuned", "pare compare "]
      let places = steps.map { step in typed.firstIndex { $0.contains(step) } ?? -1 }
      #expect(places == places.sorted() && !places.contains(-1), "\(typed)")
    }
  }

  @Test func `every next command works, from drawn pictures to a comparison`() throws {
    try Workspace.with { space in
      // What nothing leads to: looking at a network, and pruning that knows no pictures.
      var waiting = [
        "pare dataset synthetic --size 64 --images 8 --validation 4 --test 4 --output 'my set'",
        "pare dataset split --data \(Self.set) --ratios 0.5 0.5 --output parts",
        "pare dataset import darknet 'my set' --output imported",
        "pare dataset export yolo --data \(Self.set) --output exported",
        "pare dataset merge \(Self.set) parts/split.data --output merged",
        "pare anchors --data \(Self.set) --cfg 'my set.cfg'",
        "pare profile --cfg 'my set.cfg'", "pare profile --model runs/dense --latency",
        "pare config check 'my set.cfg'",
        // A network that was hardly trained does not lead to this.
        "pare train --model runs/dense --data \(Self.set) --epochs 100 --nominal-batch 16 "
          + "--sparsity 0.1 --sparsity-schedule local-early --name sparse",
        "pare prune normal --model runs/sparse --weights last --percent 50% --force",
        "pare prune normal --model runs/sparse --percent 0",
        // Networks that find next to nothing are looked at first, where there are pictures.
        "pare prune normal --cfg runs/dense/model.cfg --weights runs/dense/model.weights --percent 50% "
          + "--force",
      ]
      var typed: [String] = []
      var shapes: Set<[String]> = []
      while !waiting.isEmpty {
        let line = filled(waiting.removeFirst())
        // Once with these options is enough, whichever the paths.
        let words = line.split(separator: " ").map(String.init)
        guard shapes.insert(words.filter { $0.wholeMatch(of: /[a-z-]+/) != nil }).inserted else {
          continue
        }
        typed.append(line)
        let run = try type(line, in: space)
        #expect(run.status == 0, "\(line): \(run.errors)")
        let next = nextLines(run.output)
        // Anchors that are as good are no reason to do anything.
        #expect(
          !next.isEmpty || line.contains("--help") || run.output.contains("its own anchors are "),
          "\(line): \(run.output)")
        // But for a push that was too short, which is repeated over more epochs than are typed here.
        #expect(
          !next.contains { filled($0) == line && !$0.contains("--sparsity") }, "\(line) says itself"
        )
        // First to the end of what was begun, where later ones find what they need.
        waiting = next + waiting
      }
      let beginnings = [
        "config new", "train --cfg 'my set.cfg'", "train --model runs/dense",
        "train --model runs/prune", "train --resume", "test --model runs/dense --data", "detect",
        "prune normal --model runs/sparse --weights last",
        "compare runs/dense runs/", "profile", "prune target --model runs/dense",
      ]
      for beginning in beginnings {
        #expect(
          typed.contains { $0.hasPrefix("pare \(beginning)") }, "\(beginning): \(typed)")
      }
      // Final figures are those of the test pictures; a pruned network is not made sparse again.
      #expect(typed.contains { $0.hasPrefix("pare test ") && $0.contains("--split test") })
      #expect(!typed.contains { $0.contains("-tuned") && $0.contains("--sparsity") })
      #expect(typed.contains { $0.hasPrefix("pare anchors ") && $0.contains("--output") })
    }
  }
}
