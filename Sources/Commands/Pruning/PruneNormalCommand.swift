import ArgumentParsing

/// `pare prune normal`.
package struct PruneNormalCommand: PruneMethodCommand {
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
    name: PruneShares.percentNames, help: PruneShares.percentHelp, transform: channelFraction)
  package var percent = 0.5

  @OptionGroup package var options: PruneOptions

  package init() {}
}
