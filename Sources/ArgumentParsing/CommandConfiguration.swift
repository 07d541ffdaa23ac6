/// What a command is called and what its help says.
public struct CommandConfiguration: Sendable {
  /// The name on the command line; `nil` takes the type's name in kebab case.
  public var commandName: String?
  /// One sentence, shown first in the help and in the parent's list of subcommands.
  public var abstract: String
  /// The usage line; `nil` writes it from the arguments.
  public var usage: String?
  /// Longer text under the abstract.
  public var discussion: String
  /// Heads the command's own options in its help, beside those of titled groups.
  public var optionsTitle: String
  /// What `--version` prints; empty means that there is no `--version`.
  public var version: String
  /// Whether the parent's help lists the command.
  public var shouldDisplay: Bool
  /// The commands below this one.
  public var subcommands: [any ParsableCommand.Type]
  /// The subcommand that runs when none is named.
  public var defaultSubcommand: (any ParsableCommand.Type)?
  /// Further names for the command, accepted but not listed first.
  public var aliases: [String]

  /// Makes a configuration.
  public init(
    commandName: String? = nil, abstract: String = "", usage: String? = nil,
    discussion: String = "", optionsTitle: String = "", version: String = "",
    shouldDisplay: Bool = true,
    subcommands: [any ParsableCommand.Type] = [],
    defaultSubcommand: (any ParsableCommand.Type)? = nil, aliases: [String] = []
  ) {
    self.commandName = commandName
    self.abstract = abstract
    self.usage = usage
    self.discussion = discussion
    self.optionsTitle = optionsTitle
    self.version = version
    self.shouldDisplay = shouldDisplay
    self.subcommands = subcommands
    self.defaultSubcommand = defaultSubcommand
    self.aliases = aliases
  }
}
