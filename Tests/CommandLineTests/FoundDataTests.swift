import Foundation
import Testing
import Vision

/// What people hand to the commands that read data sets.
@Suite(.enabled(if: Workspace.isBuilt, "the programs are not built"))
struct FoundDataTests {
  /// A set of one picture of 40×20 and one box, in YOLO's form.
  private func yolo(_ space: Workspace) throws {
    for folder in ["set/images", "set/labels"] {
      try FileManager.default.createDirectory(
        atPath: space.path(folder), withIntermediateDirectories: true)
    }
    let picture = try Image(width: 40, height: 20).encoded(as: .png)
    try space.write("set/images/a.png", Data(picture))
    try space.write("set/labels/a.txt", "0 0.5 0.5 0.2 0.2\n")
    try space.write("set/data.yaml", "names: [red]\ntrain: images\n")
  }

  @Test func `every step says the next command, and that works`() throws {
    try Workspace.with { space in
      try yolo(space)
      var line = "dataset import yolo set --output out"
      for _ in 0..<4 {
        let lines = try space.output(of: line).split(separator: "\n")
        // The last of those that are told leads on.
        #expect(lines.contains { $0.hasPrefix("next, ") }, "\(lines)")
        let next = try #require(lines.last)
        #expect(next.hasPrefix("  pare "))
        line = String(next.dropFirst("  pare ".count))
      }
      // Where nothing is plain to see, what makes a set.
      let missing = try space.run("dataset check --data elsewhere.data").errors
      #expect(missing.contains("No such file or directory; "), "\(missing)")
      // Import, check, statistics, a cfg, and then training with it.
      #expect(line.hasPrefix("train --cfg out.cfg --data "))
      #expect(try !space.output(of: "dataset check --data out/out.data --quiet").contains("next,"))
    }
  }

  @Test func `export takes the set by option or by place`() throws {
    try Workspace.with { space in
      try space.prepare()
      try space.succeed("dataset export coco --data d/d.data --output a --quiet")
      try space.succeed("dataset export coco d/d.data --output b --quiet")
      #expect(
        try space.bytes("a/annotations/instances_train.json")
          == space.bytes("b/annotations/instances_train.json"))
      #expect(try space.run("dataset export coco --output c").status == 64)
      #expect(try space.run("dataset export coco d/d.data --data d/d.data --output c").status == 64)
    }
  }

  @Test func `a data.yaml as --data is explained`() throws {
    try Workspace.with { space in
      try yolo(space)
      for command in ["dataset check", "dataset stats", "anchors"] {
        let run = try space.run("\(command) --data set/data.yaml")
        #expect(run.status == 1)
        #expect(
          run.errors
            == "Error: set/data.yaml: is a data.yaml of YOLO, not a .data file; import it: pare "
            + "dataset import yolo set/data.yaml --output set-darknet\n")
      }
    }
  }

  @Test func `a set that was not imported yet is named with the line that does it, which works`()
    throws
  {
    try Workspace.with { space in
      try yolo(space)
      try space.succeed("dataset import yolo set --output out --quiet")
      try space.succeed("dataset export voc --data out/out.data --output boards --copy --quiet")
      try space.succeed("dataset export coco --data out/out.data --output coco/set --copy --quiet")
      for name in ["out", "set"] { try space.move(name, to: "coco/\(name)-moved") }
      try space.succeed("config new yolov4-tiny --classes 1 --img-size 64 --output n.cfg --quiet")
      func told(_ line: String) throws -> String {
        let run = try space.run(line)
        #expect(run.status == 1 && run.errors.split(separator: "\n").count == 1, "\(run.errors)")
        return run.errors
      }
      for command in ["train --cfg n.cfg --data ", "dataset check --data ", "anchors --data "] {
        // The one set that is plain to see.
        #expect(
          try told(command + "cells.data").hasSuffix(
            "boards is a data set in the form voc; import it: pare dataset import voc boards --output "
              + "cells\n"))
        #expect(
          try told(command + "boards")
            == "Error: boards: is a data set in the form voc, not a .data file; import it: pare dataset "
            + "import voc boards --output boards-darknet\n")
        #expect(
          try told(command + "coco/set").hasSuffix(
            "is a data set in the form coco, not a .data file; import it: pare dataset import coco "
              + "coco/set --output set-darknet\n"))
      }
      try space.succeed("dataset import voc boards --output cells --quiet")
      try space.succeed("dataset check --data cells/cells.data --quiet")
      #expect(
        try told("train --cfg n.cfg --data cells.data").hasSuffix(
          "No such file or directory; did you mean 'cells/cells.data'?\n"))
      // LabelMe's files have no importer.
      try FileManager.default.createDirectory(
        atPath: space.path("labelme"), withIntermediateDirectories: true)
      try space.write(
        "labelme/a.json", "{\"version\": \"5\", \"flags\": {}, \"shapes\": []}")
      #expect(
        try told("train --cfg n.cfg --data labelme").contains("LabelMe's files are not read; "))
    }
  }

  @Test func `large pictures are refused with the way out, which works`() throws {
    try Workspace.with { space in
      try yolo(space)
      try space.succeed("dataset import yolo set --output out --quiet")
      let check = "dataset check --data out/out.data --quiet --json c.json --max-pixels"
      // The picture has 800 pixels.
      #expect(try space.run("\(check) 799").status == 1)
      let problems = try #require(try space.json("c.json")["problems"] as? [[String: Any]])
      let reasons = problems.compactMap { $0["reason"] as? String }
      #expect(reasons.contains { $0.contains("'--max-pixels 1M' says so") })
      try space.succeed("\(check) 800")
      try space.succeed("\(check) 1M")
      for bad in ["0", "-1", "x", "2000M"] {
        #expect(try space.run("\(check) \(bad)").status == 64)
      }
    }
  }

  @Test func `label files in both places that differ are an error of check`() throws {
    try Workspace.with { space in
      try yolo(space)
      try space.succeed("dataset import yolo set --output out --quiet")
      try space.write("out/images/a.txt", "0 0.5 0.5 0.20 0.2\r\n")
      let check = "dataset check --data out/out.data --quiet --json c.json"
      #expect(try space.run(check).status == 1)
      let kinds = try #require(try space.json("c.json")["problems"] as? [[String: Any]])
        .compactMap { $0["kind"] as? String }
      #expect(kinds.contains("label-conflict"))
      try FileManager.default.removeItem(atPath: space.path("out/labels/a.txt"))
      try space.succeed(check)
      let places = try #require(try space.json("c.json")["labelPlaces"] as? [String: Int])
      #expect(places == ["besidePicture": 1])
    }
  }

  @Test func `pipes, sparse files and devices in a list are findings, not waits`() throws {
    try Workspace.with { space in
      try yolo(space)
      try space.succeed("dataset import yolo set --output out --quiet")
      let jpeg = try Image(width: 16, height: 16).encoded(as: .jpeg)
      try space.write("out/images/big.jpg", Data(jpeg))
      #expect(truncate(space.path("out/images/big.jpg"), 50 << 30) == 0)
      #expect(mkfifo(space.path("out/images/pipe.jpg"), 0o600) == 0)
      #expect(mkfifo(space.path("out/labels/big.txt"), 0o600) == 0)
      try space.write("out/train.txt", "images/a.png\nimages/big.jpg\nimages/pipe.jpg\n")
      let run = try space.run("dataset check --data out/out.data --quiet --json c.json")
      #expect(run.status == 1)
      let reasons = try #require(try space.json("c.json")["problems"] as? [[String: Any]])
        .compactMap { $0["reason"] as? String }
      #expect(reasons.contains { $0.contains("a picture of this size has at most") })
      #expect(reasons.contains { $0.contains("is a pipe or a device, not a picture") })
      #expect(reasons.contains { $0.contains("a pipe that nobody writes to") })
    }
  }

  @Test func `a folder that was removed under the program is said to be`() throws {
    try Workspace.with { space in
      let process = Process()
      process.executableURL = URL(filePath: "/bin/bash")
      process.arguments = [
        "-c", "mkdir gone && cd gone && rmdir ../gone && \"$0\" config check x.cfg 2> ../e.txt",
        Workspace.program,
      ]
      process.currentDirectoryURL = space.folder
      try process.run()
      process.waitUntilExit()
      #expect(process.terminationStatus == 1)
      #expect(
        String(decoding: try space.bytes("e.txt"), as: UTF8.self)
          == "Error: the working folder was removed; change to one that is there ('cd') and try "
          + "again\n")
    }
  }
}
