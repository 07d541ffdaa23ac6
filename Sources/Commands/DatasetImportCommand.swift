import ArgumentParsing

/// A form that data sets are distributed in.
package enum DatasetFormatChoice: String, ExpressibleByArgument, CaseIterable, Sendable { case voc }

/// `pare dataset import`.
package struct DatasetImportCommand: EngineCommand {
  package static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Writes a data set in Darknet's form; the originals stay untouched.")

  @Argument(help: "The form that the set is in.")
  package var format: DatasetFormatChoice

  @Argument(help: "Folder of the set.", completion: .directory)
  package var source: String

  @Option(help: "Name of the set; the source folder's unless given.")
  package var name: String?

  @Option(
    help: ArgumentHelp(
      "File with the classes in order; those found, sorted by name, unless given.",
      valueName: "file"),
    completion: .file(extensions: ["names"]))
  package var names: String?

  @Flag(help: "Copy the pictures; they are linked otherwise.")
  package var copy = false

  @Flag(help: "Keep boxes that the set marks as difficult.")
  package var keepDifficult = false

  @OptionGroup package var folder: RequiredFolderOptions
  @OptionGroup package var report: ReportOptions

  package init() {}

  package func validate() throws {
    try requirePath("<source>", source)
    if let name {
      try require(
        !name.isEmpty && !name.contains("/") && !name.hasPrefix("."),
        "'--name \(name)' must be a plain file name")
    }
  }
}
