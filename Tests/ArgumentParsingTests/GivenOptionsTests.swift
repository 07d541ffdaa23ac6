import Testing

@testable import ArgumentParsing

@Suite struct GivenOptionsTests {
  private struct Command: ParsableCommand {
    @Option(name: [.customLong("learning-rate"), .customLong("lr0")]) var rate = 0.01
    @Option(parsing: .upToNextOption) var sizes: [Int] = []
    @Flag(inversion: .prefixedNo) var mosaic = true
    @Flag var ema = false
    @Argument var file = ""
  }

  @Test func `options are told by their main names, with their values`() throws {
    let found = try Command.givenOptions([
      "--lr0", "0.1", "x", "--sizes", "1", "2", "--no-mosaic", "--ema", "--learning_rate=0.2",
    ])
    #expect(
      found == [
        GivenOption(name: "--sizes", values: ["1", "2"], byDefault: ""),
        GivenOption(name: "--mosaic", values: ["false"], byDefault: "true", isFlag: true),
        GivenOption(name: "--ema", values: ["true"], byDefault: "false", isFlag: true),
        GivenOption(name: "--learning-rate", values: ["0.2"], byDefault: "0.01"),
      ])
    #expect(try Command.givenOptions([]).isEmpty)
    // The words that give them again.
    #expect(
      found.flatMap(\.words)
        == ["--sizes", "1", "2", "--no-mosaic", "--ema", "--learning-rate", "0.2"])
  }

  // Options that take several values are repeated on purpose, and one value twice is no slip.
  @Test func `an option that is given twice is told of, with the value that counts`() throws {
    func notices(_ words: String...) throws -> [String] {
      try CommandParser(root: Command.self).parse(words).notices
    }
    #expect(
      try notices("--lr0", "0.1", "x", "--learning_rate=0.2", "--no-mosaic", "--mosaic")
        == [
          "'--learning_rate' is given 2 times (0.1, 0.2): the last one counts, 0.2",
          "'--mosaic' is given 2 times (--no-mosaic, --mosaic): the last one counts, --mosaic",
        ])
    #expect(try notices("--lr0", "0.1", "--lr0", "0.10", "--ema", "--ema").isEmpty)
    #expect(try notices("--sizes", "1", "--sizes", "2").isEmpty)
    #expect(try notices("--lr0", "1", "--", "--lr0").isEmpty)
  }

  @Test func `numbers mean what they are worth, texts what they say`() {
    #expect(GivenOption.mean(["0.10", "a"], ["0.1", "a"]))
    #expect(!GivenOption.mean(["a"], ["A"]))
    #expect(!GivenOption.mean(["1"], ["1", "1"]))
  }
}
