import Foundation
import Glibc
import Testing

/// Folders that are replaced, and disks that are full.
@Suite(.enabled(if: Workspace.isBuilt, "the programs are not built"))
struct ReplacingTests {
  /// Every file below a folder with its bytes; links by where they lead.
  private func contents(_ space: Workspace, _ folder: String) throws -> [String: Data] {
    let root = space.path(folder)
    var found: [String: Data] = [:]
    for name in FileManager.default.subpaths(atPath: root) ?? [] {
      let path = root + "/" + name
      if let link = try? FileManager.default.destinationOfSymbolicLink(atPath: path) {
        found[name] = Data(link.utf8)
      } else if let bytes = try? Data(contentsOf: URL(filePath: path)) {
        found[name] = bytes
      }
    }
    return found
  }

  private let prune =
    "prune normal --cfg n.cfg --weights r/last.weights --device cpu --quiet --output p --overwrite "

  // A limit on the size of files stands for the disk: a write beyond it fails half-way.
  @Test func `a command that fails leaves the old folder and nothing of the new`() throws {
    try Workspace.with { space in
      try space.train()
      try space.succeed(prune + "--percent 0.1")
      try space.write("p/mine.txt", "mine")
      try space.succeed("dataset import darknet d/d.data --output e --copy --quiet")
      let before = try ["p", "e", "r"].map { try contents(space, $0) }
      let names = try space.names(".").filter { !$0.hasPrefix("errors-") }.sorted()
      for line in [
        prune + "--percent 0.3", prune.replacing("output p", with: "output new") + "--percent 0.3",
        "dataset import darknet d/d.data --output e --copy --overwrite --quiet",
        "dataset synthetic --size 256 --images 3 --output new --quiet",
        "convert --cfg n.cfg --weights r/last.weights --output r/model.weights --standard "
          + "--overwrite --quiet",
        "train --cfg n.cfg --data d/d.data --epochs 1 --device cpu --quiet --output r --overwrite",
        "train --cfg n.cfg --data d/d.data --epochs 1 --device cpu --quiet --output new",
      ] {
        let run = try space.run(line, fileSizeLimit: 1024)
        let last = run.errors.split(separator: "\n").last ?? ""
        #expect(run.status == 1 && last.hasPrefix("Error: "), "\(line): \(run)")
        #expect(!run.errors.contains(".pare-"), "\(run.errors)")
        #expect(
          try space.names(".").filter { !$0.hasPrefix("errors-") }.sorted() == names, "\(line)")
        #expect(try ["p", "e", "r"].map { try contents(space, $0) } == before, "\(line)")
      }
      try space.succeed(prune + "--percent 0.3")
      #expect(String(decoding: try space.bytes("p/mine.txt"), as: UTF8.self) == "mine")
      #expect(try contents(space, "p")["model.weights"] != before[0]["model.weights"])
    }
  }

  // A real full disk, where we may make one.
  @Test(.enabled(if: getuid() == 0, "only root can make a small disk"))
  func `a full disk leaves the old pair`() throws {
    try Workspace.with { space in
      try space.train()
      try FileManager.default.createDirectory(
        atPath: space.path("disk"), withIntermediateDirectories: true)
      try space.succeed(prune + "--percent 0.05")
      // Room for one and a half of it.
      let size = try contents(space, "p").values.reduce(100_000) { $0 + $1.count * 3 / 2 }
      guard shell("mount -t tmpfs -o size=\(size) none \(space.path("disk"))") == 0 else { return }
      defer { _ = shell("umount \(space.path("disk"))") }
      let line = prune.replacing("output p", with: "output disk/p")
      try space.succeed(line + "--percent 0.05")
      let before = try contents(space, "disk")
      let run = try space.run(line + "--percent 0.06")
      let last = run.errors.split(separator: "\n").last ?? ""
      #expect(run.status == 1 && last.hasPrefix("Error: disk/p/"), "\(run)")
      #expect(run.errors.lowercased().hasSuffix("no space left on device\n"), "\(run)")
      #expect(try contents(space, "disk") == before)
    }
  }

  private func shell(_ line: String) -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", line + " 2>/dev/null"]
    guard (try? process.run()) != nil else { return -1 }
    process.waitUntilExit()
    return process.terminationStatus
  }

  // A prune that runs for long enough to be met in the middle of its work.
  @Test(arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)])
  func `a command that is stopped leaves nothing`(signal: Int32, status: Int32) throws {
    try Workspace.with { space in
      try space.train()
      let names = try space.names(".").sorted()
      let process = try space.start(
        "prune target --max-drop 0.001 --cfg n.cfg --weights r/last.weights --data d/d.data "
          + "--device cpu --threads 1 --output new/p", errors: "stopped.txt")
      while process.isRunning, !space.exists("new/p/.pare.lock") { usleep(500) }
      kill(process.processIdentifier, signal)
      process.waitUntilExit()
      #expect(process.terminationReason == .exit && process.terminationStatus == status)
      #expect(try space.names(".").sorted() == (names + ["stopped.txt"]).sorted())
    }
  }

  @Test func `a file that is no earlier result is not replaced by one`() throws {
    try Workspace.with { space in
      try space.prepare()
      let list = try space.bytes("d/train.txt")
      let run = try space.run("profile --cfg n.cfg --quiet --json d/train.txt")
      #expect(
        run.status == 1
          && run.errors.contains("is there is not JSON that pare wrote and is not replaced"))
      #expect(try space.bytes("d/train.txt") == list)
      for _ in 0..<2 { try space.succeed("profile --cfg n.cfg --quiet --json p.json") }
    }
  }

  @Test func `an overwritten run loses what was the old run's and keeps the user's files`() throws {
    try Workspace.with { space in
      try space.train()
      try space.write("r/notes.txt", "mine")
      let line = "train --cfg n.cfg --data d/d.data --epochs 1 --evaluate-every 0 --device cpu "
      let train = line + "--quiet --output r --overwrite "
      // What is read is not replaced.
      let own = try space.run(train + "--weights r/last.weights")
      #expect(own.status == 1 && own.errors.contains("is what would be read and written"))
      #expect(try space.names("r").contains("last.safetensors"))
      try space.write(
        "r/.pare.files",
        "old.html\n"
          + String(
            decoding: try space.bytes("r/.pare.files"), as: UTF8.self))
      try space.write("r/old.html", "old")
      try space.succeed(train)
      let names = try space.names("r")
      #expect(names.contains("notes.txt") && names.contains("last.weights"))
      #expect(!names.contains("old.html"))
    }
  }

  /// Every command that has `--overwrite` and writes a folder, with what it writes.
  private static let writers: [(line: String, folder: String)] = {
    let common = " --device cpu --quiet --overwrite --output "
    let data = " --quiet --overwrite --output "
    return [
      ("train --cfg n.cfg --data d/d.data --epochs 1 --batch-size 4" + common, "r"),
      ("prune normal --model r --percent 0.1" + common, "p"),
      ("quantize --model r --data d/d.data --rounding nearest" + common, "q"),
      ("detect --model r --source d/images" + common, "f"),
      ("test --model r --data d/d.data" + common, "t"),
      ("export c --model q" + data, "c"),
      ("dataset synthetic --size 64 --images 4" + data, "s"),
      ("dataset import darknet d/d.data" + data, "i"),
      ("dataset merge d/d.data s/s.data" + data, "m"),
      ("dataset export coco d/d.data" + data, "x"),
      ("dataset split --data d/d.data" + data, "l"),
      ("dataset stats --data d/d.data" + data, "h"),
    ]
  }()

  @Test func `no command replaces what another one wrote`() throws {
    try Workspace.with { space in
      try space.train()
      for (line, folder) in Self.writers.dropFirst() { try space.succeed(line + folder) }
      let before = try Self.writers.map { try contents(space, $0.folder) }
      // All kinds of result beside one another are tried in `OutputFolderTests`.
      let onTrainings = Self.writers.dropFirst().map { ($0.line, "r", "a training, not ") }
      let onOthers = Self.writers.dropFirst().map { (Self.writers[0].line, $0.folder, "holds ") }
      for (line, folder, words) in onTrainings + onOthers {
        let run = try space.run(line + folder)
        #expect(
          run.status == 1 && run.errors.contains(words)
            && run.errors.contains("and is not replaced; name another --output"),
          "\(line)\(folder): \(run)")
      }
      #expect(try Self.writers.map { try contents(space, $0.folder) } == before)
      // Each replaces its own.
      for (line, folder) in Self.writers.dropFirst() { try space.succeed(line + folder) }
    }
  }

  @Test func `a folder that is worked in stays the same folder`() throws {
    try Workspace.with { space in
      try space.prepare()
      try space.write("mine.txt", "mine")
      let before = try FileManager.default.attributesOfItem(atPath: space.path("."))
      try space.succeed("dataset split --data d/d.data --output . --overwrite --quiet")
      let after = try FileManager.default.attributesOfItem(atPath: space.path("."))
      #expect(before[.systemFileNumber] as? Int == after[.systemFileNumber] as? Int)
      #expect(space.exists("split.data") && space.exists("mine.txt"))
    }
  }

  @Test func `a set does not replace pictures, labels or lists of the user`() throws {
    try Workspace.with { space in
      try space.prepare()
      for name in ["images/train-00000.jpg", "labels/train-00000.txt", "train.txt", "u.data"] {
        let path = URL(filePath: space.path("u/" + name))
        try FileManager.default.createDirectory(
          at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
        try space.write("u/" + name, "mine")
        let plain = try space.run("dataset import darknet d/d.data --output u --quiet")
        #expect(plain.status == 1 && plain.errors.contains("or add --overwrite"), "\(plain)")
        let run = try space.run("dataset import darknet d/d.data --output u --overwrite --quiet")
        #expect(
          run.status == 1
            && run.errors.hasPrefix("Error: u/\(name): is not a file that pare wrote"), "\(run)")
        #expect(String(decoding: try space.bytes("u/" + name), as: UTF8.self) == "mine")
        try FileManager.default.removeItem(atPath: space.path("u"))
      }
    }
  }

  // The set that is read lies in the folder that would be replaced.
  @Test func `a data set is not replaced by what is made of it`() throws {
    try Workspace.with { space in
      try space.prepare()
      let before = try contents(space, "d")
      for line in [
        "dataset export coco d/d.data --output d --overwrite --quiet",
        "dataset import darknet d/d.data --output d --overwrite --quiet",
        "train --cfg n.cfg --data d/d.data --epochs 1 --device cpu --quiet --output d --overwrite",
      ] {
        let run = try space.run(line)
        #expect(run.status == 1 && run.errors.hasPrefix("Error: "), "\(run)")
        #expect(try contents(space, "d") == before)
      }
      // A split adds its lists to the set.
      try space.succeed(
        "dataset split --data d/d.data --ratios 0.5 0.25 0.25 --output d --overwrite --quiet")
      let after = try contents(space, "d")
      #expect(after["split.data"] != nil)
      for (name, bytes) in before where name != ".pare.files" {
        #expect(after[name] == bytes, "\(name)")
      }
    }
  }
}
