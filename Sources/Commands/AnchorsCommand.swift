import ArgumentParsing
import Darknet

/// `pare anchors`.
package struct AnchorsCommand: PictureReadingCommand {
  package static let configuration = CommandConfiguration(
    commandName: "anchors",
    abstract: "Finds box shapes (anchors) that suit a data set, and says how well they do.",
    discussion: """
      Anchors are clusters of the sizes that the boxes have in the network's input, improved by \
      random changes. With --cfg they are held against the cfg's own. They are worth taking where \
      the mean IoU rises by 0.05 or more, or the best possible recall by 0.01; --output then writes \
      the cfg with them, and the cfg as it is otherwise.
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
  package var split = DataFile.Split.train

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

  @Option(
    help: ArgumentHelp(
      "Write the cfg with the better anchors; with its own, where they are as good.",
      valueName: "file"),
    completion: .file(extensions: ["cfg"]))
  package var output: String?

  @Flag(help: "Replace the output file, which may be the cfg itself.")
  package var overwrite = false

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
    try requirePath("--output", output)
    try require(
      output == nil || network.cfg != nil,
      "'--output' writes a cfg with other anchors: it needs '--cfg'")
    try require(output != nil || !overwrite, "'--overwrite' belongs to '--output'")
    try require("--clusters", clusters, in: 1...100)
    try require("--mutations", mutations, in: 0...1_000_000)
  }
}
