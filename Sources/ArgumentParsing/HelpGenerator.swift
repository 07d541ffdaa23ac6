import Terminal

/// Writes a command's usage line and help screen.
struct HelpGenerator {
  /// From the root to the command in question.
  private let path: [any ParsableCommand.Type]
  /// The arguments that the help shows.
  private let visible: [ArgumentDefinition]

  init(path: [any ParsableCommand.Type], includeHidden: Bool = false) {
    self.path = path
    visible = ArgumentSet(path[path.count - 1].init()).definitions.filter {
      $0.help.visibility == .default || (includeHidden && $0.help.visibility == .hidden)
    }
  }

  /// `pare dataset split`.
  var name: String { path.map { $0.resolvedName }.joined(separator: " ") }

  private var command: any ParsableCommand.Type { path[path.count - 1] }
  private var subcommands: [any ParsableCommand.Type] {
    command.configuration.subcommands.filter { $0.configuration.shouldDisplay }
  }

  /// What a usage line may take, in columns.
  private static let usageColumns = 80

  /// `pare test --cfg <cfg> [--batch-size <batch-size>]`; where that is too long, what may be left out
  /// becomes `[<options>]`.
  var usage: String { usageWords.joined(separator: " ") }

  /// The usage line in pieces that stay together when it is wrapped.
  private var usageWords: [String] {
    if let usage = command.configuration.usage { return [usage] }
    let shown = visible.filter { $0.help.visibility == .default }
    let options = shown.filter { !$0.isPositional }
    let positionals = shown.filter(\.isPositional)
    let end = command.configuration.subcommands.isEmpty ? [] : ["<subcommand>"]
    let whole = [name] + shown.map(\.usageSynopsis) + end
    guard "Usage: \(whole.joined(separator: " "))".count > Self.usageColumns else { return whole }
    return [name, "[<options>]"] + options.filter(\.isRequired).map(\.usageSynopsis)
      + positionals.map(\.usageSynopsis) + end
  }

  /// The whole screen, without a line break at the end.
  ///
  /// - Parameter columns: the width to wrap at; the terminal's, or 80, when `nil`.
  func text(columns: Int? = nil) -> String {
    let width = max(columns ?? terminalColumns(), 40)
    let configuration = command.configuration
    var parts: [String] = []
    if !configuration.abstract.isEmpty {
      var overview = wrap("OVERVIEW: " + configuration.abstract, to: width)
      if !configuration.discussion.isEmpty {
        overview += "\n\n" + wrap(configuration.discussion, to: width)
      }
      parts.append(overview)
    }
    parts.append(wrap(words: ["USAGE:"] + usageWords, to: width, hanging: 7))
    parts += sections.map { title, rows in
      "\(title):\n" + rows.map { $0.text(width) }.joined(separator: "\n")
    }
    if !command.examples.isEmpty {
      let lines = command.examples.flatMap { $0.split(separator: "\n") }
      parts.append("EXAMPLES:\n" + lines.map { "  " + $0 }.joined(separator: "\n"))
    }
    if !subcommands.isEmpty {
      let root = path[0].resolvedName
      let below = (path.dropFirst().map { $0.resolvedName } + ["<subcommand>"]).joined(
        separator: " ")
      parts.append("  See '\(root) help \(below)' for detailed help.")
    }
    return parts.joined(separator: "\n\n")
  }

  private var sections: [(title: String, rows: [HelpRow])] {
    var sections: [(title: String, rows: [HelpRow])] = []
    func add(_ title: String, _ rows: [HelpRow]) {
      guard !rows.isEmpty else { return }
      if let known = sections.firstIndex(where: { $0.title == title }) {
        sections[known].rows += rows
      } else {
        sections.append((title, rows))
      }
    }
    add("ARGUMENTS", visible.filter(\.isPositional).map(HelpRow.init))
    for definition in visible where !definition.isPositional && !definition.section.isEmpty {
      add(definition.section.uppercased(), [HelpRow(definition)])
    }
    add(
      "OPTIONS",
      visible.filter { !$0.isPositional && $0.section.isEmpty }.map(HelpRow.init))
    if path.contains(where: { !$0.configuration.version.isEmpty }) {
      add("OPTIONS", [HelpRow(label: "--version", text: "Show the version.")])
    }
    add("OPTIONS", [HelpRow(label: "-h, --help", text: "Show help information.")])
    let byDefault = command.configuration.defaultSubcommand
    add(
      "SUBCOMMANDS",
      subcommands.map { subcommand in
        let isDefault = byDefault.map { ObjectIdentifier($0) == ObjectIdentifier(subcommand) }
        let names = subcommand.allNames.joined(separator: ", ")
        return HelpRow(
          label: isDefault == true ? names + " (default)" : names,
          text: subcommand.configuration.abstract)
      })
    return sections
  }
}

/// One line of a section: a label on the left and a text from column 26 on.
private struct HelpRow {
  var label: String
  var text: String
  var discussion = ""

  init(label: String, text: String) {
    self.label = label
    self.text = text
  }

  init(_ definition: ArgumentDefinition) {
    label = definition.helpLabel
    var facts: [String] = []
    if !definition.allValues.isEmpty {
      facts.append("values: " + definition.allValues.joined(separator: ", "))
    }
    if !definition.defaultDescription.isEmpty {
      facts.append("default: " + definition.defaultDescription)
    }
    let suffix = facts.isEmpty ? "" : "(\(facts.joined(separator: "; ")))"
    text = [definition.help.abstract, suffix].filter { !$0.isEmpty }.joined(separator: " ")
    discussion = definition.help.discussion
  }

  func text(_ width: Int) -> String {
    let column = 26
    let start = "  " + label
    let indent = String(repeating: " ", count: column)
    let lines = wrap(text, to: width - column).split(separator: "\n").map(String.init)
    var result: [String]
    if lines.isEmpty {
      result = [start]
    } else if start.count < column {
      let padding = String(repeating: " ", count: column - start.count)
      result = [start + padding + lines[0]] + lines.dropFirst().map { indent + $0 }
    } else {
      result = [start] + lines.map { indent + $0 }
    }
    if !discussion.isEmpty {
      let text = wrap(discussion, to: width - column - 2)
      result += text.split(separator: "\n", omittingEmptySubsequences: false)
        .map { $0.isEmpty ? "" : indent + "  " + $0 }
    }
    return result.joined(separator: "\n")
  }
}
