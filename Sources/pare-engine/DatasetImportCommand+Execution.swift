import Commands
import Darknet
import Datasets

extension DatasetImportCommand: Executable {
  package func execute() throws {
    let json = try JSONOutput(report)
    var importer = VOCImporter(source: source, output: folder.output)
    importer.name = name
    importer.names = try names.map { try NamesFile(contentsOf: $0).names }
    importer.copies = copy
    importer.keepsDifficult = keepDifficult
    importer.overwrites = folder.overwrite
    let result = try importer()
    Console.list(result.warnings, what: "remarks")
    Console.list(result.skipped, what: "records skipped")
    try printImport(result, report)
    try json.write(importJSON(result))
  }
}

/// Prints what an import made.
func printImport(_ result: DatasetImport, _ report: ReportOptions) throws {
  guard report.printsTables else { return }
  let splits = DatasetSplit.allCases.compactMap { split in
    result.splitCounts[split].map { "\(split.rawValue) \($0)" }
  }
  try Console.print(
    "\(result.images) pictures (\(splits.joined(separator: ", "))), \(result.boxes) boxes")
  for each in result.classes { try Console.print("  \(each.name): \(each.boxes)") }
  try Console.print(result.data)
}

func importJSON(_ result: DatasetImport) -> JSONValue {
  .members([
    "images": result.images, "boxes": result.boxes,
    "skipped": JSONValue.array(
      result.skipped.map { .members(["path": absolute($0.path), "reason": $0.reason]) }),
    "data": absolute(result.data),
  ])
}
