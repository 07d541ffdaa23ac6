import Terminal

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// An error of parsing, with the command that it happened in.
struct CommandError: Error {
  var path: [any ParsableCommand.Type]
  var kind: ParserError
}

/// Why parsing stopped.
enum ParserError: Error {
  case helpRequested(includeHidden: Bool)
  case versionRequested
  case completionRequested(CompletionShell)
  case unknownShell(String)
  case unknownOption(String, suggestion: String?)
  /// `names` are those that there are, where they are few enough to be told.
  case unknownSubcommand(String, suggestion: String?, names: [String])
  /// Options, but no name of one of these subcommands.
  case missingSubcommand(of: String, names: [String])
  /// `suggestion` is what a lone argument may have been meant as.
  case unexpectedArguments([String], suggestion: String?)
  /// An unknown option before a file that is an argument by itself.
  case superfluousOption(String, value: String)
  case missingValue(ArgumentFacts, Name)
  case unexpectedValue(String, Name)
  case invalidValue(String, ArgumentFacts, Name?, reason: String?)
  case missingArgument(ArgumentFacts)
  case validation(any Error, TypedNames)

  /// One sentence.
  ///
  /// - Parameter command: the names that lead to the command in question.
  func message(of command: [String]) -> String {
    switch self {
    case .helpRequested, .versionRequested, .completionRequested: return ""
    case .unknownShell(let name):
      let shells = CompletionShell.allCases.map(\.rawValue)
      return "Can't generate completion scripts for '\(name)'. "
        + (closest(to: name, in: shells).map { "Did you mean '\($0)'? " } ?? "")
        + "Please use --generate-completion-script with one of: " + shells.joined(separator: " ")
    case .unknownOption(let option, let suggestion):
      return "Unknown option '\(option)'" + (suggestion.map { ". Did you mean '\($0)'?" } ?? "")
    case .unknownSubcommand(let name, let suggestion, let names):
      let text = "Unknown subcommand '\(name)'"
      if let suggestion { return text + ". Did you mean '\(suggestion)'?" }
      return text
        + (names.isEmpty ? "" : "; there are " + names.map { "'\($0)'" }.joined(separator: ", "))
    case .missingSubcommand(let command, let names):
      return "Missing subcommand: '\(command)' needs one of "
        + names.map { "'\($0)'" }.joined(separator: ", ") + " first"
    case .superfluousOption(let option, let value):
      return "Unknown option '\(option)'; leave it out: '\(value)' stands without one"
    case .unexpectedArguments(let arguments, let suggestion):
      let list = arguments.map { "'\($0)'" }.joined(separator: ", ")
      // As word processors and web pages turn two hyphens into one.
      if let dash = arguments.first(where: { $0.hasPrefix("—") || $0.hasPrefix("–") }) {
        return "Unexpected argument '\(dash)': it begins with a long dash; options begin with two "
          + "hyphens: --\(dash.dropFirst())"
      }
      return arguments.count == 1
        ? "Unexpected argument \(list)"
          + (suggestion.map { ". Did you mean '\($0)'?" } ?? "")
        : "\(arguments.count) unexpected arguments: \(list)"
    case .missingValue(let definition, let name):
      return "Missing value for '\(name.synopsis) <\(definition.valueName)>'"
    case .unexpectedValue(let value, let name):
      return "The option '\(name.synopsis)' does not take any value, but '\(value)' was specified."
    case .invalidValue(let value, let definition, let name, let reason):
      let place = name.map { "\($0.synopsis) <\(definition.valueName)>" }
      var text = "The value '\(value)' is invalid for "
      text += "'\(place ?? "<\(definition.valueName)>")'"
      if let reason { return text + ": \(reason)" }
      let point = value.replacing(",", with: ".")
      let hasDecimalComma =
        definition.expectation == Double.expectation && point != value
        && Double(argument: point) != nil
      if definition.isList, value.contains(","), !hasDecimalComma {
        return text + "; its values stand apart: "
          + value.replacing(",", with: " ").split(separator: " ").joined(separator: " ")
      }
      if definition.allValues.isEmpty, let expectation = definition.expectation {
        return text + ": expected \(expectation)" + (hasDecimalComma ? "; write \(point)" : "")
      }
      return text
        + meant(by: value, among: definition.allValues, orAs: definition.otherValues, of: command)
    case .missingArgument(let definition):
      return "Missing expected argument '\(definition.messageName)'"
    case .validation(let error, let names): return names("\(error)")
    }
  }

  /// The line that explains the argument in question; empty when there is none.
  var argumentHelp: String {
    switch self {
    case .missingArgument(let definition): return definition.help(as: nil)
    case .missingValue(let definition, let name): return definition.help(as: name)
    case .invalidValue(_, let definition, let name, _): return definition.help(as: name)
    default: return ""
    }
  }
}

/// For the end of a message about a value that is none of those that there are: what may have been
/// meant, and which there are; empty where that is not known.
///
/// - Parameters:
///   - others: other names of some values.
///   - command: the names that lead to the command whose help lists them.
package func meant(
  by value: String, among values: [String], orAs others: [String: String] = [:],
  of command: [String] = []
) -> String {
  func digits(of text: String) -> String { String(text.filter(\.isNumber).sorted()) }
  guard let last = values.last else { return "" }
  guard values.count > 1 else { return ". Please provide '\(last)'." }
  // Another version of something is no slip of the pen.
  let alike = values.filter { ["", digits(of: value)].contains(digits(of: $0)) }
  let meant =
    others[value.lowercased()] ?? closest(to: value, in: alike)
    ?? values.first { value.count > 3 && $0.hasPrefix(value) }
  let near = meant.map { " Did you mean '\($0)'?" } ?? ""
  // A screen of names hides the one that was meant.
  guard values.count <= 16 else {
    let help = ([command.first ?? "", "help"] + command.dropFirst()).joined(separator: " ")
    let version = nearestVersion(of: value, in: values).map { " The nearest is '\($0)'." } ?? ""
    return "." + (meant == nil ? version : near) + (command.isEmpty ? " The help" : " '\(help)'")
      + " lists all \(values.count)."
  }
  let list = values.dropLast().map { "'\($0)'" }.joined(separator: ", ")
  return "." + near + " Please provide one of \(list) or '\(last)'."
}

/// Of names that begin like a word up to its first number, such as `yolov9`, the shortest of those with
/// the nearest number; nil where there is none.
private func nearestVersion(of word: String, in names: [String]) -> String? {
  func parts(_ text: String) -> (stem: String, number: Int)? {
    let stem = text.lowercased().prefix { !$0.isNumber }
    guard !stem.isEmpty, let number = Int(text.dropFirst(stem.count).prefix { $0.isNumber }) else {
      return nil
    }
    return (String(stem), number)
  }
  guard let (stem, number) = parts(word) else { return nil }
  let versions = names.compactMap { name -> (name: String, distance: Int)? in
    guard let own = parts(name), own.stem == stem else { return nil }
    return (name, abs(own.number - number))
  }
  return versions.min { ($0.distance, $0.name.count) < ($1.distance, $1.name.count) }?.name
}

/// What messages say about an argument.
struct ArgumentFacts: Sendable {
  var messageName: String
  var valueName: String
  var abstract: String
  var allValues: [String]
  /// Other names of some of them.
  var otherValues: [String: String]
  /// What a value has to be, where that is not a list.
  var expectation: String?
  /// Whether several values may follow one mention.
  var isList: Bool

  init(_ definition: ArgumentDefinition) {
    messageName = definition.messageName
    valueName = definition.valueName
    abstract = definition.help.abstract
    allValues = definition.allValues
    otherValues = definition.otherValues
    expectation = definition.expectation
    isList = definition.strategy == .upToNextOption
  }

  /// The line that explains it; empty where nothing does.
  ///
  /// - Parameter name: the one that was typed; its own unless given.
  fileprivate func help(as name: Name?) -> String {
    guard !abstract.isEmpty else { return "" }
    let name = name.map { "\($0.synopsis) <\(valueName)>" } ?? messageName
    return "Help:  \(name)  \(abstract)\n"
  }
}

/// An error together with where it happened: what to print, where, and the exit status.
struct ErrorReport {
  private let path: [any ParsableCommand.Type]
  private let error: any Error
  private let columns: Int?
  /// What may have been meant by a path that leads nowhere.
  private let advice: String?
  /// What the options are called in the arguments.
  private let names: TypedNames

  /// The report on an error that was thrown out of parsing `root`.
  init(_ error: any Error, root: any ParsableCommand.Type, columns: Int? = nil) {
    self.init(error, path: (error as? CommandError)?.path ?? [root], columns: columns)
  }

  /// The report on an error of the last command of `path`.
  ///
  /// - Parameter arguments: what the command was given.
  init(
    _ error: any Error, path: [any ParsableCommand.Type], arguments: [String] = [],
    columns: Int? = nil
  ) {
    self.path = (error as? CommandError)?.path ?? path
    self.columns = columns
    advice = arguments.isEmpty ? nil : path.last?.advice(on: "\(error)", arguments: arguments)
    names = path.last?.typedNames(arguments) ?? TypedNames()
    if let error = error as? CommandError {
      if case .validation(let inner, _) = error.kind,
        inner is CleanExit || inner is ExitCode
      {
        self.error = inner
      } else {
        self.error = error.kind
      }
    } else if error is ValidationError {
      self.error = ParserError.validation(error, names)
    } else {
      self.error = error
    }
  }

  var exitCode: ExitCode {
    switch error {
    case is CleanExit: .success
    case let code as ExitCode: code
    case ParserError.helpRequested, ParserError.versionRequested,
      ParserError.completionRequested:
      .success
    case is ParserError: .validationFailure
    case let error as any ExitStatusError: error.exitCode
    default: .failure
    }
  }

  var message: String {
    switch error {
    case let error as ParserError: error.message(of: commandNames)
    case is ExitCode: ""
    default: line.escaped
    }
  }

  /// The names that lead to the command.
  private var commandNames: [String] { path.map { $0.resolvedName } }

  /// What happened, and what may have been meant.
  private var line: String { names("\(error)") + (advice.map { "; \($0)" } ?? "") }

  /// Without a line break at the end.
  var fullText: String {
    switch error {
    case let clean as CleanExit:
      switch clean.kind {
      case .message(let text): return text
      case .help(let type):
        let target = type.flatMap { type in path.first.map { commandPath(from: $0, to: type) } }
        return HelpGenerator(path: target ?? path).text(columns: columns)
      }
    case is ExitCode: return ""
    case ParserError.helpRequested(let includeHidden):
      return HelpGenerator(path: path, includeHidden: includeHidden).text(columns: columns)
    case ParserError.versionRequested:
      return path.reversed().map { $0.configuration.version }.first { !$0.isEmpty } ?? ""
    case ParserError.completionRequested(let shell):
      return path.first.map { shell.script(for: CommandNode($0)) } ?? ""
    case let error as ParserError:
      let message = error.message(of: commandNames).escapedLines
      let help = HelpGenerator(path: path)
      return "Error: \(message)\n\(error.argumentHelp)Usage: \(help.usage)\n"
        + "  See '\(help.name) --help' for more information."
    case is any ExitStatusError: return "\(error)".escapedLines
    default:
      // One line, whatever is in the names that it holds.
      let line = "Error: \(line.escaped)"
      return (columns ?? StandardStream.error.columns).map { wrappedLine(line, to: $0) } ?? line
    }
  }

  func printAndExit() -> Never {
    // A reader that has gone needs no message, whatever it was to be told.
    if let error = error as? StreamError, error.isBrokenPipe { endProcess(.failure) }
    StatusLine.clear()
    var text = fullText
    if !text.isEmpty {
      let stream: StandardStream = exitCode.isSuccess ? .output : .error
      if error is ParserError, !exitCode.isSuccess, let columns = stream.columns {
        text = text.split(separator: "\n", omittingEmptySubsequences: false)
          .map { wrappedLine(String($0), to: columns) }.joined(separator: "\n")
      }
      do {
        try stream.write(text + "\n")
      } catch {
        if error.isBrokenPipe { endProcess(exitCode) }
        try? StandardStream.error.write("Error: \(error)\n")
        endProcess(exitCode.isSuccess ? .failure : exitCode)
      }
    }
    endProcess(exitCode)
  }
}

func endProcess(_ code: ExitCode) -> Never { exit(code.rawValue) }
