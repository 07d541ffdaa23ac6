import Foundation
import Glibc
import Testing

/// What ends or disturbs a run from outside: signals, readers that go away, other runs, killed
/// processes, damaged files.
@Suite(.enabled(if: Workspace.isBuilt, "the programs are not built"))
struct SurvivalTests {
  private let options =
    "train --cfg n.cfg --data d/d.data --epochs 40 --batch-size 4 --device cpu --threads 1 "
    + "--workers 1 --quiet --output "

  private func wait(for name: String, in space: Workspace, of process: Process) {
    while process.isRunning, !space.exists(name) { usleep(2000) }
  }

  /// What is in a folder besides results: names that begin with `.pare`, but for the list of files.
  private func leftovers(_ space: Workspace, _ folder: String) throws -> [String] {
    try space.names(folder).filter { $0.hasPrefix(".pare") && $0 != ".pare.files" }
  }

  @Test(arguments: [(SIGINT, 130), (SIGTERM, 143), (SIGHUP, 129)] as [(Int32, Int32)])
  func `a signal is confirmed, saves, and gives the line that goes on`(
    signal: Int32, status: Int32
  ) throws {
    // Where the tests run under 'nohup', programs would be told to ignore it.
    Glibc.signal(SIGHUP, SIG_DFL)
    try Workspace.with { space in
      try space.prepare()
      let process = try space.start(options + "r", errors: "errors.txt")
      wait(for: "r/results.csv", in: space, of: process)
      kill(process.processIdentifier, signal)
      process.waitUntilExit()
      #expect(process.terminationReason == .exit && process.terminationStatus == status)
      let lines = String(decoding: try space.bytes("errors.txt"), as: UTF8.self)
        .split(separator: "\n")
      #expect(lines.first?.hasPrefix("stopping") == true, "\(lines)")
      #expect(lines.dropFirst().first?.hasPrefix("stopped after ") == true, "\(lines)")
      #expect(lines.last == "  pare train --resume --output r")
      #expect(try leftovers(space, "r").isEmpty)
      #expect(space.exists("r/last.safetensors") && !space.exists("r/run.json"))
    }
  }

  // As Ctrl-C under '2>&1 | tee log' does: the reader goes, then the signal comes.
  @Test func `a reader that goes away costs nothing`() throws {
    try Workspace.with { space in
      try space.prepare()
      let line = options.replacing("--quiet ", with: "")
      func piped(_ name: String, _ epochs: Int) throws -> Process {
        let words = line.replacing("--epochs 40", with: "--epochs \(epochs)") + name
        let process = Process()
        process.executableURL = URL(filePath: "/bin/bash")
        process.arguments = [
          "-c",
          "{ sh -c 'echo $$ > \(name).pid; exec \(Workspace.program) \(words)'; "
            + "echo $? > \(name).status; } 2>&1 | head -c 1 > /dev/null",
        ]
        process.currentDirectoryURL = space.folder
        try process.run()
        return process
      }
      func status(_ name: String) throws -> String {
        String(decoding: try space.bytes("\(name).status"), as: UTF8.self)
      }
      let stopped = try piped("stopped", 40)
      wait(for: "stopped/results.csv", in: space, of: stopped)
      let number = try #require(
        Int32(
          String(decoding: space.bytes("stopped.pid"), as: UTF8.self)
            .trimmingCharacters(in: .whitespacesAndNewlines)))
      kill(number, SIGINT)
      stopped.waitUntilExit()
      #expect(try status("stopped") == "130\n")
      try space.succeed("train --resume --output stopped --quiet")
      // Without a signal the run goes on to its end.
      let whole = try piped("whole", 40)
      whole.waitUntilExit()
      #expect(try status("whole") == "0\n")
      #expect(try space.bytes("stopped/last.weights") == space.bytes("whole/last.weights"))
      #expect(space.exists("whole/run.json"))
    }
  }

  @Test func `a run whose streams are closed stops as the signal says, or ends well`() throws {
    try Workspace.with { space in
      try space.prepare()
      func silent(_ words: String) throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/bash")
        process.arguments = ["-c", "exec \(Workspace.program) \(words) >&- 2>&-"]
        process.currentDirectoryURL = space.folder
        try process.run()
        return process
      }
      for (signal, status) in [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)] {
        let name = "r\(status)"
        let process = try silent(options + name)
        wait(for: "\(name)/results.csv", in: space, of: process)
        kill(process.processIdentifier, signal)
        process.waitUntilExit()
        #expect(process.terminationReason == .exit && process.terminationStatus == status)
        #expect(space.exists("\(name)/last.safetensors") && !space.exists("\(name)/run.json"))
      }
      let whole = try silent(
        options.replacing("--quiet ", with: "").replacing("--epochs 40", with: "--epochs 2") + "w")
      whole.waitUntilExit()
      #expect(whole.terminationStatus == 0 && space.exists("w/run.json"))
    }
  }

  @Test func `a run that was killed after its last checkpoint gets its record`() throws {
    try Workspace.with { space in
      try space.train()
      let weights = try space.bytes("r/last.weights")
      for name in ["run.json", "results.csv", "report.html"] {
        try FileManager.default.removeItem(atPath: space.path("r/\(name)"))
      }
      // What a killed write leaves; Linux has no process of this number.
      try space.write("r/.pare-99999999-0.partial", "x")
      try space.succeed("train --resume --output r --quiet")
      for name in ["run.json", "results.csv", "report.html"] {
        #expect(space.exists("r/\(name)"), "\(name)")
      }
      #expect(try space.bytes("r/last.weights") == weights)
      #expect(try leftovers(space, "r").isEmpty)
    }
  }

  @Test func `a second writer is refused by name and process`() throws {
    try Workspace.with { space in
      try space.train("--epochs 1")
      let process = try space.start(
        options.replacing("--epochs 40", with: "--epochs 4000") + "busy", errors: "busy.txt")
      defer {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
      }
      wait(for: "busy/last.safetensors", in: space, of: process)
      let reason =
        "'pare train' (process \(process.processIdentifier)) is writing there; "
        + "wait for its end, or name another --output\n"
      for line in [
        "train --resume --output busy",
        "train --cfg n.cfg --data d/d.data --device cpu --output busy --overwrite",
        "prune normal --cfg n.cfg --weights r/last.weights --percent 0.1 --device cpu "
          + "--output busy --overwrite",
      ] {
        let second = try space.run(line)
        #expect(second.status == 1 && second.errors.hasSuffix("busy: " + reason), "\(second)")
      }
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      // The lock of a killed process is free.
      let resumed = try space.start("train --resume --output busy --quiet", errors: "again.txt")
      let mark = "\(resumed.processIdentifier)\n"
      while resumed.isRunning,
        (try? space.bytes("busy/.pare.lock"))?.starts(with: Data(mark.utf8)) != true
      { usleep(2000) }
      kill(resumed.processIdentifier, SIGTERM)
      resumed.waitUntilExit()
      #expect(resumed.terminationStatus == 143)
    }
  }

  @Test func `what a run's own files say is checked`() throws {
    try Workspace.with { space in
      try space.train()
      let request = String(decoding: try space.bytes("r/request.json"), as: UTF8.self)
      for (old, new, words) in [
        ("\"batchSize\" : 4", "\"batchSize\" : 0", "batchSize: 0 is not in 1 to 65536"),
        ("\"epochs\" : 2", "\"epochs\" : -3", "epochs: -3 is not in 1 to 1000000"),
        ("\"workers\" : ", "\"workers\" : -", "workers: -"),
        ("\"batchSize\" : 4", "\"batchSize\" : \"4\"", "'options.batchSize' is not what"),
        ("\"batchSize\"", "\"batch\"", "it lacks 'batchSize'"),
        ("\"seed\" : ", "\"seed\" : -1", "a number in it is not what it should be"),
        ("{", "[", "it is not JSON"),
      ] {
        let changed = request.replacing(old, with: new, maxReplacements: 1)
        try #require(changed != request)
        try space.write("r/request.json", changed)
        let run = try space.run("train --resume --output r --quiet")
        #expect(
          run.status == 1 && run.errors.hasPrefix("Error: r/request.json: \(words)"), "\(run)")
        #expect(run.errors.filter(\.isNewline).count == 1)
      }
      try space.write("r/request.json", request)
      var checkpoint = try space.bytes("r/last.safetensors")
      checkpoint[checkpoint.count / 2] ^= 1
      try space.write("r/last.safetensors", checkpoint)
      let run = try space.run("train --resume --output r --quiet")
      #expect(
        run.status == 1
          && run.errors.hasPrefix("Error: r/last.safetensors: ")
          && run.errors.hasSuffix("is not what was written; copy the file anew, or use another\n"),
        "\(run)")
    }
  }

  @Test func `a name numbers its runs, and a run can be extended but not changed`() throws {
    try Workspace.with { space in
      try space.prepare()
      let line =
        "train --cfg n.cfg --data d/d.data --epochs 1 --batch-size 4 --device cpu --quiet --name a"
      for _ in 0..<3 { try space.succeed(line) }
      #expect(try space.names("runs").sorted() == ["a", "a-2", "a-3"])
      try space.succeed("train --resume --name a --epochs 2 --quiet --json r.json")
      #expect(try space.json("r.json")["epochs"] as? Int == 2)
      #expect(String(describing: try space.json("r.json")["run"] ?? "").hasSuffix("/runs/a-3"))
      // The same values may be named again.
      try space.succeed(
        "train --resume --output runs/a --batch-size 4 --cfg ./n.cfg --seed 0 --nominal-batch 16 "
          + "--warmup-bias-rate 0.1 --quiet")
      // The network of a run is the run, and not the newest.
      for named in ["--model runs/a", "--model runs/a/ --output runs/a", "--model a"] {
        try space.succeed("train --resume \(named) --quiet --json r.json")
        let run = String(describing: try space.json("r.json")["run"] ?? "")
        #expect(run.hasSuffix("/runs/a"), "\(named)")
      }
      let otherModel = try space.run("train --resume --model runs/a-2 --output runs/a --quiet")
      #expect(otherModel.errors.contains("other values of --model"), "\(otherModel)")
      let run = try space.run(
        "train --resume --output runs/a --batch-size 2 --lr0 0.1 --nominal-batch 64 "
          + "--warmup-bias-rate 0 --ema --quiet")
      #expect(run.status == 1)
      #expect(
        run.errors
          == "Error: runs/a: it was started with other values of --batch-size, --lr0, "
          + "--nominal-batch, --warmup-bias-rate, --ema; --resume continues a run as it was begun; only --epochs may change, what says "
          + "where it runs (--device, --threads, --workers, --cache, --cache-folder), and where files "
          + "are now if they have gone (--data, --teacher, --teacher-cfg, --teacher-weights)\n")
      // Another machine, and data that have gone elsewhere.
      try space.succeed("dataset import darknet d/d.data --copy --output e --name d --quiet")
      let other =
        "train --resume --output runs/a --epochs 2 --threads 1 --workers 1 --cache ram --quiet"
      let unmoved = try space.run(other + " --data e/d.data")
      #expect(
        unmoved.status == 1 && unmoved.errors.contains("d/d.data, which is still there"),
        "\(unmoved)")
      try space.move("d", to: "gone")
      let gone = try space.run(other)
      #expect(
        gone.status == 1
          && gone.errors.hasSuffix(
            "d/d.data: cannot be read: No such file or directory; name it with --data where it is now: "
              + "'pare train --resume --output runs/a --data FILE'\n"),
        "\(gone)")
      try space.succeed(other + " --data e/d.data --json r.json")
      #expect(try space.json("r.json")["epochs"] as? Int == 2)
      try space.succeed("train --resume --output runs/a --epochs 3 --quiet")
    }
  }

  @Test func `a run that ends says what to type next`() throws {
    try Workspace.with { space in
      try space.prepare()
      let process = Process()
      process.executableURL = URL(filePath: Workspace.program)
      process.arguments =
        ("train --cfg n.cfg --data d/d.data --epochs 1 --batch-size 4 --device cpu --output r")
        .split(separator: " ").map(String.init)
      process.currentDirectoryURL = space.folder
      process.standardError = FileHandle.nullDevice
      let pipe = Pipe()
      process.standardOutput = pipe
      try process.run()
      let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      let commands = output.split(separator: "\n").filter { $0.hasPrefix("  pare ") }
      // After one epoch it is too poor to be made sparse.
      #expect(commands.count == 2 && !output.contains("--sparsity"), "\(output)")
      for command in commands {
        let words = command.dropFirst("  pare ".count)
        let short = words.hasPrefix("train --cfg") ? " --epochs 1" : ""
        #expect(try space.run(words + " --quiet --device cpu" + short).status == 0, "\(command)")
      }
    }
  }

  @Test func `a run whose validation pictures cannot be read has its last weights`() throws {
    try Workspace.with { space in
      try space.prepare()
      for name in try space.names("d/images") where name.hasPrefix("valid") {
        try space.write("d/images/\(name)", "no picture")
      }
      let run = try space.everything(of: "train --cfg n.cfg --data d/d.data --epochs 1 --output r")
      #expect(run.status == 0, "\(run.text)")
      #expect(run.text.contains("validation stands on 0 of "), "\(run.text)")
      #expect(run.text.contains("r/model.weights: the last epoch's, for none was judged"))
      #expect(try space.bytes("r/model.weights") == space.bytes("r/last.weights"))
    }
  }
}
