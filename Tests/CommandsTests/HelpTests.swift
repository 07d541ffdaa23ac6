import ArgumentParsing
import Commands
import Testing

@Suite struct HelpTests {
  @Test(arguments: commands(PareCommand.self))
  func `every command's help is as stored`(command: String) throws {
    let (text, status) = complaint("\(command) --help")
    guard !HelpScreens.isRecording else { return try HelpScreens.record(text, of: command) }
    let expected = try #require(HelpScreens.all[command])
    #expect(text == expected)
    #expect(status == 0)
    #expect(complaint("help \(command)").text == expected)
    #expect(expected.split(separator: "\n").allSatisfy { $0.count <= 80 })
  }

  @Test func `no help is stored of what is no command`() {
    #expect(Set(Self.commands(PareCommand.self)) == Set(HelpScreens.all.keys))
  }

  /// The words of a command and of all below it.
  static func commands(_ command: any ParsableCommand.Type, _ path: String = "") -> [String] {
    [path]
      + command.configuration.subcommands.flatMap { subcommand in
        let name = subcommand.configuration.commandName ?? "?"
        return commands(subcommand, path.isEmpty ? name : "\(path) \(name)")
      }
  }

  // Help lines start with a capital and end with a full stop.
  @Test func `help texts are sentences`() {
    for (command, screen) in HelpScreens.all {
      let options = screen.split(separator: "\n").filter {
        $0.hasPrefix("  -") && $0.dropFirst(24).hasPrefix("  ")
      }
      for line in options {
        guard let first = line.dropFirst(26).first, !line.hasPrefix("  --device") else { continue }
        #expect(first.isUppercase, "pare \(command): \(line)")
      }
      // A text goes on in lines that begin below it, and ends before the next option.
      let lines = screen.split(separator: "\n", omittingEmptySubsequences: false)
      let indent = String(repeating: " ", count: 26)
      for (line, next) in zip(lines, lines.dropFirst() + [""])
      where line.hasPrefix("  -") || line.hasPrefix(indent) {
        guard !next.hasPrefix(indent), !line.hasSuffix(")") else { continue }
        #expect(line.hasSuffix("."), "pare \(command): \(line)")
      }
    }
  }

  @Test func `every engine command is listed once`() {
    let types = PareCommand.engineCommands.map { ObjectIdentifier($0) }
    #expect(types.count == 27 && Set(types).count == 27)
  }
}
