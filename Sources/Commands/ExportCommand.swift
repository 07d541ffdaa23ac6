import ArgumentParsing

/// `pare export`.
package struct ExportCommand: ParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Writes a quantized network for other machines.",
    subcommands: [ExportCCommand.self, ExportFPGACommand.self])

  package init() {}
}

/// `pare export c`.
package struct ExportCCommand: EngineCommand {
  package static let configuration = CommandConfiguration(
    commandName: "c",
    abstract: "Writes a quantized network as C99 that needs no library.",
    discussion: """
      The output folder gets a source, a header and a file of weights, for pictures of one size. The \
      program allocates nothing and gives the numbers that '--engine integer' gives (docs/formats.md).
      """)

  @OptionGroup package var model: ModelOptions
  @OptionGroup package var inputSize: InputSizeOptions

  @Option(
    help: "What files and functions are called; the cfg's name unless given.")
  package var name: String?

  @OptionGroup package var folder: RequiredFolderOptions
  @OptionGroup package var report: ReportOptions

  package init() {}
}

/// How weights lie in the files of `pare export fpga`.
package enum FPGALayoutChoice: String, ExpressibleByArgument, CaseIterable, Sendable {
  case plain, tiles, buffers
}

/// `pare export fpga`.
package struct ExportFPGACommand: PictureReadingCommand {
  package static let configuration = CommandConfiguration(
    commandName: "fpga",
    abstract: "Writes codes and steps of a network on powers of two, for FPGAs.",
    discussion: """
      The files have the names and the orders of those of the earlier Python programs \
      (docs/formats.md). The network is one of 'quantize --scheme pow2', or of 'train --quantize' with \
      pow2 or tpsq.
      """)

  @OptionGroup package var model: ModelOptions
  @OptionGroup package var inputSize: InputSizeOptions

  @Option(
    help: """
      How weights lie: plain as in a weights file, in tiles, or with 2048 places for biases before \
      each convolution's tiles.
      """)
  package var layout = FPGALayoutChoice.tiles

  @Option(
    name: [.customLong("tile-inputs"), .customLong("TN")],
    help: ArgumentHelp("Input channels of a tile.", valueName: "n"))
  package var tileInputs = 8

  @Option(
    name: [.customLong("tile-outputs"), .customLong("TM")],
    help: ArgumentHelp("Output channels of a tile.", valueName: "n"))
  package var tileOutputs = 64

  @Option(
    help: ArgumentHelp(
      "A picture of which each layer's codes are written too, into golden/.", valueName: "file"),
    completion: .file())
  package var source: String?

  @OptionGroup package var folder: RequiredFolderOptions
  @OptionGroup package var pictureOptions: PictureOptions
  @OptionGroup package var report: ReportOptions
  @OptionGroup(title: "Old options", visibility: .hidden) var legacy: LegacyExportOptions

  package init() {}

  package var notices: [String] { legacy.notices }

  package func validate() throws {
    try requirePath("--source", source)
    try require(
      !legacy.reorder || layout != .plain,
      "'--reorder' is '--layout tiles', not \(layout.rawValue)")
    try require("--tile-inputs", tileInputs, in: 1...65_536)
    try require("--tile-outputs", tileOutputs, in: 1...65_536)
  }
}
