import Terminal

/// A command: parsed options, a configuration, and the work to do.
public protocol ParsableCommand: ParsableArguments {
  /// Name, help texts and subcommands.
  static var configuration: CommandConfiguration { get }

  /// Command lines to try, shown as they are at the end of the help; none by default.
  static var examples: [String] { get }

  /// Does the command's work. The default asks for help, as fits a command with subcommands.
  mutating func run() throws
}

extension ParsableCommand {
  /// A configuration that takes everything from the type's name.
  public static var configuration: CommandConfiguration { CommandConfiguration() }

  /// No examples.
  public static var examples: [String] { [] }

  /// Asks for help.
  public mutating func run() throws {
    throw CleanExit.helpRequest(self)
  }

  /// Parses arguments into this command or whichever of its subcommands they name.
  public static func parseAsRoot(_ arguments: [String]? = nil) throws -> any ParsableCommand {
    try CommandParser(root: self).parse(arguments ?? processArguments).command
  }

  /// The help screen of one of this command's subcommands, at any depth.
  public static func helpMessage(
    for subcommand: any ParsableCommand.Type, includeHidden: Bool = false, columns: Int? = nil
  ) -> String {
    HelpGenerator(path: commandPath(from: self, to: subcommand), includeHidden: includeHidden)
      .text(columns: columns)
  }

  /// Parses the arguments, runs the command and exits with a message when either throws.
  public static func main(_ arguments: [String]?) {
    dispatch(arguments) { command, notices in
      for notice in notices { try? StandardStream.error.writeLine("Warning: \(notice)") }
      var command = command
      try command.run()
    }
  }

  /// Parses the arguments, hands the command to `perform`, and exits with a message when either
  /// throws. For programs that keep their commands' work apart from their definitions.
  ///
  /// - Parameter perform: takes the command, and what may be a slip of the pen in its arguments, one
  ///   line each.
  package static func dispatch(
    _ arguments: [String]? = nil, perform: (any ParsableCommand, _ notices: [String]) throws -> Void
  ) {
    var path: [any ParsableCommand.Type] = [self]
    var ownArguments: [String] = []
    do {
      let parsed = try CommandParser(root: self).parse(arguments ?? processArguments)
      (path, ownArguments) = (parsed.path, parsed.arguments)
      try perform(parsed.command, parsed.notices)
    } catch {
      ErrorReport(error, path: path, arguments: ownArguments).printAndExit()
    }
  }

  /// Runs the command on the process's own arguments.
  public static func main() { main(nil) }

  /// The name on the command line: the configured one, or the type's in kebab case.
  static var resolvedName: String { configuration.commandName ?? kebabCase("\(self)") }
}

/// The commands from `root` down to `target`; `[target]` when it is not below `root`.
func commandPath(
  from root: any ParsableCommand.Type, to target: any ParsableCommand.Type
) -> [any ParsableCommand.Type] {
  func search(_ command: any ParsableCommand.Type) -> [any ParsableCommand.Type]? {
    if ObjectIdentifier(command) == ObjectIdentifier(target) { return [command] }
    for subcommand in command.configuration.subcommands {
      if let rest = search(subcommand) { return [command] + rest }
    }
    return nil
  }
  return search(root) ?? [target]
}
