import ArgumentParsing

/// `pare anchors`.
package struct AnchorsCommand: PictureReadingCommand {
  package static let configuration = CommandConfiguration(
    commandName: "anchors",
    abstract: "Finds box shapes (anchors) that suit a data set, and says how well they do.",
    discussion: """
      The anchors are printed as 'pare config new --anchors' takes them. They are clusters of the \
      sizes that the boxes have in the network's input, improved by random changes.
      """)

  /// What makes a good set of anchors.
  package enum MethodChoice: String, ExpressibleByArgument, CaseIterable, Sendable {
    case iou, legacy
  }

  @Option(
    help: ArgumentHelp(
      "The data set's .data file; that of the run unless given.", valueName: "file"),
    completion: .file(extensions: ["data"]))
  package var data: String?

  @Option(help: ArgumentHelp("The split of the data set to fit.", valueName: "split"))
  package var split = DataSplitChoice.train

  @OptionGroup package var network: FittedNetworkOptions

  @Option(help: ArgumentHelp("Number of anchors; 9 without '--cfg'.", valueName: "n"))
  package var clusters: Int?

  @Option(
    help: ArgumentHelp(
      "How boxes are grouped: by overlap (iou), or by distance, as earlier Python programs did (legacy).",
      valueName: "kind"))
  package var method = MethodChoice.iou

  @Option(help: ArgumentHelp("Random changes that are tried after clustering.", valueName: "n"))
  package var mutations = 1000

  @Option(help: ArgumentHelp("Seed of every random choice.", valueName: "n"))
  package var seed: UInt64 = 0

  @OptionGroup package var pictureOptions: PictureOptions
  @OptionGroup package var report: ReportOptions

  package init() {}

  package func validate() throws {
    try requirePath("--data", data)
    try require(
      data != nil || network.model != nil, "Missing expected argument '--data <file>'")
    try require(
      network.cfg == nil || clusters == nil,
      "'--cfg' says how many anchors there are; leave '--clusters' out")
    try require("--clusters", clusters, in: 1...100)
    try require("--mutations", mutations, in: 0...1_000_000)
  }
}
