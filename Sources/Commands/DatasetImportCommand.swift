import ArgumentParsing

/// A form that data sets are distributed in.
package enum DatasetFormatChoice: String, ExpressibleByArgument, CaseIterable, Sendable {
  case voc, coco, oxfordhand, bdd100k, visdrone, dior, yolo, darknet
}

/// `pare dataset import`.
package struct DatasetImportCommand: PictureReadingCommand {
  package static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Writes a data set in Darknet's form; the originals stay untouched.",
    discussion: """
      What is wrong with single records is skipped, counted and listed. docs/datasets.md shows the \
      folders that each form is expected in.
      """)

  @Argument(help: "The form that the set is in.")
  package var format: DatasetFormatChoice

  @Argument(
    help: "Folder of the set; for coco, bdd100k, yolo and darknet also one file.",
    completion: .file())
  package var source: String

  @Flag(help: "Keep boxes that the set marks as difficult.")
  package var keepDifficult = false

  @Flag(help: "Keep COCO's crowd regions, each one box around many objects.")
  package var keepCrowds = false

  @Flag(
    help: "Take pictures outside of the source, and folders above it, that an annotation names.")
  package var allowOutside = false

  @OptionGroup package var set: WrittenSetOptions
  @OptionGroup package var folder: RequiredFolderOptions
  @OptionGroup package var pictureOptions: PictureOptions
  @OptionGroup package var report: ReportOptions

  package init() {}

  package func validate() throws { try requirePath("<source>", source) }
}
