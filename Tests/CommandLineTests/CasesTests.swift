import Foundation
import Testing
import Vision

/// Sets as people's programs write them, through the commands: what `DatasetsTests` and
/// `DarknetTests` check piece by piece.
@Suite(.enabled(if: Workspace.isBuilt, "the programs are not built"))
struct CasesTests {
  private func rewrite(
    _ space: Workspace, _ path: String, _ change: (String) -> Data
  ) throws {
    try space.write(path, change(String(decoding: try space.bytes(path), as: UTF8.self)))
  }

  private static let textFiles = [
    "d/d.data", "d/d.names", "d/train.txt", "n.cfg", "d/labels/train-00000.txt",
  ]

  // Each file alone, with a byte order mark, as Windows' Notepad saves it.
  @Test func `text in UTF-16 is named, whichever file it is`() throws {
    try Workspace.with { space in
      try space.prepare()
      for file in Self.textFiles {
        let before = try space.bytes(file)
        try rewrite(space, file) { text in
          Data([0xFF, 0xFE]) + Data(text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] })
        }
        for line in [
          "dataset check --data d/d.data --cfg n.cfg",
          "train --cfg n.cfg --data d/d.data --epochs 1 --batch-size 4 --device cpu --output r",
        ] {
          // A label file is one of many: training goes on without it, and lists it.
          let isOne = file.hasPrefix("d/labels") && line.hasPrefix("train")
          let (status, text) = try space.everything(of: line)
          #expect(status == (isOne ? 0 : 1), "\(line), \(file): \(text)")
          #expect(
            text.contains("is text in UTF-16; save it as UTF-8"), "\(line), \(file): \(text)")
        }
        try space.write(file, before)
      }
    }
  }

  /// All that a command prints, whether it succeeds or not.
  // The same set three times: as it is; with Windows' line ends and byte order marks; with every
  // path in quotes.
  @Test func `line ends and quotes change nothing that is trained`() throws {
    try Workspace.with { space in
      try space.prepare()
      func results() throws -> [Data] {
        try space.succeed("dataset check --data d/d.data --cfg n.cfg --json c.json --quiet")
        try space.succeed(
          "train --cfg n.cfg --data d/d.data --epochs 1 --batch-size 4 --device cpu --threads 1 "
            + "--output r --overwrite --quiet")
        return [try space.bytes("c.json"), try space.bytes("r/last.weights")]
      }
      let plain = try results()
      let files = try space.names("d/labels").map { "d/labels/\($0)" } + Self.textFiles.dropLast()
      for file in files {
        let mark = file.hasPrefix("d/labels") ? "" : "\u{FEFF}"
        try rewrite(space, file) { Data((mark + $0.replacing("\n", with: "\r\n")).utf8) }
      }
      #expect(try results() == plain)
      for list in ["d/train.txt", "d/val.txt"] {
        try rewrite(space, list) { text in
          let lines = text.replacing("\u{FEFF}", with: "").split(whereSeparator: \.isNewline)
          return Data(lines.map { "\"\($0)\"\r\n" }.joined().utf8)
        }
      }
      #expect(try results() == plain)
    }
  }

  // 12 bits in 16: the brightest sample, 4,080, is under a quarter of 65,535.
  @Test func `a picture of 12 bits is seen, and that it was scaled is said`() throws {
    try Workspace.with { space in
      try space.train("--epochs 1")
      let samples = (0..<64 * 64).flatMap { index -> [UInt8] in
        let value = UInt16(48 + index % 64 * 64)
        return [UInt8(value >> 8), UInt8(value & 0xFF)]
      }
      try space.write("d/images/deep.pgm", Data("P5\n64 64\n65535\n".utf8) + samples)
      try space.write("d/labels/deep.txt", "0 0.5 0.5 0.2 0.2\n")
      try rewrite(space, "d/train.txt") { Data(($0 + "images/deep.pgm\n").utf8) }
      try space.succeed("dataset check --data d/d.data --json c.json --quiet")
      let problems = try #require(try space.json("c.json")["problems"] as? [[String: Any]])
      let depth = problems.filter { $0["kind"] as? String == "depth" }
      #expect(
        depth.map { $0["reason"] as? String } == [
          "has 16 bits a sample, but values from 48 to 4080 only; these are scaled to the full range"
        ])
      let run = try space.run("detect --model r --source d/images/deep.pgm --output out")
      #expect(run.errors.contains("its values, 48 to 4080, were scaled to the full range"))
    }
  }

  @Test func `names of another set are refused for figures`() throws {
    try Workspace.with { space in
      try space.train("--epochs 1")
      // A set of two classes, whose numbers mean other things to a network of four.
      try rewrite(space, "d/d.data") {
        Data($0.replacing("classes=4", with: "classes=2").utf8)
      }
      let run = try space.run("test --model r --data d/d.data --names r/model.names")
      #expect(
        run.status == 1
          && run.errors.contains("r/model.names: has 4 names, d/d.data says 2 classes\n"),
        "\(run.errors)")
    }
  }

  @Test func `a file where a form has a folder is told so`() throws {
    try Workspace.with { space in
      try space.prepare()
      try space.succeed("dataset export voc d/d.data --output v --quiet")
      let annotation = try #require(space.names("v/Annotations").first)
      for (format, source) in [
        ("voc", "v/Annotations/\(annotation)"), ("dior", "d/d.names"), ("visdrone", "n.cfg"),
      ] {
        let run = try space.run("dataset import \(format) \(source) --output x")
        #expect(
          run.errors
            == "Error: \(source): no annotations; expected the folder of the set; this is a file\n")
      }
    }
  }
}
