/// A type whose properties are read from a command line.
///
/// The properties carry ``Argument``, ``Option``, ``Flag`` or ``OptionGroup``. This module is a
/// subset of swift-argument-parser with the same spelling, written from its public documentation;
/// a program that uses only what is here compiles against either. Two things differ: long
/// options may be written with underscores (`--img_size` is `--img-size`), and a negative number
/// is accepted as an option's value.
public protocol ParsableArguments: SendableMetatype {
  /// Makes a value whose properties hold their defaults, ready to be parsed into.
  init()

  /// Checks what no single option can check. Called after parsing, groups first.
  ///
  /// - Throws: ``ValidationError`` for wrong usage (exit status 64).
  mutating func validate() throws
}

extension ParsableArguments {
  /// Accepts everything.
  public mutating func validate() throws {}

  /// Parses arguments (by default the process's own, without the program's name).
  ///
  /// - Throws: an error that ``fullMessage(for:columns:)`` and ``exitCode(for:)`` understand.
  public static func parse(_ arguments: [String]? = nil) throws -> Self {
    let command = asCommand
    let parsed = try CommandParser(root: command).parse(arguments ?? processArguments)
    if let value = parsed.command as? Self { return value }
    if let wrapper = parsed.command as? WrappedArguments<Self> { return wrapper.options }
    throw CommandError(path: parsed.path, kind: .helpRequested(includeHidden: false))
  }

  /// One line about an error, without usage.
  public static func message(for error: any Error) -> String {
    ErrorReport(error, root: asCommand).message
  }

  /// Everything that is printed about an error: the message, help on the argument, the usage.
  public static func fullMessage(for error: any Error, columns: Int? = nil) -> String {
    ErrorReport(error, root: asCommand, columns: columns).fullText
  }

  /// The help screen.
  public static func helpMessage(includeHidden: Bool = false, columns: Int? = nil) -> String {
    HelpGenerator(path: [asCommand], includeHidden: includeHidden).text(columns: columns)
  }

  /// The exit status that goes with an error.
  public static func exitCode(for error: any Error) -> ExitCode {
    ErrorReport(error, root: asCommand).exitCode
  }

  /// A script that teaches a shell to complete this command.
  public static func completionScript(for shell: CompletionShell) -> String {
    shell.script(for: CommandNode(asCommand))
  }

  static var asCommand: any ParsableCommand.Type {
    (self as? any ParsableCommand.Type) ?? WrappedArguments<Self>.self
  }
}

/// Lets a bare ``ParsableArguments`` be parsed as a command of its own.
struct WrappedArguments<Options: ParsableArguments>: ParsableCommand {
  @OptionGroup var options: Options

  static var configuration: CommandConfiguration {
    CommandConfiguration(commandName: kebabCase("\(Options.self)"))
  }
}

/// The process's arguments without the program's name.
var processArguments: [String] { Array(CommandLine.arguments.dropFirst()) }
