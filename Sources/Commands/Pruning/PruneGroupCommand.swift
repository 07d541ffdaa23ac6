import ArgumentParsing

/// `pare prune group`.
package struct PruneGroupCommand: PruneShareCommand {
  package static let defaultPercent = 0.8

  package static let configuration = CommandConfiguration(
    commandName: "group",
    abstract: "As slim, with a share for each stage of the network, and votes on added channels.",
    discussion: """
      Strong. Late stages usually bear more than early ones. Shares and boundaries are given in \
      the order of the cfg; without boundaries the stages are runs of layers of one grid. A layer \
      keeps its share, or 16 channels where that is none. Fine-tune.
      """, optionsTitle: "Method options")

  @Option(
    name: PruneShares.percentNames,
    help: ArgumentHelp(
      "Channels to remove of those that can be, in every stage: a fraction such as 0.5, or 50%; "
        + "\(defaultPercent) unless given.", valueName: "fraction"), transform: channelFraction)
  package var givenPercent: Double?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "A share for each stage, in place of --percent.", valueName: "fraction"),
    transform: channelFraction)
  package var percents: [Double] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Layers before which a new stage starts; the network's own unless given.", valueName: "layer")
  )
  package var boundaries: [Int] = []

  @Option(help: ArgumentHelp("How residual chains are judged.", valueName: "rule"))
  package var merge = MergeChoice.vote

  @Option(help: PruneShares.layerKeepHelp)
  package var layerKeep = 0.01

  @OptionGroup package var options: PruneOptions

  /// Whether the share of every stage is left open.
  package var leavesShareOpen: Bool { givenPercent == nil && percents.isEmpty }

  package init() {}

  package func validate() throws {
    try PruneShares.check(layerKeep: layerKeep)
    try require(
      percents.isEmpty || givenPercent == nil,
      "'--percents' takes the place of '--percent'; give one")
    if !percents.isEmpty {
      try PruneShares.refuse(curve: options.judgement.curve, advice: "; leave out '--percents'")
    }
    try checkShare()
    try require(
      zip(boundaries, boundaries.dropFirst()).allSatisfy(<) && (boundaries.first ?? 1) > 0,
      "'--boundaries' must be above 0 and ascend")
    try require(
      percents.isEmpty || boundaries.isEmpty || percents.count == boundaries.count + 1,
      "\(boundaries.count) boundaries make \(boundaries.count + 1) stages, but '--percents' has "
        + "\(percents.count) shares")
  }
}

/// How channels that are added together are judged as one.
package enum MergeChoice: String, ExpressibleByArgument, CaseIterable, Sendable {
  /// They stay when any of them would.
  case union
  /// They stay when half of them would.
  case vote
  /// They stay when the one of the narrowest layer would.
  case least
}
