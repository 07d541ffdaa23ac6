import ArgumentParsing

/// `pare prune layer`.
package struct PruneLayerCommand: PruneMethodCommand {
  package static let configuration = CommandConfiguration(
    commandName: "layer",
    abstract: "Removes whole residual blocks, those with the smallest mean scale.",
    discussion: """
      Strong, and the most speed for what is removed: layers cost time whatever their width. \
      Always fine-tune.
      """, optionsTitle: "Method options")

  @Option(name: PruneShares.shortcutsNames, help: PruneShares.shortcutsHelp)
  package var shortcuts = 8

  @OptionGroup package var options: PruneOptions

  package init() {}

  package func validate() throws {
    try PruneShares.refuse(curve: options.judgement.curve)
    try PruneShares.check(shortcuts: shortcuts)
  }
}
