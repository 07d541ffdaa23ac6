import ArgumentParsing

/// `pare prune layer-channel`.
package struct PruneLayerChannelCommand: PruneShareCommand {
  package static let defaultPercent = 0.6

  package static let configuration = CommandConfiguration(
    commandName: "layer-channel",
    abstract: "As slim, then as layer.",
    discussion: """
      The strongest. Judges blocks by the channels that slim leaves. Always fine-tune.
      """, optionsTitle: "Method options")

  @Option(
    name: PruneShares.percentNames, help: PruneShares.percentHelp(defaultPercent),
    transform: channelFraction)
  package var givenPercent: Double?

  @Option(help: PruneShares.layerKeepHelp)
  package var layerKeep = 0.01

  @Option(name: PruneShares.shortcutsNames, help: PruneShares.shortcutsHelp)
  package var shortcuts = 8

  @OptionGroup package var options: PruneOptions

  package init() {}

  package func validate() throws {
    try checkShare()
    try PruneShares.check(layerKeep: layerKeep)
    try PruneShares.check(shortcuts: shortcuts)
  }
}
