import ArgumentParsing

/// A form that data sets are exported to.
package enum DatasetExportChoice: String, ExpressibleByArgument, CaseIterable, Sendable {
  case voc, coco, yolo
}

/// `pare dataset export`.
package struct DatasetExportCommand: EngineCommand {
  package static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Writes a data set in the form of VOC, COCO or YOLO with a data.yaml.",
    discussion: """
      Boxes in whole pixels come out as they went in. VOC's boxes are in whole pixels always.
      """)

  @Argument(help: "The form to write.")
  package var format: DatasetExportChoice

  @Argument(help: "The set's .data file.", completion: .file(extensions: ["data"]))
  package var data: String

  @Flag(help: "Copy the pictures; they are linked otherwise.")
  package var copy = false

  @OptionGroup package var folder: RequiredFolderOptions
  @OptionGroup package var report: ReportOptions

  package init() {}

  package func validate() throws { try requirePath("<data>", data) }
}
