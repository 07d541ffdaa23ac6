import ArgumentParsing

/// `pare prune eagleeye`.
package struct PruneEagleEyeCommand: PruneMethodCommand {
  package static let configuration = CommandConfiguration(
    commandName: "eagleeye",
    abstract: "Tries many random networks of one size and keeps the best on pictures.",
    discussion: """
      Strong, and needs no sparse training. Every candidate's statistics are re-estimated on \
      training pictures before it is judged on --split (arXiv 2007.02491). Takes an evaluation \
      a candidate. Fine-tune.
      """, optionsTitle: "Method options")

  @Option(help: ArgumentHelp("The layers that are drawn, and their rounding.", valueName: "kind"))
  package var base = EagleEyeBaseChoice.normal

  @Option(
    name: .customLong("percent"),
    help: ArgumentHelp(
      "Multiplications to remove: a fraction such as 0.5, or 50%; 0.5 unless given.",
      valueName: "fraction"),
    transform: channelFraction)
  package var givenPercent: Double?

  @Option(
    help: ArgumentHelp(
      "How far a candidate's share of multiplications may be off.", valueName: "fraction"))
  package var delta = 0.05

  @Option(help: ArgumentHelp("Candidates to judge.", valueName: "n"))
  package var number = 200

  @Option(
    name: [.customLong("multiple"), .customLong("channel-base")],
    help: ArgumentHelp("What widths are rounded to, with '--base regular'.", valueName: "n"))
  package var multiple = 8

  @OptionGroup package var options: PruneOptions

  /// The share of the multiplications to remove.
  package var percent: Double { givenPercent ?? 0.5 }

  package init() {}

  package func validate() throws {
    try PruneShares.refuse(curve: options.judgement.curve)
    try PruneShares.check(multiple: multiple)
    try require("--delta", delta, in: 0.001...0.5)
    try require("--number", number, in: 1...100_000)
    try require(
      options.mayHaveData,
      "'eagleeye' judges its candidates on the pictures of a '--data' file")
  }
}

/// Which candidates are drawn.
package enum EagleEyeBaseChoice: String, ExpressibleByArgument, CaseIterable, Sendable {
  /// Layers that no shortcut adds, where the scope is legacy.
  case normal
  /// Residual chains too.
  case slim
  /// As slim, with rounded widths.
  case regular
}
