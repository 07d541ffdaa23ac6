import ArgumentParsing

/// `pare prune target`.
package struct PruneTargetCommand: PruneMethodCommand {
  package static let configuration = CommandConfiguration(
    commandName: "target",
    abstract: "Prunes until the network is as small or as fast as asked.",
    discussion: """
      Finds the share by bisection. Of itself it rounds widths to multiples and lets channels \
      that are added count together; --base takes another method. --latency times candidates on \
      this machine, --max-drop evaluates them: minutes.
      """, optionsTitle: "Method options")

  @Option(
    help: ArgumentHelp("Parameters that remain, such as 30% or 5M.", valueName: "amount"),
    transform: { try Budget($0, units: ["": 1]) })
  package var params: Budget?

  @Option(
    help: ArgumentHelp("Multiplications that remain, such as 30% or 2G.", valueName: "amount"),
    transform: { try Budget($0, units: ["": 1]) })
  package var macs: Budget?

  @Option(
    help: ArgumentHelp(
      "Size of the weights that remains, such as 30% or 5MB.", valueName: "amount"),
    transform: { try Budget($0, units: ["B": 1, "": 1]) })
  package var weightsSize: Budget?

  @Option(
    help: ArgumentHelp("Time of a picture, such as 8ms or 50%.", valueName: "time"),
    transform: { try Budget($0, units: ["ms": 1, "s": 1000]) })
  package var latency: Budget?

  @Option(
    help: ArgumentHelp(
      "Points of mAP@0.5 and of mAP@0.5:0.95 that may be lost before fine-tuning.",
      valueName: "points"),
    transform: points)
  package var maxDrop: Double?

  @Option(
    help: ArgumentHelp("The method whose share is searched for.", valueName: "method"))
  package var base = PruneTargetBaseChoice.sum

  @Option(name: PruneShares.shortcutsNames, help: PruneShares.targetShortcutsHelp)
  package var shortcuts = 0

  @Option(help: PruneShares.multipleHelp)
  package var multiple = 8

  @OptionGroup package var options: PruneOptions

  package init() {}

  package func validate() throws {
    try PruneShares.check(multiple: multiple)
    try require("--shortcuts", shortcuts, in: 0...1024)
    let removesBlocks = [.layerChannel, .layerChannelRegular].contains(base)
    try require(
      shortcuts == 0 || removesBlocks,
      "'--shortcuts' goes with '--base layer-channel' and '--base layer-channel-regular'")
    try require("--max-drop", maxDrop, in: 0...100)
    let given = [params, macs, weightsSize, latency].count { $0 != nil } + (maxDrop == nil ? 0 : 1)
    try require(
      given == 1,
      "one of '--params', '--macs', '--weights-size', '--latency' and '--max-drop' says what to "
        + "reach; \(given) are given")
    try require(
      maxDrop == nil || options.mayHaveData,
      "'--max-drop' is measured on the pictures of '--data'")
  }
}

/// Which method `pare prune target` drives.
package enum PruneTargetBaseChoice: String, ExpressibleByArgument, CaseIterable, Sendable {
  /// Channels that are added together go by their added scores; rounded widths.
  case sum
  case normal
  case regular
  case shortcut
  case slim
  case layerChannel = "layer-channel"
  case layerChannelRegular = "layer-channel-regular"
}
