import Foundation
import Testing

@Suite(.enabled(if: Workspace.isBuilt, "the programs are not built"))
struct ResumeTests {
  private let options =
    "train --cfg n.cfg --data d/d.data --epochs 12 --batch-size 4 --device cpu --threads 1 "
    + "--workers 1 --quiet --output "

  /// Waits until the file is there or the process has ended.
  private func wait(for name: String, in space: Workspace, of process: Process) {
    while process.isRunning, !space.exists(name) { usleep(2000) }
  }

  @Test func `weights of another cfg and data that are still there are told with what to do`()
    throws
  {
    try Workspace.with { space in
      try space.train()
      try space.succeed("prune normal --model r --percent 0.1 --device cpu --output p --quiet")
      let pruned = try space.run(options + "x --weights p/model.weights --pretrain")
      #expect(
        pruned.status == 1
          && pruned.errors.contains("name that, p/model.cfg, or its folder: --model p\n"),
        "\(pruned)")
      try space.succeed("dataset export yolo d/d.data --output y --quiet")
      try space.succeed("dataset import yolo y --output e --quiet")
      let moved = try space.run("train --resume --output r --data e/e.data --epochs 3 --quiet")
      #expect(
        moved.status == 1
          && moved.errors.contains("r: it was started with d/d.data, which is still"),
        "\(moved)")
    }
  }

  @Test func `a run that was killed resumes to the same bytes`() throws {
    try Workspace.with { space in
      try space.prepare()
      try space.succeed(options + "whole")
      let expected = try space.bytes("whole/last.weights")
      for milliseconds in [0, 60, 250] {
        let run = "killed-\(milliseconds)"
        let process = try space.start(options + run, errors: "killed.txt")
        wait(for: "\(run)/last.safetensors", in: space, of: process)
        usleep(UInt32(milliseconds) * 1000)
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        try space.succeed("train --resume --output \(run) --quiet")
        #expect(try space.bytes("\(run)/last.weights") == expected, "killed at +\(milliseconds) ms")
      }
    }
  }

  @Test func `a run that is interrupted says how to resume, and resumes to the same bytes`() throws
  {
    try Workspace.with { space in
      try space.prepare()
      // Long enough that the signal meets a run that has epochs left.
      let line = options.replacing("--epochs 12", with: "--epochs 40")
      try space.succeed(line + "whole")
      let process = try space.start(line + "stopped", errors: "stopped.txt")
      wait(for: "stopped/results.csv", in: space, of: process)
      kill(process.processIdentifier, SIGINT)
      process.waitUntilExit()
      #expect(process.terminationReason == .exit)
      #expect(process.terminationStatus == 130)
      let errors = String(decoding: try space.bytes("stopped.txt"), as: UTF8.self)
      #expect(errors.contains("\nstopped after "))
      #expect(errors.hasSuffix("; go on with:\n  pare train --resume --output stopped\n"))
      try space.succeed("train --resume --output stopped --quiet")
      #expect(try space.bytes("stopped/last.weights") == space.bytes("whole/last.weights"))
    }
  }

  // yolov4-tiny is leaky throughout; grouped routes cut what is rescaled.
  @Test func `sparse training that follows validation resumes to the same bytes`() throws {
    try Workspace.with { space in
      try space.train()
      let line =
        options + "whole --weights r/last.weights --sparsity 0.5 --sparsity-schedule auto "
        + "--sparsity-update proximal --sparsity-rescale 0.5 --ema"
      try space.succeed(line)
      let process = try space.start(
        line.replacing("whole", with: "killed"), errors: "killed.txt")
      wait(for: "killed/results.csv", in: space, of: process)
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      try space.succeed("train --resume --output killed --quiet")
      #expect(try space.bytes("killed/last.weights") == space.bytes("whole/last.weights"))
      #expect(try rows("killed", in: space) == rows("whole", in: space))
      let columns = String(decoding: try space.bytes("whole/results.csv"), as: UTF8.self)
        .prefix { !$0.isNewline }.split(separator: ",").map(String.init)
      #expect(
        columns.contains("sparsity/strength")
          && columns.contains("sparsity/gamma<0.01"))
    }
  }

  /// The rows of a run's results.csv without the speed, which is never the same.
  private func rows(_ run: String, in space: Workspace) throws -> [[String]] {
    let lines = String(decoding: try space.bytes("\(run)/results.csv"), as: UTF8.self)
      .split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    let speed = lines.first?.firstIndex(of: "images/s")
    return lines.map { line in
      line.indices.filter { $0 != speed }.map { String(line[$0]) }
    }
  }

  // Killed after the folder is made and before the first checkpoint of its own.
  @Test func `a run that was killed at once keeps the weights it began with`() throws {
    try Workspace.with { space in
      try space.train()
      let line = options + "w --weights r/last.weights"
      try space.succeed(line)
      let expected = try space.bytes("w/last.weights")
      try space.succeed(options + "again")
      let process = try space.start(
        options + "again --overwrite --weights r/last.weights", errors: "again.txt")
      let old = try space.bytes("again/request.json")
      while process.isRunning, (try? space.bytes("again/request.json")) == old { usleep(500) }
      wait(for: "again/last.safetensors", in: space, of: process)
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      try space.succeed("train --resume --output again --quiet")
      #expect(try space.bytes("again/last.weights") == expected)
    }
  }

  // A limit on the size of files stands for the disk: a write beyond it fails half-way.
  @Test func `a full disk ends a run with one line and harms no checkpoint`() throws {
    try Workspace.with { space in
      try space.prepare()
      let line = options.replacing("--epochs 12", with: "--epochs 40")
      try space.succeed(line + "whole")
      let limit = try space.bytes("whole/last.safetensors").count / 2
      let first = try space.run(line + "full", fileSizeLimit: limit)
      #expect(first.status == 1)
      #expect(first.errors == "Error: full/last.safetensors: file too large\n")
      #expect(try !space.exists("full") && !space.names(".").contains { $0.hasPrefix(".pare") })

      // Now with the checkpoint of an earlier epoch.
      let process = try space.start(line + "part", errors: "part.txt")
      wait(for: "part/results.csv", in: space, of: process)
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      let checkpoint = try space.bytes("part/last.safetensors")
      let second = try space.run("train --resume --output part --quiet", fileSizeLimit: limit)
      #expect(second.status == 1 && second.errors.hasPrefix("Error: part/"), "\(second.errors)")
      #expect(second.errors.filter(\.isNewline).count == 1)
      #expect(try space.bytes("part/last.safetensors") == checkpoint)
      try space.succeed("train --resume --output part --quiet")
      #expect(try space.bytes("part/last.weights") == space.bytes("whole/last.weights"))
    }
  }
}
