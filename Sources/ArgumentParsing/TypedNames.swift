/// What the options of a command line are called there: messages name them so, whichever of an option's
/// names the message was written with.
struct TypedNames {
  /// By each name that was not typed, with hyphens, the one that was.
  private var typed: [String: String] = [:]
  /// All names that the command's help shows; nil where they are not known.
  private var known: Set<String>?

  /// No options: messages stay what they are.
  init() {}

  /// The message with the names that were typed, without a hint at an option that other commands have.
  func callAsFunction(_ message: String) -> String {
    let message = known.map { Self.withoutHints(message, known: $0) } ?? message
    guard !typed.isEmpty else { return message }
    // A name within a path is none.
    return message.replacing(/(^|[^\w\-\/.])(--?[A-Za-z][\w\-]*)/) { match in
      "\(match.1)\(typed[normalizedOption(String(match.2))] ?? String(match.2))"
    }
  }

  /// Without "; --data takes it", where the command has no such option.
  private static func withoutHints(_ message: String, known: Set<String>) -> String {
    message.replacing(/; (--[a-z][\w\-]*) takes (it|such a folder whole)/) { match in
      known.contains(normalizedOption(String(match.1))) ? String(match.0) : ""
    }
  }
}

extension TypedNames {
  /// - Parameters:
  ///   - mentions: of options, in their order. Of an option that is mentioned by several names the last
  ///     one counts, as its value does.
  ///   - definitions: all that the command has.
  init(_ mentions: [OptionTable.Mention], of definitions: [ArgumentDefinition]) {
    let shown = definitions.filter { $0.help.visibility == .default }
    known = Set(shown.flatMap { $0.names + $0.inverseNames }.map(\.key))
    for mention in mentions {
      let names = mention.isInverse ? mention.definition.inverseNames : mention.definition.names
      for name in names { typed[name.key] = mention.name.synopsis }
    }
  }
}

extension CommandScanner {
  /// What the options are called.
  func typedNames() throws -> TypedNames {
    var mentions: [OptionTable.Mention] = []
    try walk { mention, index, options in
      if !mention.definition.isFlag { _ = values(of: mention, &index, options) }
      mentions.append(mention)
    }
    return TypedNames(mentions, of: set.definitions)
  }
}

extension ParsableCommand {
  /// What the options of a command line are called there; nothing where it cannot be read.
  static func typedNames(_ arguments: [String]) -> TypedNames {
    let scanner = CommandScanner(arguments: arguments, set: ArgumentSet(self.init()))
    return (try? scanner.typedNames()) ?? TypedNames()
  }
}
