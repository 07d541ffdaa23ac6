import ArgumentParsing
import Testing
import _TestSupport

@Suite struct ParsingTests {
  @Test func `defaults stand where nothing is given`() throws {
    let command = try learn()
    #expect(command.cfg == "a.cfg")
    #expect(command.epochs == 300)
    #expect(command.imgSize == [416])
    #expect(command.activationBits == nil)
    #expect(command.precision == .fp32)
    #expect(command.tag == [])
    #expect(!command.pretrain && !command.ema && command.mosaic == nil)
    #expect(command.shared.seed == 0 && command.pictures == [])
  }

  @Test func `values follow by space, equals sign or directly`() throws {
    #expect(try learn("--epochs", "5").epochs == 5)
    #expect(try learn("--epochs=5").epochs == 5)
    #expect(try learn("-e", "5").epochs == 5)
    #expect(try learn("-e=5").epochs == 5)
    #expect(try learn("--precision", "bf16").precision == .bf16)
    #expect(try learn("--tag=").tag == [""])
  }

  @Test func `the last of two values counts`() throws {
    #expect(try learn("--epochs", "5", "--epochs", "6").epochs == 6)
    #expect(try learn("--ema", "--no-ema").ema == false)
    #expect(try learn("--no-mosaic").mosaic == false)
    #expect(try learn("--no-mosaic", "--mosaic").mosaic == true)
  }

  @Test(arguments: ["--img-size", "--img_size", "--size"])
  func `several values are taken up to the next option`(name: String) throws {
    let command = try learn(name, "320", "640", "--epochs", "2", "x.png")
    #expect(command.imgSize == [320, 640])
    #expect(command.pictures == ["x.png"])
    #expect(try learn(name, "320", name, "640").imgSize == [320, 640])
    #expect(try learn("\(name)=320", "640").imgSize == [320, 640])
  }

  @Test(arguments: ["--a_bit", "--a-bit"])
  func `underscores and hyphens are the same`(name: String) throws {
    #expect(try learn(name, "4").activationBits == 4)
    #expect(try learn("\(name)=4").activationBits == 4)
  }

  @Test func `underscores in a value stay`() throws {
    #expect(try learn("--tag=a_b", "--tag", "c_d").tag == ["a_b", "c_d"])
  }

  @Test func `negative numbers are values`() throws {
    #expect(try learn("--rank", "-1").rank == -1)
    #expect(try learn("--rate", "-0.5").rate == -0.5)
    #expect(try learn("--rate", "-.5").rate == -0.5)
    #expect(try learn("--rate=-1e-3").rate == -0.001)
    #expect(try learn("-7").pictures == ["-7"])
  }

  @Test func `a single dash starts a long name or a cluster of letters`() throws {
    #expect(try learn("-pt").pretrain)
    let command = try learn("-ab")
    #expect(command.first && command.second)
    #expect(try learn("-abe", "7").epochs == 7)
  }

  @Test func `two dashes end the options`() throws {
    #expect(try learn("--", "--epochs", "-x", "--help").pictures == ["--epochs", "-x", "--help"])
    #expect(try learn("-", "--", "-").pictures == ["-", "-"])
  }

  @Test func `empty arguments are values`() throws {
    #expect(try Root.parseAsRoot(["learn", "--cfg", ""]) is Learn)
    #expect(try learn("").pictures == [""])
  }

  @Test func `subcommands are found at any depth and by alias`() throws {
    #expect(try Root.parseAsRoot(["learning", "--cfg", "x"]) is Learn)
    #expect(try Root.parseAsRoot(["set", "import", "voc"]) is SetImport)
    #expect(try Root.parseAsRoot([]) is Root)
  }

  @Test func `a default subcommand need not be named`() throws {
    #expect((try Chooser.parseAsRoot(["a.cfg"]) as? Convert)?.input == "a.cfg")
    #expect((try Chooser.parseAsRoot(["--count", "2", "a.cfg"]) as? Convert)?.count == 2)
    #expect((try Chooser.parseAsRoot(["convert", "a.cfg"]) as? Convert)?.input == "a.cfg")
    #expect(try Chooser.parseAsRoot(["set", "import", "voc"]) is SetImport)
    #expect(Chooser.helpMessage(columns: 80).contains("  convert (default)       Converts"))
    let error = #expect(throws: (any Error).self) { try Chooser.parseAsRoot([]) }
    #expect(error.map { Chooser.message(for: $0) } == "Missing expected argument '<input>'")
  }

  @Test func `options may stand before the subcommand`() throws {
    let command = try Root.parseAsRoot(["--ema", "learn", "--cfg", "a"]) as? Learn
    #expect(command?.ema == true)
    #expect(
      complaint("--frob", "learn", "--cfg", "a").text.hasPrefix("Error: Unknown option '--frob'"))
  }

  @Test func `a command parses itself without the root`() throws {
    #expect(try Learn.parse(["--cfg", "b.cfg"]).cfg == "b.cfg")
    #expect(try SharedOptions.parse(["--seed", "9"]).seed == 9)
  }

  @Test func `properties can be assigned without touching copies`() throws {
    var first = try learn()
    let second = first
    first.epochs = 1
    first.shared.seed = 4
    #expect(first.epochs == 1 && second.epochs == 300)
    #expect(first.shared.seed == 4 && second.shared.seed == 0)
  }

  // Every string of these pieces must parse or be refused with a text; none may crash or hang.
  @Test func `random command lines never crash`() {
    let pieces = [
      "learn", "convert", "set", "import", "help", "--help", "-h", "--version", "--", "-", "",
      "--cfg", "a.cfg", "--epochs", "5", "-e", "-1", "-e5", "--img-size", "--img_size", "320",
      "--a_bit=8", "--rate", "nan", "--precision", "fp16", "fp8", "-pt", "-ab", "-abz", "--ema",
      "--no-ema", "--ema=1", "--=", "=", "---", "-=", "--cfg=", "--\u{301}", "é", "-é", "💥",
      "--quiet", "--seed", "-9223372036854775809", "--seed=-1", "--generate-completion-script",
      "bash", "--generate-completion-script=fish", "--help-hidden", "voc", "\u{0}", "a b",
      String(repeating: "-", count: 300), String(repeating: "x", count: 3000),
    ]
    var generator = SeededGenerator(seed: 20)
    var refused = 0
    for _ in 0..<4_000 {
      let count = Int.random(in: 0...8, using: &generator)
      let arguments = (0..<count).map { _ in pieces.randomElement(using: &generator) ?? "" }
      do {
        _ = try Root.parseAsRoot(arguments)
      } catch {
        refused += 1
        let status = Root.exitCode(for: error).rawValue
        #expect(status == 0 || status == 64)
        #expect(!Root.fullMessage(for: error, columns: 80).isEmpty)
      }
    }
    #expect(refused > 500)
  }
}
