import ArgumentParsing

/// `pare prune normal`.
package struct PruneNormalCommand: PruneShareCommand {
  package static let defaultPercent = 0.5

  package static let configuration = CommandConfiguration(
    commandName: "normal",
    abstract: "Removes the channels with the smallest normalisation scales of all layers.",
    discussion: """
      Takes the least risk of all methods: channels that a shortcut adds together are judged as one, \
      by the largest of their scales, and go only when all of them are small. Long chains of \
      shortcuts mostly stay as wide as they are. Without --force no layer loses all its channels; \
      what is lost of mAP is another matter, which is measured on pictures.
      """, optionsTitle: "Method options")

  @Option(
    name: PruneShares.percentNames, help: PruneShares.percentHelp(defaultPercent),
    transform: channelFraction)
  package var givenPercent: Double?

  @OptionGroup package var options: PruneOptions

  package init() {}

  package func validate() throws { try checkShare() }
}
