import ArgumentParsing

/// `pare dataset synthetic`.
package struct DatasetSyntheticCommand: EngineCommand {
  package static let configuration = CommandConfiguration(
    commandName: "synthetic", abstract: "Draws a labelled set of shapes on textured backgrounds.")

  @Option(help: ArgumentHelp("Number of classes, each a shape.", valueName: "n"))
  package var classes = 4

  @Option(help: ArgumentHelp("Pictures to train on.", valueName: "n"))
  package var images = 800

  @Option(help: ArgumentHelp("Pictures to choose checkpoints on.", valueName: "n"))
  package var validation = 100

  @Option(help: ArgumentHelp("Pictures held out.", valueName: "n"))
  package var test = 200

  @Option(
    help: ArgumentHelp("Width and height of the pictures.", valueName: "pixels"))
  package var size = 416

  @Option(help: ArgumentHelp("Seed of everything drawn.", valueName: "n"))
  package var seed: UInt64 = 0

  @OptionGroup package var folder: RequiredFolderOptions
  @OptionGroup package var report: ReportOptions

  package init() {}

  package func validate() throws {
    try require("--classes", classes, in: 2...20)
    try require("--images", images, in: 1...10_000_000)
    try require("--validation", validation, in: 1...10_000_000)
    try require("--test", test, in: 0...10_000_000)
    try require("--size", size, in: 32...4096, unit: " pixels")
  }
}
