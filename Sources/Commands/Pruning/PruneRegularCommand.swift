import ArgumentParsing

/// `pare prune regular`.
package struct PruneRegularCommand: PruneShareCommand {
  package static let defaultPercent = 0.5

  package static let configuration = CommandConfiguration(
    commandName: "regular",
    abstract: "As normal, with widths that are multiples of a number.",
    discussion: """
      As normal, but for speed: odd widths are slow on most machines. Keeps a little more than normal.
      """, optionsTitle: "Method options")

  @Option(
    name: PruneShares.percentNames, help: PruneShares.percentHelp(defaultPercent),
    transform: channelFraction)
  package var givenPercent: Double?

  @Option(help: PruneShares.multipleHelp)
  package var multiple = 8

  @OptionGroup package var options: PruneOptions

  package init() {}

  package func validate() throws {
    try checkShare()
    try PruneShares.check(multiple: multiple)
  }
}
