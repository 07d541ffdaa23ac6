import Commands
import Datasets

extension DatasetExportCommand: Executable {
  package func execute() throws {
    let json = try JSONOutput(report, in: folder.output)
    var exporter = DatasetExporter(format.format, data: dataFile, output: folder.output)
    exporter.copies = copy
    exporter.overwrites = folder.overwrite
    let progress = CountedProgress("exporting", isQuiet: report.quiet)
    let result = try exporter.run(progress: progress.update)
    progress.finish()
    try printImport(result, report)
    try json.write(importJSON(result))
    try report.next(
      "read it back",
      NextCommand(
        "dataset", "import", format.rawValue, result.data, "--output",
        NextCommand.unused(folder.output + "-again")))
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
