import ArgumentParsing
import Darknet

/// A form that data sets are distributed in.
package enum DatasetFormatChoice: String, ExpressibleByArgument, CaseIterable, Sendable {
  case voc, coco, oxfordhand, bdd100k, visdrone, dior, yolo, darknet

  package static var otherValueStrings: [String: String] {
    [
      "pascal": "voc", "pascal-voc": "voc", "pascal_voc": "voc", "pascalvoc": "voc", "xml": "voc",
      "voc2007": "voc", "voc2012": "voc", "mscoco": "coco", "ms-coco": "coco", "coco2017": "coco",
      "json": "coco", "ultralytics": "yolo", "yolov5": "yolo", "yolov8": "yolo", "yaml": "yolo",
      "bdd": "bdd100k", "hands": "oxfordhand", "data": "darknet",
    ]
  }
}

/// The first word after `import`: a form, or the set itself where its form was forgotten.
package enum ImportedForm: ExpressibleByArgument, Hashable, Sendable {
  case form(DatasetFormatChoice)
  case forgotten(source: String)

  package init?(argument: String) {
    if let form = DatasetFormatChoice(argument: argument) {
      self = .form(form)
    } else if fileExists(argument), DatasetFormatChoice.otherValueStrings[argument] == nil {
      self = .forgotten(source: argument)
    } else {
      return nil
    }
  }

  package static var allValueStrings: [String] { DatasetFormatChoice.allValueStrings }
  package static var otherValueStrings: [String: String] { DatasetFormatChoice.otherValueStrings }
}

/// `pare dataset import`.
package struct DatasetImportCommand: PictureReadingCommand {
  package static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Writes a data set in Darknet's form; the originals stay untouched.",
    usage: "pare dataset import [<options>] --output <dir> <format> <source>",
    discussion: """
      What is wrong with single records is skipped, counted and listed. docs/datasets.md shows the \
      folders that each form is expected in.
      """)

  @Argument(help: "The form that the set is in.")
  package var format: ImportedForm

  @Argument(
    help: "Folder of the set; for coco, bdd100k, yolo and darknet also one file.",
    completion: .file())
  package var source: String?

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

  package func validate() throws {
    switch format {
    case .form: try require(source != nil, "Missing expected argument '<source>'")
    case .forgotten(let set):
      try require(
        source == nil, "'\(set)' is no form: the form comes first, then the folder of the set")
    }
    try requirePath("<source>", source)
  }
}
