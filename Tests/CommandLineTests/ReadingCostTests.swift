import Foundation
import Testing

/// The program that reads them, beside the test bundle.
private enum ReadingProbe {
  static let path = Bundle.main.bundleURL.appendingPathComponent("_ReadingProbe").path
  static var isBuilt: Bool { FileManager.default.isExecutableFile(atPath: path) }
}

/// Large files, good and hostile, of every form that is read: deep nesting, a million tiny records,
/// one text or number that fills the file, equal keys, quotes that never end, packed bombs, sizes
/// that are claimed. Reading one takes less than 2 s of the processor, and memory beyond twice its
/// size only by a constant; a whole import is meant, until its labels are written.
///
/// The program `_ReadingProbe` writes and reads the files, and measures itself: a test's own
/// process runs other tests at the same time. Its sources are compiled with optimisation in debug
/// builds too, as are those of the parsers, so that no bound is scaled.
@Suite(.enabled(if: ReadingProbe.isBuilt, "the probe is not built"))
struct ReadingCostTests {
  /// What reading may take beyond twice the file: windows, and as many boxes as a picture may have.
  private static let constantBytes = 12 << 20

  @Test(arguments: [
    "voc", "coco", "bdd100k", "oxfordhand", "visdrone", "yolo", "yaml", "list", "names", "cfg",
    "data", "weights", "pt", "safetensors",
  ])
  func `reading costs little time and memory`(form: String) throws {
    try Workspace.with { space in
      let output = try run([form, space.folder.path], in: space)
      let lines = output.split(separator: "\n")
      #expect(lines.count >= 4)
      for line in lines {
        let parts = line.split(separator: "\t", omittingEmptySubsequences: false)
        try #require(parts.count == 5, "\(line)")
        let (size, seconds) = (try #require(Int(parts[1])), try #require(Double(parts[2])))
        let growth = try #require(Int(parts[3]))
        #expect(seconds < 2, "\(line)")
        #expect(growth <= 2 * size + Self.constantBytes, "\(line)")
        if parts[0] == "valid" { #expect(!parts[4].hasPrefix("Error"), "\(line)") }
      }
    }
  }

  /// What the probe prints; an error of more than one line makes no line of five parts.
  private func run(_ arguments: [String], in space: Workspace) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: ReadingProbe.path)
    process.arguments = arguments
    try space.write("output.txt", Data())
    process.standardOutput = FileHandle(forWritingAtPath: space.path("output.txt"))
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationReason == .exit && process.terminationStatus == 0)
    return String(decoding: try space.bytes("output.txt"), as: UTF8.self)
  }
}
