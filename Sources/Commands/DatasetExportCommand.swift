import ArgumentParsing

/// A form that data sets are exported to.
package enum DatasetExportChoice: String, ExpressibleByArgument, CaseIterable, Sendable {
  case voc, coco, yolo
}

/// `pare dataset export`.
package struct DatasetExportCommand: PictureReadingCommand {
  package static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Writes a data set in the form of VOC, COCO or YOLO with a data.yaml.",
    discussion: """
      Boxes in whole pixels come out as they went in. VOC's boxes are in whole pixels always.
      """)

  @Argument(help: "The form to write.")
  package var format: DatasetExportChoice

  @Argument(
    help: ArgumentHelp("The set's .data file; the same as '--data'.", valueName: "data-file"),
    completion: .file(extensions: ["data"]))
  package var dataArgument: String?

  @Option(
    help: ArgumentHelp("The set's .data file.", valueName: "file"),
    completion: .file(extensions: ["data"]))
  package var data: String?

  @Flag(help: "Copy the pictures; they are linked otherwise.")
  package var copy = false

  @OptionGroup package var folder: RequiredFolderOptions
  @OptionGroup package var pictureOptions: PictureOptions
  @OptionGroup package var report: ReportOptions

  package init() {}

  package func validate() throws {
    try requirePath("<data-file>", dataArgument)
    try requirePath("--data", data)
    try require(
      data != nil || dataArgument != nil, "Missing expected argument '--data <file>'")
    try require(
      data == nil || dataArgument == nil, "'--data' and '\(dataArgument ?? "")' both name the set")
  }

  /// The `.data` file, wherever it stands.
  package var dataFile: String { data ?? dataArgument ?? "" }
}
