import ArgumentParsing
import Testing

@Suite struct HelpTests {
  @Test func `the root lists its subcommands`() {
    let expected = """
      OVERVIEW: An example.

      USAGE: root <subcommand>

      OPTIONS:
        --version               Show the version.
        -h, --help              Show help information.

      SUBCOMMANDS:
        learn, learning         Trains a model.
        convert                 Converts a file.
        set                     Works on sets.

        See 'root help <subcommand>' for detailed help.
      """
    #expect(Root.helpMessage(columns: 80) == expected)
    for arguments in [["--help"], ["-h"], ["help"], ["--foo", "--help"]] {
      let error = #expect(throws: (any Error).self) { try Root.parseAsRoot(arguments) }
      #expect(error.map { Root.fullMessage(for: $0, columns: 80) } == expected)
      #expect(error.map { Root.exitCode(for: $0) } == .success)
    }
  }

  @Test func `a command lists its arguments by section`() {
    let expected = """
      OVERVIEW: Trains a model.

      Reads pictures, writes weights.

      USAGE: root learn [<options>] --cfg <file> [<pictures> ...]

      ARGUMENTS:
        <pictures> ...          Extra pictures.

      COMMON OPTIONS:
        --seed <seed>           A seed for random numbers. (default: 0)
        --quiet                 Print nothing but errors.

      OPTIONS:
        --cfg <file>            The network.
        -e, --epochs <epochs>   How often every picture is seen. (default: 300)
        --img-size, --size <img-size> ...
                                Sizes in pixels. (default: 416)
        --a_bit <activation-bits>
        --rate <rate>
        --precision <precision> Arithmetic. (values: fp32, bf16, fp16; default: fp32)
        --tag <tag>             Names.
        -pt, --pretrain         Load what fits.
        --ema/--no-ema          Average the weights. (default: --no-ema)
        --mosaic/--no-mosaic    Mix pictures.
        -a
        -b
        --version               Show the version.
        -h, --help              Show help information.

      EXAMPLES:
        root learn --cfg a.cfg
        root learn --cfg a.cfg \\
          --epochs 3
      """
    for arguments in [["learn", "--help"], ["help", "learn"], ["learn", "--foo", "-h"]] {
      let error = #expect(throws: (any Error).self) { try Root.parseAsRoot(arguments) }
      #expect(error.map { Root.fullMessage(for: $0, columns: 80) } == expected)
    }
  }

  @Test func `lines wrap at the width of the terminal`() {
    let text = Root.helpMessage(for: Learn.self, columns: 50)
    #expect(text.contains("  --seed <seed>           A seed for random\n" + indent + "numbers."))
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 50 })
  }

  private let indent = String(repeating: " ", count: 26)

  @Test func `hidden options show only when asked for`() {
    #expect(!Root.helpMessage(for: Learn.self).contains("--rank"))
    #expect(Root.helpMessage(for: Learn.self, includeHidden: true).contains("--rank <rank>"))
    #expect(complaint("learn", "--help-hidden").text.contains("--rank <rank>"))
  }

  @Test(arguments: [["--version"], ["learn", "--version"]])
  func `the version is printed alone`(arguments: [String]) {
    let error = #expect(throws: (any Error).self) { try Root.parseAsRoot(arguments) }
    #expect(error.map { Root.fullMessage(for: $0) } == "1.2.3")
    #expect(error.map { Root.exitCode(for: $0) } == .success)
  }

  @Test func `a command without a run asks for its help`() throws {
    var command = try Root.parseAsRoot(["set"])
    let error = #expect(throws: CleanExit.self) { try command.run() }
    let text = Root.fullMessage(for: try #require(error), columns: 80)
    #expect(text.hasPrefix("OVERVIEW: Works on sets.\n\nUSAGE: root set <subcommand>"))
    #expect(text.hasSuffix("  See 'root help set <subcommand>' for detailed help."))
  }
}
