/// What the options of a command line are called there: messages name them so, whichever of an option's
/// names the message was written with.
struct TypedNames {
  /// By each name that was not typed, with hyphens, the one that was.
  private var typed: [String: String] = [:]

  /// No options: messages stay what they are.
  init() {}

  /// The message with the names that were typed.
  func callAsFunction(_ message: String) -> String {
    guard !typed.isEmpty else { return message }
    // A name within a path is none.
    return message.replacing(/(^|[^\w\-\/.])(--?[A-Za-z][\w\-]*)/) { match in
      "\(match.1)\(typed[normalizedOption(String(match.2))] ?? String(match.2))"
    }
  }
}

extension TypedNames {
  /// - Parameter mentions: of options, in their order. Of an option that is mentioned by several names
  ///   the last one counts, as its value does.
  init(_ mentions: [OptionTable.Mention]) {
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
    return TypedNames(mentions)
  }
}

extension ParsableCommand {
  /// What the options of a command line are called there; nothing where it cannot be read.
  static func typedNames(_ arguments: [String]) -> TypedNames {
    let scanner = CommandScanner(arguments: arguments, set: ArgumentSet(self.init()))
    return (try? scanner.typedNames()) ?? TypedNames()
  }
}
