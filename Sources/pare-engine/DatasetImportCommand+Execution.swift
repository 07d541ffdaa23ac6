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
      splits.map { ($0.source, $0.target) },
      uniquingKeysWith: { first, _ in first })
  }
}
