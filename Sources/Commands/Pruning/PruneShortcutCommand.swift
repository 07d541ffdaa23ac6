import ArgumentParsing

/// `pare prune shortcut`.
package struct PruneShortcutCommand: PruneShareCommand {
  package static let defaultPercent = 0.6

  package static let configuration = CommandConfiguration(
    commandName: "shortcut",
    abstract: "As normal, but channels that are added follow the first of their layers.",
    discussion: """
      Strong. The first convolution of a chain decides for all that is added to it, so more \
      goes than with slim, and what the others would keep is lost: fine-tune.
      """, optionsTitle: "Method options")

  @Option(
    name: PruneShares.percentNames, help: PruneShares.percentHelp(defaultPercent),
    transform: channelFraction)
  package var givenPercent: Double?

  @OptionGroup package var options: PruneOptions

  package init() {}

  package func validate() throws { try checkShare() }
}
