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
        GivenOption(name: "--mosaic", values: ["false"], byDefault: "true"),
        GivenOption(name: "--ema", values: ["true"], byDefault: "false"),
        GivenOption(name: "--learning-rate", values: ["0.2"], byDefault: "0.01"),
      ])
    #expect(try Command.givenOptions([]).isEmpty)
  }

  @Test func `numbers mean what they are worth, texts what they say`() {
    #expect(GivenOption.mean(["0.10", "a"], ["0.1", "a"]))
    #expect(!GivenOption.mean(["a"], ["A"]))
    #expect(!GivenOption.mean(["1"], ["1", "1"]))
  }
}
