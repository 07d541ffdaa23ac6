import Commands
import Datasets
import Runs
import Summaries

extension DatasetExportCommand: Executable {
  package func execute() throws {
    let json = try JSONOutput(report, in: folder.output)
    var exporter = DatasetExporter(format.format, data: dataFile, output: folder.output)
    exporter.copies = copy
    exporter.overwrites = folder.overwrite
    let result = try ConsoleObserver(report).watch("exporting") { try exporter.run(progress: $0) }
    let back = NextCommand(
      "dataset", "import", format.rawValue, result.data, "--output",
      NextCommand.unused(folder.output + "-again"))
    try report.tell(result, result.summary(next: [("read it back", back)]), json)
  }
}

extension DatasetExportChoice {
  fileprivate var format: DatasetExportFormat {
    switch self {
    case .voc: .voc
    case .coco: .coco
    case .yolo: .yolo
    }
  }
}
