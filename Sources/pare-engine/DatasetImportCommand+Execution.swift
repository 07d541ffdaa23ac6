import Commands
import Darknet
import Datasets
import Runs
import Summaries
import Terminal

extension DatasetImportCommand: Executable {
  package func execute() throws {
    let json = try JSONOutput(report, in: folder.output)
    var importer = DatasetImporter(format.format, source: source, output: folder.output)
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
      splits.map { (DatasetSplit($0.source), DatasetSplit($0.target)) },
      uniquingKeysWith: { first, _ in first })
  }
}

extension ReportOptions {
  /// Says on stderr what was not written, and tells what was.
  func tell(_ result: DatasetImport, _ summary: Summary, _ json: JSONOutput) throws {
    for place in LabelPlace.allCases where result.labelPlaces.keys.contains(.besidePicture) {
      if let count = result.labelPlaces[place] {
        Console.note("labels of \(counted(count, "picture")) were found \(place)")
      }
    }
    Console.list(
      result.unlabelledPictures, what: "pictures without labels",
      count: result.picturesWithoutLabels)
    Console.list(
      result.unmatchedLabels, what: "label files without a picture",
      one: "label file without a picture", count: result.labelsWithoutPicture)
    Console.list(result.warnings, what: "remarks")
    Console.list(result.skipped, what: "records skipped", count: result.skippedCount)
    try tell(summary, json)
  }
}
