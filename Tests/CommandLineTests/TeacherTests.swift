import Darknet
import Foundation
import Testing

@Suite(.enabled(if: Workspace.isBuilt, "the programs are not built"))
struct TeacherTests {
  private let train =
    "train --cfg n.cfg --data d/d.data --epochs 2 --batch-size 4 --device cpu --threads 1 --quiet "

  /// Trains a teacher in `r`, with other widths than the student's.
  private func prepare(_ space: Workspace) throws {
    try space.prepare()
    try space.succeed(
      "config new yolov4-tiny --classes 4 --width-multiple 0.25 --img-size 64 --output t.cfg --quiet"
    )
    try space.succeed(train.replacing("n.cfg", with: "t.cfg") + "--epochs 1 --output r")
  }

  @Test func `what is wrong with a teacher is one line, before anything is trained`() throws {
    try Workspace.with { space in
      try prepare(space)
      let weights = try space.bytes("r/model.weights")
      try space.write("short.weights", weights.dropLast(400))
      var broken = weights
      // The last number becomes a NaN.
      broken.replaceSubrange((broken.count - 4)..<broken.count, with: [0, 0, 0xC0, 0x7F])
      try space.write("nan.weights", broken)
      try space.succeed(
        "dataset synthetic --classes 7 --size 64 --images 7 --validation 2 --test 1 --output e --quiet"
      )
      for (name, options, data) in [
        ("classes", "yolov4-tiny --classes 7", "e/e.data"),
        ("family", "yolov3-tiny --classes 4", "d/d.data"),
      ] {
        try space.succeed(
          "config new \(options) --width-multiple 0.125 --img-size 64 --output \(name).cfg --quiet")
        try space.succeed(
          "train --cfg \(name).cfg --data \(data) --epochs 1 --device cpu --output \(name) --quiet")
        // Away from the files that say the names of its classes.
        try space.move("\(name)/last.weights", to: "\(name).weights")
      }
      try FileManager.default.createDirectory(
        atPath: space.path("junk"), withIntermediateDirectories: true)
      try space.write("junk/broken.png", "no picture")
      try space.write("names.names", "bus\ncar\ncow\ntram\n")
      try FileManager.default.copyItem(
        atPath: space.path("r/model.cfg"), toPath: space.path("names.cfg"))
      let cases: [(String, String)] = [
        ("--teacher r --distill attention-9", "--AT_str"),
        ("--teacher r --distill LD", "LD compares distributions"),
        ("--teacher r --distill lD", "LD compares distributions"),
        ("--teacher gone", "--teacher gone: no such folder"),
        ("--teacher-cfg r/model.cfg --teacher-weights gone.weights", "gone.weights: "),
        ("--teacher-cfg r/model.cfg --teacher-weights short.weights", "short.weights: "),
        ("--teacher-cfg r/model.cfg --teacher-weights nan.weights", "nan.weights: NaN or infinity"),
        (
          "--teacher-cfg names.cfg --teacher-weights r/model.weights",
          "names.cfg: knows none of the classes of the data; it has bus, car, cow, tram, the data"
        ),
        (
          "--teacher-cfg classes.cfg --teacher-weights classes.weights",
          "classes.cfg: has 7 classes, the student 4"
        ),
        (
          "--teacher-cfg family.cfg --teacher-weights family.weights --distill logits --distill-legacy",
          "'logits' compares raw values of boxes"
        ),
        ("--teacher r --distill binary --distill-legacy", "the earlier programs had no 'binary'"),
        ("--teacher r --distill pearson --distill-temperature 2", "pearson divides no logits"),
        ("--teacher r --distill attention --distill-temperature 2", "attention divides no logits"),
        (
          "--teacher r --distill Pearson,logits --distill-temperature 2 3",
          "pearson divides no logits, so the only value for it is 1"
        ),
        (
          "--teacher r --distill logits --distill-everywhere",
          "--distill-everywhere: it is for 'binary' and 'auto', and neither is named"
        ),
        ("--teacher r --unlabeled gone", "--unlabeled: gone: "),
        ("--teacher r --unlabeled junk", "--unlabeled: junk/broken.png: "),
        ("--teacher-cfg r --teacher-weights r/model.weights", "--teacher takes"),
        (
          "--teacher-cfg r/model.weights --teacher-weights r/model.weights",
          "; --teacher-weights takes it"
        ),
        ("--teacher-cfg r/model.cfg --teacher-weights n.cfg", "; --teacher-cfg takes it"),
        (
          "--teacher r --distill attention --AT_str 3",
          "'attention' and 'attention-3' are one strategy, 'attention': name it once"
        ),
        ("--teacher r --distill-legacy", "the earlier programs had no 'auto'; name one or more "),
        (
          "--teacher r --distill binary --distill-cache --no-mosaic",
          "--distill-cache: a picture is another one each time, by changes of colour, mirroring; --flip 0, "
            + "--hsv 0 0 0 turn off"
        ),
        (
          "--teacher r --distill binary --distill-cache --no-mosaic --flip 0 --hsv 0 0 0 --multi-scale",
          "another one each time, by changes of size; leave the option out that asks for it"
        ),
        (
          "--teacher r --distill pearson --distill-cache --no-mosaic --flip 0 --hsv 0 0 0",
          "only outputs of heads are kept, and pearson compares features too"
        ),
        (
          "--teacher r --distill auto,binary",
          "'auto' is 'binary' where all pictures have labels, and that is named too"
        ),
      ]
      for (options, expected) in cases {
        let run = try space.run(train + options + " --output out")
        #expect(run.status == 1, "\(options): \(run.errors)")
        let lines = run.errors.split(separator: "\n")
        #expect(lines.count == 1 && run.errors.contains(expected), "\(options): \(run.errors)")
        #expect(!space.exists("out"))
      }
    }
  }

  @Test func `the gain of a teacher and the better network are said before the next commands`()
    throws
  {
    try Workspace.with { space in
      try prepare(space)
      let line =
        train.replacing("--quiet ", with: "")
        + "--teacher r --control-time --output out --json out.json"
      let run = try space.everything(of: line)
      #expect(run.status == 0, "\(run.text)")
      #expect(
        run.text.contains(
          "distillation: auto, which is binary where all pictures have labels, constant"))
      let lines = run.text.split(separator: "\n")
      let next = try #require(lines.firstIndex { $0.hasPrefix("next, ") })
      let verdict = String(lines[next - 1])
      #expect(verdict.contains("gain shown") && verdict.contains("/model.weights"), "\(run.text)")
      #expect(lines.count { $0.contains("gain shown") } == 1)
      #expect(run.text.contains("over the pictures, not over seeds"))
      let control = try #require(try space.json("out.json")["control"] as? [String: Any])
      let networks = try #require(control["networks"] as? [[String: Any]])
      #expect(networks.count == 3)
      #expect(networks[0]["epochs"] as? Int == 2 && networks[1]["epochs"] as? Int == 2)
      #expect((control["differences"] as? [[[String: Any]]])?.map(\.count) == [2, 2])
      let page = String(decoding: try space.bytes("out/control.html"), as: UTF8.self)
      #expect(page.contains("as much time without a teacher") && page.contains("gain shown"))
      func report() throws -> [Substring] {
        String(decoding: try space.bytes("out/report.html"), as: UTF8.self).split(separator: "\n")
      }
      let section = "<h2>With and without a teacher</h2>"
      #expect(try report().count { $0 == section } == 1)
      #expect(try report().contains { $0.contains("gain shown") })
      #expect(try report().contains { $0.contains("as many steps without a teacher") })

      // The control is the plain training to the bit; the student is not.
      try space.succeed(train + "--output plain")
      let plain = try space.bytes("plain/last.weights")
      #expect(try space.bytes("out-control/last.weights") == plain)
      #expect(try space.bytes("out/last.weights") != plain)

      // What is done is not done again.
      let date = {
        try FileManager.default.attributesOfItem(atPath: space.path("out-control/last.weights"))[
          .modificationDate] as? Date
      }
      let before = try date()
      try space.succeed("train --resume --output out --quiet")
      #expect(try date() == before)
      #expect(try report().count { $0 == section } == 1)
      let other = try space.run(train + "--teacher r --control --output out --overwrite")
      #expect(other.status == 0, "\(other.errors)")
    }
  }

  @Test func `the place of the training without a teacher is looked at before the first step`()
    throws
  {
    try Workspace.with { space in
      try prepare(space)
      let line = train + "--epochs 1 "
      try space.succeed(line + "--output out")
      try space.succeed(line + "--seed 3 --output out-control")
      func kept() throws -> [Data] {
        try ["out", "out-control"].map { try space.bytes("\($0)/model.weights") }
      }
      let before = try kept()
      func refuse(_ expected: String) throws {
        let run = try space.run(line + "--teacher r --control --output out --overwrite")
        #expect(run.status == 1 && run.errors.contains(expected), "\(run.errors)")
        #expect(try kept() == before)
      }
      try refuse("out-control: holds another training, and the one without a teacher goes there")
      let lines = String(decoding: try space.bytes("d/d.data"), as: UTF8.self).split(
        separator: "\n")
      try space.write(
        "d/blind.data", lines.filter { !$0.hasPrefix("valid") }.joined(separator: "\n"))
      let blind = try space.run(
        line.replacing("d/d.data", with: "d/blind.data") + "--teacher r --control --output blind")
      #expect(blind.status == 1, "\(blind.errors)")
      #expect(blind.errors.contains("--control: d/blind.data names no 'valid' list, by which both"))
      // A file that nobody knows has the name of a result.
      try FileManager.default.removeItem(atPath: space.path("out-control"))
      try FileManager.default.createDirectory(
        atPath: space.path("out-control"), withIntermediateDirectories: true)
      try space.write("out-control/model.weights", before[1])
      try refuse("out-control/model.weights")
    }
  }

  // To the bit, the schedule of a training that goes on is the one of a training that went on.
  @Test func `a training without a teacher goes on as the one with it does`() throws {
    try Workspace.with { space in
      try prepare(space)
      func history() throws -> [Substring] {
        String(decoding: try space.bytes("out-control/history.jsonl"), as: UTF8.self)
          .split(separator: "\n")
      }
      try space.succeed(train + "--teacher r --control --output out")
      let first = try history()
      let longer = "train --resume --device cpu --output "
      let run = try space.everything(of: longer + "out --epochs 3")
      #expect(run.status == 0 && run.text.contains("out-control: goes on from 2 to 3 epochs, as "))
      let second = try history()
      #expect(first.count == 2 && second.count == 3 && second.starts(with: first))
      try space.succeed(train + "--output plain")
      try space.succeed(longer + "plain --epochs 3 --quiet")
      #expect(try space.bytes("out-control/last.weights") == space.bytes("plain/last.weights"))
      // What is lost is said before it is.
      try FileManager.default.removeItem(atPath: space.path("out-control/last.safetensors"))
      let anew = try space.run(longer + "out --epochs 4 --quiet")
      let words =
        "Warning: out-control: cannot go on, for last.safetensors is missing; the training "
      #expect(anew.status == 0 && anew.errors.contains(words + "without a teacher begins anew"))
      #expect(try history().count == 4)
    }
  }

  @Test func `a run goes on with a teacher that was renamed or moved, and with no other`() throws {
    try Workspace.with { space in
      try prepare(space)
      let options = train + "--epochs 4 --teacher r --distill Binary,channel-wise "
      try FileManager.default.removeItem(atPath: space.path("r/last.weights"))
      try space.succeed(options.replacing("--epochs 4", with: "--epochs 2") + "--output part")
      try space.move("r/model.weights", to: "r/renamed.weights")
      try space.succeed("train --resume --output part --epochs 3 --quiet")
      let changed = try space.run(
        "train --resume --output part --epochs 4 --distill logits --quiet")
      #expect(
        changed.status == 1 && !changed.errors.contains("needs a teacher"), "\(changed.errors)")
      #expect(changed.errors.contains("--distill"))
      try FileManager.default.createDirectory(
        atPath: space.path("away"), withIntermediateDirectories: true)
      try space.move("r/renamed.weights", to: "away/t.weights")
      // What the run has kept of it is lost too.
      try FileManager.default.removeItem(atPath: space.path("part/teacher"))
      let lost = try space.run("train --resume --output part --epochs 4 --quiet")
      #expect(lost.status == 1 && lost.errors.contains("--teacher-weights"), "\(lost.errors)")
      let other = try space.run(
        "train --resume --output part --epochs 4 --quiet --teacher-cfg r/model.cfg "
          + "--teacher-weights part/last.weights")
      #expect(other.status == 1 && other.errors.contains("is not the file that the run began with"))
      try space.succeed(
        "train --resume --output part --epochs 4 --quiet --teacher-cfg r/model.cfg "
          + "--teacher-weights away/t.weights")
      #expect(try space.json("part/request.json")["distillation"] != nil)
    }
  }

  @Test func `a run keeps the names of its teacher's classes`() throws {
    try Workspace.with { space in
      try prepare(space)
      try space.succeed(train + "--epochs 1 --teacher r --output part")
      func kept() throws -> [String]? {
        let distillation = try space.json("part/request.json")["distillation"] as? [String: Any]
        return (distillation?["teachers"] as? [[String: Any]])?.first?["names"] as? [String]
      }
      let names = String(decoding: try space.bytes("r/model.names"), as: UTF8.self)
        .split(separator: "\n").map(String.init)
      #expect(try names.count == 4 && kept() == names)
      try space.write("r/model.names", names.reversed().map { $0 + "\n" }.joined())
      let run = try space.run("train --resume --output part --epochs 2 --quiet")
      #expect(run.status == 0, "\(run.errors)")
      let lines = run.errors.split(separator: "\n")
      #expect(lines.count == 1, "\(run.errors)")
      #expect(lines.first?.hasPrefix("Warning: ") == true)
      #expect(
        run.errors.contains(
          "r/model.names: the classes \(names.reversed().joined(separator: ", "))"))
      #expect(try kept() == names)
    }
  }

  // The student has an eighth of the width, its teacher a sixteenth.
  @Test
  func `a teacher smaller than its student is warned of, and temperatures that change nothing`()
    throws
  {
    try Workspace.with { space in
      try space.prepare()
      try space.succeed(
        "config new yolov4-tiny --classes 4 --width-multiple 0.0625 --img-size 64 --output t.cfg --quiet"
      )
      try space.succeed(train.replacing("n.cfg", with: "t.cfg") + "--epochs 1 --output r")
      let line = train + "--teacher r --distill pearson,logits "
      let run = try space.run(line + "--distill-temperature 3 --output a")
      let lines = run.errors.split(separator: "\n")
      #expect(run.status == 0 && lines.count == 3, "\(run.errors)")
      #expect(
        run.errors.contains(
          "Warning: --distill-temperature: pearson divides no logits, so it changes nothing there"))
      #expect(run.errors.contains("has fewer parameters than the network that learns from it"))
      let each = try space.run(line + "--distill-temperature 1 3 --distill-weight 2 0.5 --output b")
      #expect(each.status == 0 && each.errors.split(separator: "\n").count == 2, "\(each.errors)")
      for name in ["a", "b"] {
        let kept = try space.json("\(name)/request.json")["distillation"] as? [String: Any]
        let strategies = try #require(kept?["strategies"] as? [[String: Any]])
        #expect((strategies[1]["options"] as? [String: Any])?["temperature"] as? Double == 3)
      }
      // Classes and boxes of every cell count.
      try space.succeed(
        train + "--teacher r --distill binary --distill-everywhere --output c")
      let kept = try space.json("c/request.json")["distillation"] as? [String: Any]
      let strategies = try #require(kept?["strategies"] as? [[String: Any]])
      #expect((strategies[0]["options"] as? [String: Any])?["everywhere"] as? Bool == true)
    }
  }

  @Test func `what the teacher says of each picture is kept for later`() throws {
    try Workspace.with { space in
      try prepare(space)
      let line =
        train.replacing("--quiet ", with: "")
        + "--teacher r --distill binary --no-mosaic --flip 0 --hsv 0 0 0 --cache-folder kept "
      try space.succeed(line + "--output plain")
      let run = try space.everything(of: line + "--distill-cache --output first")
      #expect(run.status == 0 && run.text.contains("the teachers' outputs take "), "\(run.text)")
      #expect(space.exists("kept/teachers"))
      try space.succeed(line + "--distill-cache --output second")
      let plain = try space.bytes("plain/last.weights")
      #expect(try space.bytes("first/last.weights") == plain)
      #expect(try space.bytes("second/last.weights") == plain)
    }
  }

  // Twelve pictures with labels, two of four a batch: six batches an epoch, and twelve without.
  @Test func `pictures without labels go into the batches`() throws {
    try Workspace.with { space in
      try prepare(space)
      let line = train + "--teacher r --unlabeled e/images --control --json out.json --output out"
      let judged = try space.run(line.replacing("e/images", with: "d/images"))
      #expect(judged.errors.contains("every picture of d/images is in a list of "))
      try space.succeed(
        "dataset synthetic --size 64 --images 6 --validation 2 --test 1 --seed 5 --output e --quiet"
      )
      let run = try space.everything(of: line.replacing("--quiet ", with: ""))
      #expect(run.status == 0 && run.text.contains("12 pictures to train on"), "\(run.text)")
      #expect(run.text.contains("9 without labels (2 of each batch)"))
      #expect(run.text.contains("distillation: auto × 3, constant, with the teacher to the end"))
      // Twelve steps in two epochs for both, though three batches would hold all with labels.
      let control = try #require(try space.json("out.json")["control"] as? [String: Any])
      let networks = try #require(control["networks"] as? [[String: Any]])
      #expect(networks.map { $0["epochs"] as? Int } == [2, 2])
      func rates(_ folder: String) throws -> [Substring] {
        let rows = String(decoding: try space.bytes("\(folder)/results.csv"), as: UTF8.self)
          .split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
        let column = try #require(rows[0].firstIndex(of: "learning rate"))
        return rows.dropFirst().map { $0[column] }
      }
      #expect(try rates("out") == rates("out-control") && rates("out").count == 2)
      let page = String(decoding: try space.bytes("out/report.html"), as: UTF8.self)
      #expect(page.contains("auto × 3, constant, until"))

      // They have moved, and then there are more of them.
      try space.move("e", to: "f")
      let resume = "train --resume --output out --epochs 3 --quiet"
      let gone = try space.run(resume)
      #expect(gone.status == 1 && gone.errors.contains("--unlabeled says where it is now"))
      try space.succeed(resume + " --unlabeled f/images")
      let names = try space.names("f/images")
      try space.write("f/images/zz.png", space.bytes("f/images/\(try #require(names.first))"))
      let more = try space.run(resume.replacing("--epochs 3", with: "--epochs 4"))
      #expect(more.status == 1 && more.errors.contains("or the pictures without labels in "))
    }
  }
}
