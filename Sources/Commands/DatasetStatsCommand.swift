import ArgumentParsing

/// `pare dataset stats`.
package struct DatasetStatsCommand: PictureReadingCommand {
  package static let configuration = CommandConfiguration(
    commandName: "stats",
    abstract: "Counts pictures, boxes, classes and sizes, and draws them.",
    discussion: """
      The table goes to stdout. report.html in the output folder shows the distributions and a \
      mosaic of labelled pictures; it needs no network.
      """)

  @OptionGroup package var data: DataOptions

  @Option(help: ArgumentHelp("Pictures in the mosaic.", valueName: "n"))
  package var pictures = 24

  @Option(help: ArgumentHelp("Seed that chooses the pictures.", valueName: "n"))
  package var seed: UInt64 = 0

  @OptionGroup package var folder: RunFolderOptions
  @OptionGroup package var pictureOptions: PictureOptions
  @OptionGroup package var report: ReportOptions

  package init() {}

  package func validate() throws { try require("--pictures", pictures, in: 0...1000) }
}
