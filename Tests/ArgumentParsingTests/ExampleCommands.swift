import ArgumentParsing

enum Precision: String, ExpressibleByArgument, CaseIterable { case fp32, bf16, fp16 }

struct SharedOptions: ParsableArguments {
  @Option(help: "A seed for random numbers.") var seed = 0
  @Flag(help: "Print nothing but errors.") var quiet = false

  func validate() throws {
    if seed < 0 { throw ValidationError("'--seed' must not be negative") }
  }
}

struct Learn: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Trains a model.", discussion: "Reads pictures, writes weights.",
    aliases: ["learning"])
  static let examples = ["root learn --cfg a.cfg", "root learn --cfg a.cfg \\\n  --epochs 3"]

  @Option(help: ArgumentHelp("The network.", valueName: "file"), completion: .file())
  var cfg: String
  @Option(name: [.long, .customShort("e")], help: "How often every picture is seen.")
  var epochs = 300
  @Option(
    name: [.customLong("img-size"), .customLong("size")], parsing: .upToNextOption,
    help: "Sizes in pixels.")
  var imgSize: [Int] = [416]
  @Option(name: .customLong("a_bit")) var activationBits: Int?
  @Option var rate: Double?
  @Option(help: "Arithmetic.") var precision = Precision.fp32
  @Option(parsing: .singleValue, help: "Names.") var tag: [String] = []
  @Flag(
    name: [.customLong("pretrain"), .customLong("pt", withSingleDash: true)],
    help: "Load what fits.")
  var pretrain = false
  @Flag(inversion: .prefixedNo, help: "Average the weights.") var ema = false
  @Flag(inversion: .prefixedNo, help: "Mix pictures.") var mosaic: Bool?
  @Flag(name: [.customShort("a")]) var first = false
  @Flag(name: [.customShort("b")]) var second = false
  @Option(name: .customLong("rank"), help: .hidden) var rank: Int?
  @OptionGroup(title: "Common options") var shared: SharedOptions
  @Argument(help: "Extra pictures.") var pictures: [String] = []
}

struct Convert: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Converts a file.")
  @Argument(help: "The file to read.", completion: .file(extensions: ["cfg"])) var input: String
  @Argument(help: "The file to write.") var output: String?
  @Option(help: "How often.") var count: Int?
}

struct SetImport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Reads a set of pictures.")
  enum Format: String, ExpressibleByArgument, CaseIterable { case voc }
  @Argument(help: "The format.") var format: Format
}

struct SetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "set", abstract: "Works on sets.", subcommands: [SetImport.self])
}

struct Root: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "root", abstract: "An example.", version: "1.2.3",
    subcommands: [Learn.self, Convert.self, SetCommand.self])
}

/// A command whose subcommand need not be named.
struct Chooser: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "chooser", abstract: "Chooses.", subcommands: [Convert.self, SetCommand.self],
    defaultSubcommand: Convert.self)
}

/// What a command line makes of ``Root``'s subcommand, or the text and exit status of its error.
func learn(_ arguments: String...) throws -> Learn {
  let command = try Root.parseAsRoot(["learn", "--cfg", "a.cfg"] + arguments)
  guard let learn = command as? Learn else { throw ValidationError("not 'learn'") }
  return learn
}

/// The complaint about a command line, with its exit status; empty when there is none.
func complaint(_ arguments: String...) -> (text: String, status: Int32) {
  do {
    _ = try Root.parseAsRoot(arguments)
    return ("", 0)
  } catch {
    return (Root.fullMessage(for: error, columns: 80), Root.exitCode(for: error).rawValue)
  }
}
