import Foundation
import Testing

/// The examples of README.md, one after the other.
@Suite(.enabled(if: Workspace.isBuilt, "the programs are not built"))
struct ReadmeTests {
  /// Lines of the README that call the program, continued ones as one, without comments.
  private static func commands() throws -> [String] {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let text = try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)
    return text.replacing("\\\n", with: " ").split(separator: "\n")
      .filter { $0.hasPrefix("    pare ") }
      .map { line in
        line.prefix { $0 != "#" }.split(separator: " ").dropFirst().joined(separator: " ")
      }
  }

  // From the import to the comparison, on drawn pictures instead of BCCD, smaller and shorter.
  @Test func `from a folder of pictures to a compared network as written`() throws {
    let commands = try Self.commands()
    let first = try #require(commands.firstIndex { $0.hasPrefix("dataset import voc BCCD") })
    let last = try #require(commands.firstIndex { $0.hasPrefix("compare ") })
    #expect(commands[first...last].count == 9)
    try Workspace.with { space in
      try space.succeed(
        "dataset synthetic --classes 3 --size 64 --images 12 --validation 4 --test 4 --output d "
          + "--quiet")
      try space.succeed("dataset export voc d/d.data --output BCCD --quiet")
      for command in commands[first...last] {
        var line = command.replacing(/--epochs \d+/, with: "--epochs 1")
        if line.hasPrefix("train ") { line += " --batch-size 4 --device cpu" }
        if line.hasPrefix("config new ") { line += " --img-size 64 --width-multiple 0.125" }
        try space.succeed(line + (line.hasPrefix("compare") ? "" : " --quiet"))
      }
      #expect(space.exists("runs/tuned/last.weights"))
    }
  }

  // Those that need what a reader brings along are at least commands with such options.
  @Test func `every other example is understood`() throws {
    try Workspace.with { space in
      for command in try Self.commands() where !command.contains("COMMAND") {
        let run = try space.run(command)
        #expect(!run.errors.contains("Usage:"), "\(command): \(run.errors)")
      }
    }
  }
}
