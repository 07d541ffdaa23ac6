import Testing

@testable import ArgumentParsing

@Suite struct MessageTests {
  private let learnUsage = """
    Usage: root learn [<options>] --cfg <file> [<pictures> ...]
      See 'root learn --help' for more information.
    """

  @Test func `a missing option names itself and explains itself`() {
    let (text, status) = complaint("learn", "--epochs", "3")
    #expect(
      text == """
        Error: Missing expected argument '--cfg <file>'
        Help:  --cfg <file>  The network.
        \(learnUsage)
        """)
    #expect(status == 64)
  }

  @Test func `a missing argument explains itself`() {
    let (text, status) = complaint("convert", "--count", "2")
    #expect(
      text == """
        Error: Missing expected argument '<input>'
        Help:  <input>  The file to read.
        Usage: root convert <input> [<output>] [--count <count>]
          See 'root convert --help' for more information.
        """)
    #expect(status == 64)
  }

  @Test func `no arguments at all are told of as one that is missing`() {
    let (text, status) = complaint("convert")
    #expect(text == complaint("convert", "--count", "2").text)
    #expect(status == 64)
  }

  @Test(arguments: [
    (["--epoch", "3"], "Unknown option '--epoch'. Did you mean '--epochs'?"),
    (["--imgsize", "3"], "Unknown option '--imgsize'. Did you mean '--img-size'?"),
    (["--frobnicate"], "Unknown option '--frobnicate'"),
    (["-x"], "Unknown option '-x'"),
    (["--epochs"], "Missing value for '--epochs <epochs>'"),
    (["--epochs", "--ema"], "Missing value for '--epochs <epochs>'"),
    (["--ema=1"], "The option '--ema' does not take any value, but '1' was specified."),
    (
      ["--epochs", "many"],
      "The value 'many' is invalid for '--epochs <epochs>': expected a whole number"
    ),
    (["-e", "1.5"], "The value '1.5' is invalid for '-e <epochs>': expected a whole number"),
    (
      ["--rate", "nan"],
      "The value 'nan' is invalid for '--rate <rate>': expected a number such as 0.5"
    ),
    (
      ["--rate", "0,3"],
      "The value '0,3' is invalid for '--rate <rate>': expected a number such as 0.5; write 0.3"
    ),
    (
      ["--epochs", "1,000"],
      "The value '1,000' is invalid for '--epochs <epochs>': expected a whole number"
    ),
    (
      ["--precision", "fp8"],
      "The value 'fp8' is invalid for '--precision <precision>'. "
        + "Please provide one of 'fp32', 'bf16' or 'fp16'."
    ),
    (
      ["--precision", "fp23"],
      "The value 'fp23' is invalid for '--precision <precision>'. Did you mean 'fp32'? "
        + "Please provide one of 'fp32', 'bf16' or 'fp16'."
    ),
    (["--seed", "-4"], "'--seed' must not be negative"),
  ])
  func `mistakes are named`(arguments: [String], message: String) throws {
    let error = #expect(throws: (any Error).self) {
      try Root.parseAsRoot(["learn", "--cfg", "a"] + arguments)
    }
    let found = try #require(error)
    #expect(Root.message(for: found) == message)
    #expect(Root.exitCode(for: found) == .validationFailure)
    let text = Root.fullMessage(for: found, columns: 80)
    #expect(text.hasPrefix("Error: \(message)\n"))
    #expect(text.hasSuffix("\n" + learnUsage))
  }

  // Whatever a message was written with, an option has the name that was typed; what is no option of the
  // line stays.
  @Test func `an option is called what it was called`() {
    let names = Learn.typedNames(["--size", "1", "-pt", "--a-bit", "4", "--no_ema"])
    #expect(
      names("'--img-size' and --a_bit 4, not --epochs or --img-size-2; 'a--img-size'")
        == "'--size' and --a-bit 4, not --epochs or --img-size-2; 'a--img-size'")
    #expect(names("--no-ema, --ema") == "--no_ema, --ema")
    #expect(TypedNames()("--img-size") == "--img-size")
    // A hint at an option that others have is none; what an option of the command takes is one.
    #expect(names("a: is a list; --data takes it") == "a: is a list")
    #expect(names("a: is a cfg; --cfg takes it") == "a: is a cfg; --cfg takes it")
    let (text, _) = complaint("learn", "--cfg", "a", "--size", "x")
    #expect(
      text.hasPrefix(
        "Error: The value 'x' is invalid for '--size <img-size>': expected a whole number\nHelp:  --size <img-size>  Sizes in"
      ))
    // Errors of the work itself, too.
    struct Broken: Error, CustomStringConvertible { var description: String { "--img-size: no" } }
    let report = ErrorReport(
      Broken(), path: [Root.self, Learn.self], arguments: ["--cfg", "a", "--size", "9"])
    #expect(report.fullText == "Error: --size: no")
  }

  @Test func `superfluous arguments are listed`() {
    let (text, status) = complaint("convert", "a", "b", "c", "d")
    #expect(text.hasPrefix("Error: 2 unexpected arguments: 'c', 'd'\nUsage: root convert"))
    #expect(complaint("convert", "a", "b", "c").text.hasPrefix("Error: Unexpected argument 'c'\n"))
    #expect(status == 64)
  }

  @Test func `a file in the wrong place says where it belongs`() {
    #expect(
      complaint("convert", "--input", "a.cfg").text.hasPrefix(
        "Error: Unknown option '--input'; leave it out: 'a.cfg' stands without one\n"))
    #expect(
      complaint("convert", "--input=a.cfg").text.hasPrefix(
        "Error: Unknown option '--input'; leave it out: 'a.cfg' stands without one\n"))
    #expect(
      complaint("convert", "--input", "a.txt").text.hasPrefix(
        "Error: Unknown option '--input'\n"))
  }

  @Test func `an unknown subcommand is compared with the known ones`() {
    let (text, status) = complaint("lern")
    #expect(
      text == """
        Error: Unknown subcommand 'lern'. Did you mean 'learn'?
        Usage: root <subcommand>
          See 'root --help' for more information.
        """)
    #expect(status == 64)
    #expect(complaint("help", "set", "imprt").text.contains("Did you mean 'import'?"))
  }

  @Test func `a lone value that is wrong is named with the right one`() {
    let (text, _) = complaint("set", "import", "coco")
    #expect(
      text == """
        Error: The value 'coco' is invalid for '<format>'. Please provide 'voc'.
        Help:  <format>  The format.
        Usage: root set import <format>
          See 'root set import --help' for more information.
        """)
  }

  @Test func `errors of other types exit with 1`() {
    struct Broken: Error, CustomStringConvertible { var description: String { "disk is full" } }
    #expect(Root.fullMessage(for: Broken()) == "Error: disk is full")
    #expect(Root.exitCode(for: Broken()) == .failure)
    #expect(Root.exitCode(for: ExitCode(3)).rawValue == 3)
    #expect(Root.fullMessage(for: CleanExit.message("done")) == "done")
    #expect(Root.exitCode(for: CleanExit.message("done")) == .success)
  }
}
