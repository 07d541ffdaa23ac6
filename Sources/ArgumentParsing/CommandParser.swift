import Terminal

/// Reads a command line: finds the command, sets its properties, checks them.
struct CommandParser {
  var root: any ParsableCommand.Type

  struct Result {
    var command: any ParsableCommand
    var path: [any ParsableCommand.Type]
    /// Those of the command itself, without the names that lead to it.
    var arguments: [String]
    /// What may be a slip of the pen, one line each.
    var notices: [String] = []
  }

  /// - Throws: ``CommandError``.
  func parse(_ arguments: [String]) throws -> Result {
    var path: [any ParsableCommand.Type] = [root]
    do {
      return try descend(arguments, &path)
    } catch let error as ParserError {
      throw CommandError(path: path, kind: error)
    }
  }

  /// Follows subcommand names, then parses what is left into the last command.
  private func descend(
    _ arguments: [String], _ path: inout [any ParsableCommand.Type]
  ) throws -> Result {
    var command = root
    var rest = arguments[...]
    var before: [String] = []
    while !command.configuration.subcommands.isEmpty {
      // Options that stand before a subcommand's name are handed on to it.
      while let next = rest.first, next.hasPrefix("-"), next != "--" {
        before.append(next)
        rest.removeFirst()
      }
      guard let name = rest.first, name != "--" else { break }
      if name == "help", path.count == 1 { throw helpRequest(rest.dropFirst(), &path) }
      guard let subcommand = command.subcommand(named: name) else {
        guard command.configuration.defaultSubcommand == nil else { break }
        try requestBuiltIns(arguments, path)
        let known = command.configuration.subcommands.flatMap { $0.allNames }
        let suggestion =
          closest(to: name, in: known) ?? root.commands(named: name, isWhole: path.count > 1)
        let isPath = name.contains("/") || MissingFile(name) == nil
        if suggestion == nil, !before.isEmpty || isPath {
          throw missingSubcommand(of: command, path)
        }
        throw ParserError.unknownSubcommand(
          name, suggestion: suggestion,
          names: path.count > 1 ? command.configuration.subcommands.map { $0.resolvedName } : [])
      }
      rest.removeFirst()
      path.append(subcommand)
      command = subcommand
    }
    if path.count > 1, !before.isEmpty, !command.configuration.subcommands.isEmpty,
      command.configuration.defaultSubcommand == nil
    {
      try requestBuiltIns(arguments, path)
      throw missingSubcommand(of: command, path)
    }
    while let byDefault = command.configuration.defaultSubcommand {
      path.append(byDefault)
      command = byDefault
    }
    let remaining = before + rest
    try requestBuiltIns(remaining, path)
    var parsed = command.init()
    let scanner = CommandScanner(arguments: remaining, set: ArgumentSet(parsed))
    try scanner.scan()
    do {
      for group in ArgumentSet(parsed).groups { try group.validateContents() }
      try parsed.validate()
    } catch {
      throw ParserError.validation(error, try scanner.typedNames())
    }
    return Result(
      command: parsed, path: path, arguments: remaining, notices: try scanner.contradictions())
  }

  private func missingSubcommand(
    of command: any ParsableCommand.Type, _ path: [any ParsableCommand.Type]
  ) -> ParserError {
    .missingSubcommand(
      of: path.map { $0.resolvedName }.joined(separator: " "),
      names: command.configuration.subcommands.map { $0.resolvedName })
  }

  /// `help a b`: the request for the help of the command that the names lead to.
  private func helpRequest(
    _ names: ArraySlice<String>, _ path: inout [any ParsableCommand.Type]
  ) -> ParserError {
    for name in names where !name.hasPrefix("-") {
      let command = path[path.count - 1]
      guard let next = command.subcommand(named: name) else {
        let known = command.configuration.subcommands.flatMap { $0.allNames }
        return .unknownSubcommand(name, suggestion: closest(to: name, in: known), names: [])
      }
      path.append(next)
    }
    return .helpRequested(includeHidden: names.contains("--help-hidden"))
  }

  /// Answers `--help`, `--version` and `--generate-completion-script`, wherever they stand.
  private func requestBuiltIns(
    _ arguments: [String], _ path: [any ParsableCommand.Type]
  ) throws {
    let options = arguments.prefix { $0 != "--" }
    for (index, argument) in options.enumerated() {
      switch argument {
      case "-h", "--help", "-help": throw ParserError.helpRequested(includeHidden: false)
      case "--help-hidden", "-help-hidden":
        throw ParserError.helpRequested(includeHidden: true)
      case "--version" where path.contains { !$0.configuration.version.isEmpty }:
        throw ParserError.versionRequested
      case _ where path.count == 1 && argument.hasPrefix("--generate-completion-script"):
        let joined = argument.dropFirst("--generate-completion-script".count)
        guard joined.isEmpty || joined.hasPrefix("=") else { continue }
        let next = index + 1 < options.count ? options[index + 1] : ""
        let name = joined.isEmpty ? next : String(joined.dropFirst())
        guard let shell = CompletionShell(rawValue: name) else {
          throw ParserError.unknownShell(name)
        }
        throw ParserError.completionRequested(shell)
      default: continue
      }
    }
  }
}

extension ParsableCommand {
  /// The commands of this name here or further down, as they are typed; nil where there is none.
  ///
  /// - Parameter isWhole: whether the program's own name is to stand before them.
  fileprivate static func commands(named name: String, isWhole: Bool) -> String? {
    func found(_ command: any ParsableCommand.Type, _ words: [String]) -> [String] {
      command.configuration.subcommands.flatMap { below in
        let words = words + [below.resolvedName]
        return (below.allNames.contains(name) ? [words.joined(separator: " ")] : [])
          + found(below, words)
      }
    }
    let all = found(self, isWhole ? [resolvedName] : [])
    return all.isEmpty ? nil : all.joined(separator: "' or '")
  }
}

/// Gives one command's arguments to its definitions.
struct CommandScanner {
  var arguments: [String]
  var set: ArgumentSet

  func scan() throws {
    let positionals = try walk(apply)
    let extra = try place(positionals)
    guard extra.isEmpty else {
      throw ParserError.unexpectedArguments(
        extra, suggestion: extra.count == 1 ? try option(for: extra[0]) : nil)
    }
    // Wrappers share their storage with the command, so they know what has been given.
    for entry in set.entries where !entry.wrapper.hasValue {
      throw ParserError.missingArgument(ArgumentFacts(entry.definition))
    }
  }

  /// Goes over the arguments, and gives those that belong to no option.
  ///
  /// - Parameter visit: takes an option that is named, with the index of what follows it, and moves
  ///   that past its values.
  @discardableResult
  func walk(
    _ visit: (_ mention: OptionTable.Mention, _ index: inout Int, _ options: OptionTable) throws ->
      Void
  ) throws -> [String] {
    let options = OptionTable(set.definitions)
    var positionals: [String] = []
    var index = 0
    while index < arguments.count {
      let argument = arguments[index]
      index += 1
      if argument == "--" { return positionals + arguments[index...] }
      guard options.looksLikeOption(argument) else {
        positionals.append(argument)
        continue
      }
      do {
        for mention in try options.mentions(in: argument) { try visit(mention, &index, options) }
      } catch ParserError.unknownOption(let option, let suggestion) {
        let value = argument.contains("=") ? argument.dropFirst(option.count + 1) : nil
        throw superfluous(
          option, value.map(String.init) ?? arguments.dropFirst(index).first,
          isLikeAnother: suggestion != nil)
          ?? .unknownOption(option, suggestion: suggestion)
      }
    }
    return positionals
  }

  /// What a lone path was meant as: the option, not given yet, that takes files with its ending; for a
  /// folder the one that takes such folders, a file in it, or files of any kind.
  private func option(for path: String) throws -> String? {
    // These files are written.
    let used = try given().map(\.name) + ["--output", "--json"]
    let options = set.definitions.filter { definition in
      !definition.isPositional && definition.help.visibility == .default
        && !used.contains(definition.preferredName?.synopsis ?? "")
    }
    func suggestion(
      _ value: String, _ takes: (CompletionKind) -> Bool
    ) -> String? {
      options.first { takes($0.completion) }?.preferredName.map { "\($0.synopsis) \(value)" }
    }
    if let option = suggestion(path, { $0.takesFile(path) }) { return option }
    guard let names = MissingFile.contents(of: path) else { return nil }
    if let option = suggestion(path, { $0.takesFolder(with: names) }) { return option }
    // A second folder of that kind is no place to take a file from.
    if set.definitions.contains(where: { $0.completion.takesFolder(with: names) }) { return nil }
    let folder = path.hasSuffix("/") ? path : path + "/"
    let inside = names.lazy.compactMap { name in suggestion(folder + name) { $0.takesFile(name) } }
    return inside.first ?? suggestion(path) { $0.kind == .file(extensions: []) }
  }

  /// The mistake of an option before a file or folder that is an argument by itself; nil where it is
  /// none.
  ///
  /// - Parameter isLikeAnother: whether the option is like one that there is; then it is that one, unless
  ///   the file's ending says what it is.
  private func superfluous(
    _ option: String, _ value: String?, isLikeAnother: Bool
  ) -> ParserError? {
    guard let value else { return nil }
    // Runs go by their names, too.
    let isThere = [value, "runs/\(value)"].contains { MissingFile($0) == nil }
    let takes = set.definitions.contains { definition in
      definition.isPositional
        && (definition.completion.takesFile(value)
          || definition.completion == .file() && isThere && !isLikeAnother)
    }
    return takes ? .superfluousOption(option, value: value) : nil
  }

  /// The values that follow a mention of an option.
  func values(
    of mention: OptionTable.Mention, _ index: inout Int, _ options: OptionTable
  ) -> [String] {
    var values = mention.value.map { [$0] } ?? []
    func next(unconditionally: Bool) -> String? {
      guard index < arguments.count else { return nil }
      let candidate = arguments[index]
      guard unconditionally || !options.looksLikeOption(candidate) else { return nil }
      index += 1
      return candidate
    }
    switch mention.definition.strategy {
    case .next, .unconditional:
      let isUnconditional = mention.definition.strategy == .unconditional
      if values.isEmpty, let value = next(unconditionally: isUnconditional) { values.append(value) }
    case .upToNextOption:
      while let value = next(unconditionally: false) { values.append(value) }
    case .remaining:
      while let value = next(unconditionally: true) { values.append(value) }
    }
    return values
  }

  private func apply(
    _ mention: OptionTable.Mention, _ index: inout Int, _ options: OptionTable
  ) throws {
    let definition = mention.definition
    switch definition.kind {
    case .flag(let apply):
      if let value = mention.value { throw ParserError.unexpectedValue(value, mention.name) }
      apply(!mention.isInverse)
    case .positional: return
    case .option(let take):
      let values = values(of: mention, &index, options)
      guard !values.isEmpty else {
        throw ParserError.missingValue(ArgumentFacts(definition), mention.name)
      }
      for value in values { try give(value, to: take, definition, mention.name) }
    }
  }

  /// Hands positional arguments to their definitions; returns those that found none.
  private func place(_ positionals: [String]) throws -> [String] {
    var rest = positionals[...]
    for definition in set.definitions {
      guard case .positional(let take) = definition.kind else { continue }
      repeat {
        guard let value = rest.popFirst() else { break }
        try give(value, to: take, definition, nil)
      } while definition.isRepeating
    }
    return Array(rest)
  }

  private func give(
    _ value: String, to take: (String) throws -> Void, _ definition: ArgumentDefinition,
    _ name: Name?
  ) throws {
    do {
      try take(value)
    } catch is InvalidValue {
      throw ParserError.invalidValue(value, ArgumentFacts(definition), name, reason: nil)
    } catch {
      throw ParserError.invalidValue(value, ArgumentFacts(definition), name, reason: "\(error)")
    }
  }
}

/// The names that a command knows.
struct OptionTable {
  struct Mention {
    var definition: ArgumentDefinition
    var name: Name
    var isInverse = false
    var value: String?
  }

  private var byKey: [String: Mention] = [:]
  private var visibleNames: [String] = []

  init(_ definitions: [ArgumentDefinition]) {
    for definition in definitions {
      for (names, isInverse) in [(definition.names, false), (definition.inverseNames, true)] {
        for name in names {
          byKey[name.key] = Mention(definition: definition, name: name, isInverse: isInverse)
          if definition.help.visibility == .default { visibleNames.append(name.synopsis) }
        }
      }
    }
    visibleNames += ["--help", "--version"]
  }

  /// A lone dash is a value (standard input), and so is a negative number, with a percent sign or without.
  func looksLikeOption(_ argument: String) -> Bool {
    guard argument.hasPrefix("-"), argument.count > 1 else { return false }
    guard let second = argument.dropFirst().first else { return false }
    if second.isASCII, second.isNumber || second == ".",
      Double(argument.hasSuffix("%") ? String(argument.dropLast()) : argument) != nil
    {
      return byKey["-" + String(second)] != nil
    }
    return true
  }

  /// The option that an argument names, or the letters of a cluster such as `-abc`.
  func mentions(in argument: String) throws -> [Mention] {
    let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let value = parts.count == 2 ? String(parts[1]) : nil
    if var mention = byKey[normalizedOption(String(parts[0]))] {
      mention.value = value
      mention.name = mention.name.typed(String(parts[0]))
      return [mention]
    }
    if !argument.hasPrefix("--"), let cluster = cluster(argument) { return cluster }
    let unknown = String(parts[0])
    throw ParserError.unknownOption(
      unknown, suggestion: closest(to: normalizedOption(unknown), in: visibleNames))
  }

  private func cluster(_ argument: String) -> [Mention]? {
    let letters = argument.dropFirst()
    var mentions: [Mention] = []
    for index in letters.indices {
      guard var mention = byKey["-" + String(letters[index])] else { return nil }
      let rest = letters[letters.index(after: index)...]
      if case .short(_, allowingJoined: true) = mention.name, !rest.isEmpty {
        mention.value = String(rest)
        return mentions + [mention]
      }
      mentions.append(mention)
    }
    // Only the last letter of a cluster can take the next argument as its value.
    guard mentions.dropLast().allSatisfy(\.definition.isFlag) else { return nil }
    return mentions
  }
}

extension ParsableCommand {
  /// The command's name and aliases.
  static var allNames: [String] { [resolvedName] + configuration.aliases }

  static func subcommand(named name: String) -> (any ParsableCommand.Type)? {
    configuration.subcommands.first { $0.allNames.contains(name) }
  }
}
