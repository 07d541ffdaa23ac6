import ArgumentParsing
import Commands
import Darknet
import Datasets
import Runs
import Summaries
import Terminal

extension DatasetImportCommand: Executable {
  package func execute() throws {
    let (form, source) = try place
    let json = try JSONOutput(report, in: folder.output)
    var importer = DatasetImporter(form.format, source: source, output: folder.output)
    importer.name = set.name
    importer.names = try set.classNames()
    importer.namesFile = set.names
    importer.copies = set.copy
    importer.splits = set.splitMoves
    importer.keepsDifficult = keepDifficult
    importer.keepsCrowds = keepCrowds
    importer.allowsOutside = allowOutside
    importer.overwrites = folder.overwrite
    let result = try ConsoleObserver(report).watch("importing") { try importer.run(progress: $0) }
    try report.tell(result, result.summary(), json)
  }
}

extension DatasetImportCommand {
  /// The set with its form; where that was forgotten, the form that it looks like is told.
  private var place: (DatasetFormatChoice, String) {
    get throws {
      switch (format, source) {
      case (.form(let form), let source?): return (form, source)
      case (.form, nil): throw ValidationError("Missing expected argument '<source>'")
      case (.forgotten(let source), _):
        guard let found = DatasetFormat.found(at: source) else {
          let forms = DatasetFormatChoice.allValueStrings.joined(separator: ", ")
          throw ValidationError(
            "'\(source)' is no form; the form of the set comes before its folder, one of \(forms)")
        }
        let (form, place) = (found.format.rawValue, found.source)
        throw DatasetError.otherForm(
          "\(source): no form is named before it",
          what: "\(place == source ? "it" : place) looks like \(form)",
          command: shellCommand([
            "pare", "dataset", "import", form, place, "--output", folder.output,
          ]))
      }
    }
  }
}

extension DatasetFormatChoice {
  fileprivate var format: DatasetFormat {
    switch self {
    case .voc: .voc
    case .coco: .coco
    case .oxfordhand: .oxfordhand
    case .bdd100k: .bdd100k
    case .visdrone: .visdrone
    case .dior: .dior
    case .yolo: .yolo
    case .darknet: .darknet
    }
  }
}

extension WrittenSetOptions {
  func classNames() throws -> [String]? { try names.map { try NamesFile(contentsOf: $0).names } }

  var splitMoves: [DatasetSplit: DatasetSplit] {
    Dictionary(
      splits.map { ($0.source, $0.target) },
      uniquingKeysWith: { first, _ in first })
  }
}
