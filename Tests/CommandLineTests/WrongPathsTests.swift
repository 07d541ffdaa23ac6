import Foundation
import Testing

/// Paths that lead nowhere, or to something beside what was meant, in every command.
@Suite(.enabled(if: Workspace.isBuilt, "the programs are not built"))
struct WrongPathsTests {
  @Test func `every option of a path names what may have been meant`() throws {
    try Workspace.with { space in
      try space.prepare()
      try space.prepareNetwork("yolov4-tiny", classes: 4, cfg: "m.cfg")
      try FileManager.default.createDirectory(
        atPath: space.path("runs/dense"), withIntermediateDirectories: true)
      try space.write("runs/dense/model.cfg", try space.bytes("m.cfg"))
      try space.write("runs/dense/model.weights", try space.bytes("m.weights"))
      let pair = "--cfg m.cfg --weights m.weights"
      let cases: [(line: String, words: String)] = [
        ("dataset check --data d/cells.data", "d/cells.data", "did you mean 'd/d.data'?"),
        ("dataset stats --data d/d", "d/d", "did you mean 'd/d.data'?"),
        ("dataset split --data e/d.data --output s", "e/d.data", "there is no folder e"),
        ("dataset merge d/d.data d/c.data --output s", "d/c.data", "did you mean 'd/d.data'?"),
        ("dataset import voc dd --output s", "dd", "did you mean 'd'?"),
        (
          "dataset import darknet d/d.data --names d/c.names --output s", "d/c.names",
          "'d/d.names'?"
        ),
        ("anchors --data d/d.dat", "d/d.dat", "did you mean 'd/d.data'?"),
        ("config check M.cfg", "M.cfg", "did you mean 'm.cfg'?"),
        ("profile --cfg k.cfg", "k.cfg", "did you mean 'm.cfg'?"),
        ("profile --model run/dense", "--model run/dense", ""),
        (
          "convert --cfg m.cfg --weights mm.weights --output o.weights", "mm.weights",
          "'m.weights'?"
        ),
        ("test \(pair) --data d/e.data", "d/e.data", "did you mean 'd/d.data'?"),
        ("test --model dens --data d/d.data", "--model dens", "did you mean 'runs/dense'?"),
        ("compare m.cfg dens", "dens", "did you mean 'runs/dense'?"),
        ("detect \(pair) --source d/image", "d/image", "did you mean 'd/images'?"),
        ("detect \(pair) --source d/lables", "d/lables", "did you mean 'd/labels'?"),
        (
          "detect \(pair) --source d/images --names d/d.name", "d/d.name",
          "did you mean 'd/d.names'?"
        ),
        ("prune normal \(pair) --percent 0.1 --data d/e.data", "d/e.data", "'d/d.data'?"),
        ("train --cfg mm.cfg --data d/d.data", "mm.cfg", "did you mean 'm.cfg'?"),
        (
          "config new yolov4-tiny --classes 1 --output no/x.cfg", "no/x.cfg",
          "there is no folder no"
        ),
        ("profile --cfg m.cfg --json no/x.json", "no/x.json", "there is no folder no"),
        (
          "test \(pair) --data d/d.data --save-predictions no/x.json", "no/x.json",
          "there is no folder no"
        ),
      ].map { ($0.0, "Error: \($0.1): |\($0.2)") }
      for (line, words) in cases {
        let run = try space.run(line)
        let parts = words.split(separator: "|", omittingEmptySubsequences: false)
        #expect(run.status == 1 && run.errors.contains(parts[0]), "\(line): \(run.errors)")
        #expect(run.errors.hasSuffix(parts[1] + "\n"), "\(line): \(run.errors)")
      }
      #expect(!space.exists("s") && !space.exists("runs/detect"))
    }
  }

  @Test func `the folder that pictures are in, and where results went, are said`() throws {
    try Workspace.with { space in
      try space.train("--epochs 1")
      let detect = "detect --model r --conf-thres 0.01 --output f --source "
      let run = try space.run(detect + "d")
      #expect(run.errors.hasSuffix("Error: d: the pictures are in d/images; name that folder\n"))
      let data = try space.run(detect + "d/d.data")
      #expect(
        data.errors.hasSuffix(
          "d/d.data: describes a data set and is no picture; name d/train.txt or d/val.txt or "
            + "d/test.txt\n"), "\(data.errors)")
      #expect(!space.exists("f"))
      let output = try space.output(of: detect + "d/val.txt --json f.json --save-txt --save-json")
      for line in [
        "result as JSON: f.json", "drawn in f", "label files: f/labels",
        "COCO results: f/results.json",
      ] {
        #expect(output.contains("\(line)\n"), "\(output)")
        let path = try #require(line.split(separator: " ").last)
        #expect(space.exists(String(path)))
      }
      let tested = try space.output(
        of: "test --model r --data d/d.data --save-predictions p.json --json t.json --ap darknet")
      #expect(tested.contains("\npredictions: p.json\n"), "\(tested)")
      #expect(tested.contains("\nresult as JSON: t.json\n"))
      #expect(tested.contains("\nmeasured on the valid split of d/d.data\n"))
      // The same file again; not one of another.
      let line = "test --model r --data d/d.data --quiet --save-predictions "
      try space.succeed(line + "p.json")
      try space.write("mine.json", "{\"images\": []}")
      let other = try space.run(line + "mine.json")
      #expect(other.status == 1 && other.errors.contains("is not JSON that pare wrote"))
      #expect(try space.bytes("mine.json") == Data("{\"images\": []}".utf8))
    }
  }

  @Test func `a file that another one names is told with that one, and a cause once`() throws {
    try Workspace.with { space in
      try space.train("--epochs 1")
      try space.write("bad.data", "classes=4\ntrain=no.txt\nvalid=d/val.txt\nnames=d/d.names\n")
      try space.write("worse.data", "classes=4\ntrain=d/train.txt\nnames=d/no.names\n")
      try space.write("broken.png", "no picture")
      let missing = "': there is no such file, looked for in /"
      for line in [
        "dataset check --data ", "dataset stats --data ", "dataset split --output s --data ",
        "train --cfg n.cfg --data ", "anchors --split train --data ",
      ] {
        let list = try space.run(line + "bad.data")
        #expect(
          list.status == 1
            && list.errors.contains("bad.data: 'train=no.txt\(missing)"),
          "\(line): \(list.errors)")
        let names = try space.run(line + "worse.data")
        #expect(
          names.status == 1
            && names.errors.contains("worse.data: 'names=d/no.names\(missing)"),
          "\(line): \(names.errors)")
      }
      let detect = "detect --model r --output f --quiet "
      let broken = try space.run(detect + "--source broken.png")
      #expect(broken.errors.components(separatedBy: "not a picture").count == 2, "\(broken.errors)")
      let several = try space.run(detect + "--source broken.png d/images")
      #expect(several.errors.contains("Warning: 1 picture skipped:\n  broken.png"))
      let first = try #require(
        String(decoding: try space.bytes("d/d.names"), as: UTF8.self).split(separator: "\n").first)
      let near = try space.run(detect + "--overwrite --source d/images --classes \(first)x")
      #expect(near.errors.contains("no such class; did you mean '\(first)'? "), "\(near.errors)")
      let joined = try space.run(detect + "--overwrite --source d/images --classes \(first),x")
      #expect(joined.errors.contains("classes stand apart, with blanks between them; "))
      let address = try space.run(
        "test --cfg n.cfg --weights https://host/a.weights --data d/d.data")
      #expect(
        address.errors.hasSuffix("addresses are not read here; download it, and name the file\n"),
        "\(address.errors)")
    }
  }
}
