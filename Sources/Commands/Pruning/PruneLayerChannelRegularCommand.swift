import ArgumentParsing

/// `pare prune layer-channel-regular`.
package struct PruneLayerChannelRegularCommand: PruneShareCommand {
  package static let defaultPercent = 0.6

  package static let configuration = CommandConfiguration(
    commandName: "layer-channel-regular",
    abstract: "As shortcut with rounded widths, then as layer.",
    discussion: """
      The strongest, for speed. Always fine-tune.
      """, optionsTitle: "Method options")

  @Option(
    name: PruneShares.percentNames, help: PruneShares.percentHelp(defaultPercent),
    transform: channelFraction)
  package var givenPercent: Double?

  @Option(help: PruneShares.multipleHelp)
  package var multiple = 8

  @Option(name: PruneShares.shortcutsNames, help: PruneShares.shortcutsHelp)
  package var shortcuts = 8

  @Option(name: .customLong("layer_keep"), help: .hidden) var layerKeep: Double?

  @OptionGroup package var options: PruneOptions

  package init() {}

  package func validate() throws {
    try checkShare()
    try PruneShares.check(multiple: multiple)
    try PruneShares.check(shortcuts: shortcuts)
  }

  package var notices: [String] {
    options.notices
      + (layerKeep == nil
        ? [] : ["'--layer_keep' changes nothing: every layer keeps a multiple of its own"])
  }
}
