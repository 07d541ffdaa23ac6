import ArgumentParsing

/// `pare prune normal`.
package struct PruneNormalCommand: PruneMethodCommand {
  package static let configuration = CommandConfiguration(
    commandName: "normal",
    abstract: "Removes the channels with the smallest normalisation scales of all layers.",
    discussion: """
      Gentle. Channels that are added together are judged as one, by the largest of their \
      scales, so wide residual chains mostly stay. Without --force no layer loses all its channels; \
      what is lost of mAP is another matter, which --data measures.
      """, optionsTitle: "Method options")

  @Option(
    name: PruneShares.percentNames, help: PruneShares.percentHelp, transform: channelFraction)
  package var percent = 0.5

  @OptionGroup package var options: PruneOptions

  package init() {}
}
