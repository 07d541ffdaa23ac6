import ArgumentParsing

/// `pare prune slim`.
package struct PruneSlimCommand: PruneShareCommand {
  package static let defaultPercent = 0.8

  package static let configuration = CommandConfiguration(
    commandName: "slim",
    abstract: "As normal, but channels that are added stay when any of their layers wants them.",
    discussion: """
      Moderate. Every channel has its own verdict; a layer keeps at least a share of its channels, \
      so with --force even large shares leave a network.
      """, optionsTitle: "Method options")

  @Option(
    name: PruneShares.percentNames, help: PruneShares.percentHelp(defaultPercent),
    transform: channelFraction)
  package var givenPercent: Double?

  @Option(help: PruneShares.layerKeepHelp)
  package var layerKeep = 0.01

  @OptionGroup package var options: PruneOptions

  package init() {}

  package func validate() throws {
    try checkShare()
    try PruneShares.check(layerKeep: layerKeep)
  }
}
