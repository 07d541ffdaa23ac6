import Foundation
import Glibc
import Testing
import Vision

/// What `detect` does with many sources, odd ones and broken ones.
@Suite(.enabled(if: Workspace.isBuilt, "the programs are not built"))
struct DetectTests {
  private static let pair = "--cfg r/model.cfg --weights r/model.weights --threads 1"

  /// Copies a drawn picture to these places.
  private func copy(_ space: Workspace, to names: [String]) throws {
    let picture = try #require(try space.names("d/images").sorted().first)
    for name in names {
      let folder = URL(filePath: space.path(name)).deletingLastPathComponent()
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try space.write(name, try space.bytes("d/images/\(picture)"))
    }
  }

  private func rows(_ space: Workspace, _ file: String) throws -> [[String: Any]] {
    try #require(try space.json(file)["images"] as? [[String: Any]])
  }

  @Test func `no two sources share a file, and none is written over`() throws {
    try Workspace.with { space in
      try space.train("--epochs 1")
      // One name in two folders, one stem with two extensions (of whatever content).
      try copy(space, to: ["x/a.jpg", "y/a.jpg", "y/b.jpg", "y/b.png"])
      try space.write("list.txt", "x/a.jpg\ny/a.jpg\ny/b.jpg\ny/b.png\n")
      let detect = "detect \(Self.pair) --quiet --conf-thres 0.01 --save-txt --save-json"
      try space.succeed("\(detect) --source list.txt --output o --json o.json")
      let rows = try rows(space, "o.json")
      for key in ["output", "labels"] {
        let files = rows.compactMap { $0[key] as? String }
        #expect(files.count == 4 && Set(files).count == 4, "\(files)")
        #expect(
          files.allSatisfy { $0.hasPrefix("/") && FileManager.default.fileExists(atPath: $0) })
      }
      #expect(rows.compactMap { $0["path"] as? String }.allSatisfy { $0.hasPrefix("/") })
      #expect(try space.json("o.json")["complete"] as? Bool == true)
      #expect(
        try space.names("o").sorted()
          == [
            ".pare.files", "a-2.jpg", "a.jpg", "b.jpg.jpg", "b.png.jpg", "labels", "results.json",
          ])
      #expect(
        try space.names("o/labels").sorted() == ["a-2.txt", "a.txt", "b.jpg.txt", "b.png.txt"])

      // Several sources and a pattern, which no shell has seen.
      try space.succeed("\(detect) --source x y/?.jpg --output s --json s.json")
      #expect(try self.rows(space, "s.json").count == 3)

      // Onto the pictures, and onto a data set's label files.
      let before = try space.bytes("x/a.jpg")
      let over = try space.run("\(detect) --source x --output x --overwrite")
      #expect(over.status == 1)
      #expect(over.errors.contains("Error: x/a.jpg: is what would be read and written"))
      #expect(try space.bytes("x/a.jpg") == before)
      let label = try #require(try space.names("d/labels").sorted().first)
      let labels = try space.bytes("d/labels/\(label)")
      for command in [
        "\(detect) --source d/images --output d --overwrite",
        "test \(Self.pair) --data d/d.data --split train --save-txt --output d --overwrite",
      ] {
        let run = try space.run(command)
        #expect(run.status == 1 && run.errors.contains("d: holds a data set, not "), "\(run)")
      }
      for command in [
        "convert \(Self.pair) --output r/model.weights --overwrite".replacing(
          " --threads 1", with: "")
      ] {
        let run = try space.run(command)
        #expect(
          run.status == 1 && run.errors.contains("is what would be read and written"), "\(run)")
      }
      #expect(try space.bytes("d/labels/\(label)") == labels)
    }
  }

  @Test func `what cannot be read is skipped, and nothing at all is a failure`() throws {
    try Workspace.with { space in
      try space.train("--epochs 1")
      try copy(space, to: ["x/a.jpg"])
      try space.write("x/b.mp4", "no video")
      try space.write("x/c.png", "no picture")
      let detect = "detect \(Self.pair) --quiet"
      let some = try space.run("\(detect) --source x --output o --json o.json")
      #expect(some.status == 0)
      #expect(some.errors.contains("Warning: 2 sources skipped:"), "\(some.errors)")
      let skipped = try #require(try space.json("o.json")["skipped"] as? [[String: String]])
      #expect(
        skipped.map { $0["path"] } == ["x/b.mp4", "x/c.png"].map { Optional(space.path($0)) }
          || skipped.count == 2)
      #expect(try rows(space, "o.json").count == 1)

      for source in ["x/c.png", "x/b.mp4", "x/b.mp4 x/c.png"] {
        let none = try space.run("\(detect) --source \(source) --output n --json n.json")
        #expect(none.status == 1, "\(source)")
        #expect(none.errors.contains("Error: "))
        #expect(!space.exists("n"))
        #expect(try rows(space, "n.json").isEmpty)
      }
      // A single source that cannot be read is told by that alone.
      for source in ["x/c.png", "x/b.mp4"] {
        let none = try space.run("detect \(Self.pair) --source \(source) --output n")
        #expect(!none.errors.contains("detect: "), "\(none.errors)")
      }
      // Nothing listens on port 1; refused before there is a folder.
      let remote = try space.run("\(detect) --source http://127.0.0.1:1/a.jpg --output n")
      #expect(remote.status == 1 && !space.exists("n"))

      // A file of at most 1 KiB: no drawing fits.
      let full = try space.run(
        "\(detect) --source x/a.jpg --output f --quiet", fileSizeLimit: 1024)
      #expect(full.status == 1)
      #expect(full.errors.contains("could not be written"), "\(full.errors)")
      let unknown = try space.run("\(detect) --source x/a.jpg --classes cat --output u")
      #expect(unknown.status == 1 && unknown.errors.contains("--classes cat: no such class"))
    }
  }

  @Test func `Ctrl-C ends with 130, and the JSON says that it is not all`() throws {
    try Workspace.with { space in
      try space.train("--epochs 1")
      try copy(space, to: ["a.jpg"])
      let names = (1...5000).map { "a-\($0).jpg" }
      for name in names {
        try FileManager.default.linkItem(
          atPath: space.path("a.jpg"), toPath: space.path(name))
      }
      // What is named again counts once.
      try space.write("list.txt", (names + names).joined(separator: "\n"))
      let process = try space.start(
        "detect \(Self.pair) --quiet --source list.txt --output o --json o.json", errors: "e.txt")
      for _ in 0..<600 where !space.exists("o/a-3.jpg") { Thread.sleep(forTimeInterval: 0.1) }
      process.interrupt()
      process.waitUntilExit()
      #expect(process.terminationReason == .exit && process.terminationStatus == 130)
      let json = try space.json("o.json")
      #expect(json["complete"] as? Bool == false)
      let count = try rows(space, "o.json").count
      #expect((2..<5000).contains(count))
      let errors = String(decoding: try space.bytes("e.txt"), as: UTF8.self)
      #expect(errors.contains("of 5,000 sources"), "\(errors)")
      #expect(errors.contains("5,000 repeated sources left out: each file is looked at once"))
    }
  }

  @Test func `test tells what it stands on, and what it cannot measure`() throws {
    try Workspace.with { space in
      try space.train("--epochs 1")
      let list = String(decoding: try space.bytes("d/val.txt"), as: UTF8.self)
      let paths = list.split(separator: "\n").map(String.init)
      #expect(paths.count == 4)
      // Every label becomes class 0; the last picture goes.
      for path in paths {
        let name = URL(filePath: path).deletingPathExtension().lastPathComponent
        let text = String(decoding: try space.bytes("d/labels/\(name).txt"), as: UTF8.self)
        try space.write(
          "d/labels/\(name).txt",
          text.split(separator: "\n").map { "0" + $0.drop { $0 != " " } }.joined(separator: "\n"))
      }
      try FileManager.default.removeItem(
        atPath: space.path("d/images/" + URL(filePath: paths[3]).lastPathComponent))
      let run = try space.run(
        "test \(Self.pair) --data d/d.data --save-txt --output o --json t.json --quiet")
      #expect(run.status == 0)
      #expect(run.errors.contains("there is no such picture"), "\(run.errors)")
      let json = try space.json("t.json")
      #expect(json["images"] as? Int == 3 && json["listed"] as? Int == 4)
      #expect((json["skipped"] as? [Any])?.count == 1)
      #expect(json["confidence"] is Double || json["confidence"] is Int)
      let classes = try #require(json["classes"] as? [[String: Any]])
      #expect(classes[0]["ap50"] is NSNumber)
      #expect(classes[1]["ap50"] is NSNull && classes[1]["f1"] is NSNull)
      let files = try #require(json["files"] as? [[String: String]])
      #expect(Set(files.compactMap { $0["labels"] }).count == 3)

      let odd = try space.run("test \(Self.pair) --data d/d.data --img-size 225")
      #expect(odd.status == 1)
      #expect(
        odd.errors.contains(
          "Error: r/model.cfg: takes no input of 225 pixels; '--img-size' is a multiple of 32, such "
            + "as 224 or 256"), "\(odd.errors)")
    }
  }

  @Test(.enabled(if: canWriteVideos, "libCVideo.so is not built"))
  func `what is found in a video is listed by frame`() throws {
    try Workspace.with { space in
      try space.train("--epochs 1")
      let first = try #require(try space.names("d/images").sorted().first)
      let picture = try Image(contentsOf: space.path("d/images/\(first)"))
      for name in ["x/a.avi", "x/a.mp4"] {
        try FileManager.default.createDirectory(
          atPath: space.path("x"), withIntermediateDirectories: true)
        let writer = try VideoWriter(
          path: space.path(name), width: picture.width, height: picture.height,
          framesPerSecond: 10)
        for _ in 0..<3 { try writer.write(picture) }
        try writer.finish()
      }
      try space.succeed(
        "detect \(Self.pair) --quiet --source x --conf-thres 0.001 --save-txt --save-json "
          + "--output o --json o.json")
      let rows = try rows(space, "o.json")
      #expect(Set(rows.compactMap { $0["output"] as? String }).count == 2)
      for row in rows {
        #expect(row["frames"] as? Int == 3 && row["complete"] as? Bool == true)
        let found = try #require(row["detections"] as? [[String: Any]])
        #expect(Set(found.compactMap { $0["frame"] as? Int }) == [1, 2, 3])
        // The third frame of ten a second begins after 0.2 s.
        let last = try #require(found.last)
        #expect(last["frame"] as? Int == 3 && last["seconds"] as? Double == 0.2)
        let labels = try #require(row["labels"] as? String)
        #expect(
          try FileManager.default.contentsOfDirectory(atPath: labels).sorted()
            == ["000001.txt", "000002.txt", "000003.txt"])
      }
      let results = try JSONSerialization.jsonObject(with: space.bytes("o/results.json"))
      #expect((results as? [Any])?.isEmpty == false)
    }
  }

  @Test(.enabled(if: canWriteVideos, "libCVideo.so is not built"))
  func `a video that ends early is a failure, with what could be read`() throws {
    try Workspace.with { space in
      try space.train("--epochs 1")
      let first = try #require(try space.names("d/images").sorted().first)
      let picture = try Image(contentsOf: space.path("d/images/\(first)"))
      let writer = try VideoWriter(
        path: space.path("a.avi"), width: picture.width, height: picture.height,
        framesPerSecond: 10)
      for _ in 0..<12 { try writer.write(picture) }
      try writer.finish()
      let whole = try space.bytes("a.avi")
      try space.write("a.avi", whole.prefix(whole.count / 2))
      let run = try space.run(
        "detect \(Self.pair) --quiet --source a.avi \("d/images/\(first)") --output o --json o.json"
      )
      #expect(run.status == 1)
      #expect(
        run.errors.contains("Error: a.avi: ends early, for the file is cut off: "), "\(run.errors)")
      let json = try space.json("o.json")
      #expect(json["complete"] as? Bool == false && (json["broken"] as? [Any])?.count == 1)
      let rows = try rows(space, "o.json")
      let frames = try #require(rows[0]["frames"] as? Int)
      #expect((1..<12).contains(frames) && rows[0]["framesPromised"] as? Int == 12)
      #expect(rows[0]["complete"] as? Bool == false && rows.count == 2)
      #expect(space.exists("o/a.mp4"))
    }
  }

  // "café" in Latin-1: E9 alone is not UTF-8.
  @Test func `pictures whose names are not UTF-8 are skipped by name`() throws {
    try Workspace.with { space in
      try space.train("--epochs 1")
      try copy(space, to: ["x/a.jpg", "x/b.jpg"])
      let raw = Array((space.path("x") + "/caf").utf8) + [0xE9] + Array(".jpg\0".utf8)
      let isRenamed = raw.map { CChar(bitPattern: $0) }.withUnsafeBufferPointer { name in
        name.baseAddress.map { rename(space.path("x/b.jpg"), $0) == 0 } ?? false
      }
      try #require(isRenamed)
      try space.write("list.txt", Data("x/a.jpg\nx/caf".utf8 + [0xE9] + ".jpg\n".utf8))
      for (number, (source, name)) in [
        ("x", "x/caf\\xE9.jpg"), ("x/*.jpg", "x/caf\\xE9.jpg"), ("list.txt", "x/caf\u{E9}.jpg"),
      ].enumerated() {
        let run = try space.run(
          "detect \(Self.pair) --quiet --source \(source) --output o\(number) --json o.json")
        #expect(run.status == 0, "\(run)")
        #expect(
          run.errors.contains("\(name): cannot be read: its name is not UTF-8; rename it"), "\(run)"
        )
        #expect(try rows(space, "o.json").count == 1)
      }
    }
  }

  @Test func `results replace results, and nothing else`() throws {
    try Workspace.with { space in
      try space.train("--epochs 1")
      try copy(space, to: ["x/a.jpg", "x/b.jpg", "theirs.jpg", "o/theirs.jpg"])
      let detect = "detect \(Self.pair) --quiet --save-txt --output o --overwrite"
      try space.succeed("\(detect) --source x")
      let before = try space.bytes("o/theirs.jpg")
      let refused = try space.run("\(detect) --source theirs.jpg")
      #expect(
        refused.status == 1
          && refused.errors.contains("Error: o/theirs.jpg: is not a file that pare wrote"))
      #expect(
        try space.names("o").sorted() == [".pare.files", "a.jpg", "b.jpg", "labels", "theirs.jpg"])
      // The next results stand for the earlier ones.
      try space.succeed("\(detect) --source x/a.jpg")
      #expect(try space.names("o").sorted() == [".pare.files", "a.jpg", "labels", "theirs.jpg"])
      #expect(try space.names("o/labels") == ["a.txt"])
      #expect(try space.bytes("o/theirs.jpg") == before)
      let drawn = try space.bytes("o/a.jpg")
      let full = try space.run("\(detect) --source x", fileSizeLimit: 1024)
      #expect(full.status == 1)
      #expect(try space.bytes("o/a.jpg") == drawn && !space.exists("o/b.jpg"))

      // The same folder twice at once.
      let test = "test \(Self.pair) --data d/d.data --quiet --save-txt --output t"
      try space.succeed(test)
      try space.write("t/labels/mine.txt", "mine")
      try space.succeed(test + " --overwrite")
      #expect(space.exists("t/labels/mine.txt"))
      try space.write("t/.pare.files", "report.html\n")
      let again = try space.run(test + " --overwrite")
      #expect(again.status == 1 && again.errors.contains("is not a file that pare wrote"))
      let predictions = try space.run(test + "2 --save-predictions n.cfg")
      #expect(
        predictions.status == 1 && predictions.errors.contains("n.cfg: the file that is there"))
    }
  }

  private static let canWriteVideos: Bool = {
    let path = FileManager.default.temporaryDirectory.path + "/pare-\(UUID().uuidString).mp4"
    return (try? VideoWriter(path: path, width: 64, height: 64, framesPerSecond: 10)) != nil
  }()
}
