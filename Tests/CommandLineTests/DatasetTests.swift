import Foundation
import Testing
import Vision

@Suite(.enabled(if: Workspace.isBuilt, "the programs are not built"))
struct DatasetTests {
  @Test func `check tells errors apart from warnings`() throws {
    try Workspace.with { space in
      try space.prepare()
      try space.succeed("dataset check --data d/d.data --cfg n.cfg --json good.json --quiet")
      let good = try space.json("good.json")
      #expect(good["images"] as? Int == 20)
      #expect((good["anchors"] as? [[Double]])?.count == 6)
      let recall = try #require(good["bestPossibleRecall"] as? Double)
      let current = try #require(good["currentBestPossibleRecall"] as? Double)
      #expect(recall > 0.9 && recall >= current)

      try space.write("d/images/train-00000.jpg", Data())
      try space.write("d/labels/train-00001.txt", "9 0.5 0.5 0.1 0.1\n")
      try FileManager.default.removeItem(atPath: space.path("d/images/valid-00000.jpg"))
      try FileManager.default.copyItem(
        atPath: space.path("d/images/train-00002.jpg"),
        toPath: space.path("d/images/valid-00000.jpg"))
      let run = try space.run("dataset check --data d/d.data --json bad.json --quiet")
      #expect(run.status == 1 && run.errors == "Error: 3 problems found\n")
      let problems = try #require(try space.json("bad.json")["problems"] as? [[String: Any]])
      let errors = problems.filter { $0["severity"] as? String == "error" }
      #expect(errors.map { $0["kind"] as? String } == ["picture", "label", "leak"])
      #expect(errors[2]["other"] as? String == space.path("d/images/train-00002.jpg"))
    }
  }

  @Test func `a split says how many pictures each list has`() throws {
    try Workspace.with { space in
      try space.prepare()
      let output = try space.output(
        of: "dataset split --data d/d.data --ratios 0.5 0.3 0.2 --output s --json s.json")
      let lists = try #require(try space.json("s.json")["lists"] as? [[String: Int]])
      let counts = try ["train", "valid", "test"].map { try #require(lists.first?[$0]) }
      #expect(counts.reduce(0, +) == 20 && counts == [10, 6, 4])
      #expect(output.hasPrefix("s/split.data: train 10, valid 6, test 4\n"), "\(output)")
      let wrong = try space.run("dataset split --data d/d.data --ratios 0.7 0.3 0.1 --output w")
      #expect(wrong.status == 64 && wrong.errors.contains("must add up to 1, not 1.1\n"))
      // A list that is train and valid is told of once.
      try space.write(
        "one.data", "classes=4\ntrain=d/train.txt\nvalid=d/train.txt\nnames=d/d.names\n")
      let list = String(decoding: try space.bytes("d/train.txt"), as: UTF8.self)
      try space.write("d/train.txt", list + "images/none.jpg\n")
      let run = try space.run(
        "train --cfg n.cfg --data one.data --batch-size 4 --epochs 1 --device cpu --output r --quiet"
      )
      #expect(run.status == 0)
      #expect(run.errors.split(separator: "skipped:").count == 2, "\(run.errors)")
      #expect(run.errors.split(separator: "'train' and 'valid' are one list").count == 2)
      let text = run.errors.replacing("\n", with: " ")
      #expect(
        text.contains(
          "; set some aside: pare dataset split --data \(space.path("one.data")) --ratios 0.7 0.2 0.1 "
            + "--output splits"), "\(text)")
    }
  }

  @Test func `a split says how many copies it kept together`() throws {
    try Workspace.with { space in
      try space.prepare()
      // The test picture is what the train pictures 1 and 2 are.
      let picture = try space.bytes("d/images/test-00000.jpg")
      for index in [1, 2] { try space.write("d/images/train-0000\(index).jpg", picture) }
      let anew = try space.output(of: "dataset split --data d/d.data --output s --json s.json")
      #expect(
        anew.contains("\n2 pictures are copies of another, and in the same split as that one\n"),
        "\(anew)")
      #expect(try space.json("s.json")["copies"] as? Int == 2)
      // Two shares leave no test, and its pictures are trained on from then on.
      let words =
        "the test pictures of d/d.data are in train and valid now; --keep-test leaves them"
      #expect(!anew.contains(words))
      let both = try space.output(of: "dataset split --data d/d.data --ratios 0.8 0.2 --output b")
      #expect(both.contains("\n\(words)\n"), "\(both)")
      try space.succeed("dataset check --data s/split.data --quiet")
      let kept = try space.output(
        of: "dataset split --data d/d.data --keep-test --ratios 0.8 0.2 --output k --json k.json")
      #expect(
        kept.contains("in the same split as that one; 2 of a test picture, and in no split\n"))
      #expect(try space.json("k.json")["leftOut"] as? Int == 2)
      try space.succeed("dataset check --data k/split.data --quiet")
      #expect(
        try !space.output(of: "dataset split --data d/d.data --folds 2 --output f").contains(
          "in no split"))
    }
  }

  @Test func `anchors go straight into a new cfg`() throws {
    try Workspace.with { space in
      try space.prepare()
      for method in ["iou", "legacy"] {
        let line = "anchors --data d/d.data --cfg n.cfg --method \(method) --json "
        try space.succeed(line + "a.json")
        try space.succeed(line + "b.json --quiet")
        #expect(try space.bytes("a.json") == space.bytes("b.json"))
      }
      let found = try space.json("a.json")
      let pairs = try #require(found["anchors"] as? [[Double]])
      let areas = pairs.map { $0[0] * $0[1] }
      #expect(pairs.count == 6 && areas == areas.sorted())
      let heads = try #require(found["heads"] as? [[String: Any]])
      #expect(heads.map { $0["stride"] as? Int } == [32, 16])
      // The cfg has the published masks: anchor 3 twice, anchor 0 never. The new one has each once.
      #expect(heads.map { $0["mask"] as? [Int] } == [[3, 4, 5], [0, 1, 2]])
      let shares = heads.compactMap { $0["share"] as? Double }
      #expect(abs(shares.reduce(0, +) - 1) < 1e-9)
      let text = try #require(found["text"] as? String)
      try space.succeed(
        "config new yolov4-tiny --classes 4 --img-size 64 --anchors \(text) --output own.cfg")
      try space.succeed("anchors --data d/d.data --cfg own.cfg --mutations 0 --json own.json")
      let current = try #require(try space.json("own.json")["current"] as? [String: Any])
      #expect(current["anchors"] as? [[Double]] == pairs)
      #expect(
        current["bestPossibleRecall"] as? Double == found["bestPossibleRecall"] as? Double)
    }
  }

  @Test func `statistics are a page of their own`() throws {
    try Workspace.with { space in
      try space.prepare()
      try space.succeed("dataset stats --data d/d.data --pictures 5 --output s --json s.json")
      let page = String(decoding: try space.bytes("s/report.html"), as: UTF8.self)
      #expect(page.components(separatedBy: "data:image/jpeg;base64,").count == 6)
      #expect(page.components(separatedBy: "<svg").count == 7)
      #expect(!page.contains("src=\"http"))
      #expect(try space.json("s.json")["images"] as? Int == 20)
      let again = try space.run("dataset stats --data d/d.data --output s")
      #expect(again.status == 1 && again.errors.contains("exists and is not empty"))
    }
  }

  @Test func `a list that serves twice is no split of its own`() throws {
    try Workspace.with { space in
      try space.prepare()
      try space.write(
        "one.data", "classes=4\ntrain=d/train.txt\nvalid=d/train.txt\nnames=d/d.names\n")
      let lines = try space.output(of: "dataset stats --data one.data --output t")
        .split(separator: "\n").map(String.init)
      #expect(lines.contains("valid: the same list as train"), "\(lines)")
      let heading = try #require(lines.first { $0.hasPrefix("class ") })
      #expect(heading.split(separator: " ") == ["class", "train"])
    }
  }

  @Test func `ways of training and testing work from the command line`() throws {
    try Workspace.with { space in
      try space.prepare()
      try space.succeed(
        "config new yolov4-tiny --classes 1 --width-multiple 0.125 --img-size 64 --output one.cfg")
      let train = "train --data d/d.data --epochs 1 --batch-size 4 --device cpu --quiet "
      try space.succeed(
        train + "--cfg one.cfg --output one --single-cls --rect --adam --cache disk")
      #expect(space.exists("d/.pare-cache"))
      let files = try FileManager.default.subpathsOfDirectory(atPath: space.path("d/.pare-cache"))
      #expect(files.count { $0.contains("/") } == 12)
      let model = "--cfg one.cfg --weights one/last.weights --quiet "
      try space.succeed(
        "test --data d/d.data \(model)--single-cls --rect --device cpu --json t.json")
      #expect((try space.json("t.json")["classes"] as? [Any])?.count == 1)
      try space.succeed("detect --source d/images \(model)--rect --device cpu --output out")
      let plain = train.replacing("--quiet ", with: "")
      let run = try space.run(plain + "--cfg n.cfg --output many --multi-scale --cache ram")
      // Twelve pictures of 64×64 at the largest size, 96×96×3.
      #expect(run.status == 0 && run.errors.contains("decoded pictures take 332 kB of "))
      for (line, status, words) in [
        (train + "--cfg n.cfg --output x --single-cls", 1, "'--single-cls' needs a network of one"),
        ("test --data d/d.data \(model)--rect --resize stretch", 64, "saves padding"),
        ("anchors --data d/d.data --cfg n.cfg --clusters 6", 64, "leave '--clusters' out"),
        ("anchors --data d/d.data --clusters 100", 1, "100 anchors need"),
        ("dataset check --data d/absent.data", 1, "No such file or directory"),
        ("dataset check --data d/d.data --cfg d/d.data", 1, "d/d.data"),
      ] as [(String, Int32, String)] {
        let run = try space.run(line)
        #expect(run.status == status && run.errors.contains(words), "pare \(line): \(run.errors)")
      }
    }
  }
}
