import Foundation
import Testing

/// What a person sees on a terminal, which `script` of util-linux plays.
@Suite(
  .enabled(
    if: Workspace.isBuilt && FileManager.default.isExecutableFile(atPath: "/usr/bin/script"),
    "the programs are not built, or there is no /usr/bin/script"))
struct TerminalScreenTests {
  /// The lines that are left on a screen after these bytes: carriage returns go back, and what
  /// follows writes over what was there.
  static func lines(_ text: String) -> [String] {
    var lines: [[Unicode.Scalar]] = [[]]
    var column = 0
    var rest = text.unicodeScalars[...]
    while let scalar = rest.popFirst() {
      switch scalar {
      case "\n":
        lines.append([])
        column = 0
      case "\r": column = 0
      case "\u{1B}":
        // ESC [ K erases to the end of the line; nothing else is used.
        guard rest.starts(with: "[K".unicodeScalars) else { continue }
        rest = rest.dropFirst(2)
        lines[lines.count - 1].removeLast(max(lines[lines.count - 1].count - column, 0))
      default:
        var line = lines[lines.count - 1]
        if column < line.count { line[column] = scalar } else { line.append(scalar) }
        lines[lines.count - 1] = line
        column += 1
      }
    }
    return lines.map { line in
      var text = String.UnicodeScalarView()
      text.append(contentsOf: line)
      return String(text)
    }
  }

  @Test func `a screen is what the last writing leaves`() {
    #expect(Self.lines("abc\rxy\u{1B}[K\nnext\r\n") == ["xy", "next", ""])
    #expect(Self.lines("abc\rxy") == ["xyc"])
  }

  /// Runs `pare` on a terminal of so many columns.
  static func screen(_ space: Workspace, _ line: String, columns: Int) throws -> [String] {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/script")
    process.arguments = [
      "-qec", "stty cols \(columns); exec \(Workspace.program) \(line)", "/dev/null",
    ]
    process.currentDirectoryURL = space.folder
    process.environment = ProcessInfo.processInfo.environment
      .merging(["TERM": "xterm", "LC_ALL": "C.UTF-8"]) { $1 }
    process.environment?["COLUMNS"] = nil
    process.standardInput = FileHandle.nullDevice
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let bytes = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return lines(String(decoding: bytes, as: UTF8.self))
  }

  @Test(arguments: [80, 200])
  func `nothing is printed into a progress bar, and lines break at words`(columns: Int) throws {
    try Workspace.with { space in
      try space.train("--epochs 1")
      let pair = "--cfg r/model.cfg --weights r/model.weights --threads 1"
      // Class names that would clear the screen and turn red.
      try space.write("n.names", "a\u{1B}[2J\nb\u{9B}31m\nc\nd\n")
      try space.write("d/images/zz.jpg", "no picture")
      let lines = try Self.screen(
        space, "detect \(pair) --names n.names --source d/images --conf-thres 0.001 --output o",
        columns: columns)
      let results = lines.filter { $0.contains("d/images/") && !$0.contains("zz.jpg") }
      #expect(results.count == 20, "\(lines)")
      for line in lines {
        let isBar = line.contains("━") || line.contains("─")
        #expect(!isBar || line.hasPrefix("detect "), "\(line)")
        #expect(!isBar || !line.contains("d/images"), "\(line)")
        #expect(!line.unicodeScalars.contains { $0.value < 32 || (0x7F..<0xA0).contains($0.value) })
        // What is printed to be typed again is not broken.
        if !line.hasPrefix("  pare ") { #expect(line.count <= columns, "\(line)") }
      }
      #expect(results.contains { $0.contains("a\\x1B[2J") || $0.contains("b\\x9B31m") })
      #expect(lines.contains("Warning: 1 picture skipped:"), "\(lines)")

      // A long error, at words.
      let error = try Self.screen(
        space, "detect \(pair) --source d/images --classes some-name-that-is-not-there",
        columns: columns)
      #expect(
        error.allSatisfy { $0.count <= columns } && error.contains { $0.hasPrefix("Error: ") })
      let epochs = try Self.screen(
        space, "train --cfg n.cfg --data d/d.data --epochs 2 --batch-size 4 --output t --threads 1",
        columns: columns)
      #expect(epochs.count { $0.hasPrefix("epoch 1") } == 1, "\(epochs)")
      #expect(!epochs.contains { $0.contains("━") }, "\(epochs)")
    }
  }
}
