import Commands
import Darknet
import Datasets
import Foundation
import Reports

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

extension DatasetSyntheticCommand: Executable {
  package func execute() throws {
    let json = try JSONOutput(report)
    var drawing = SyntheticDataset(output: folder.output)
    drawing.classCount = classes
    (drawing.train, drawing.valid, drawing.test) = (images, validation, test)
    drawing.side = size
    drawing.seed = seed
    drawing.workers = ProcessInfo.processInfo.activeProcessorCount
    drawing.overwrites = folder.overwrite
    let progress = ConsoleProgress(
      "drawing", total: images + validation + test, isQuiet: report.quiet)
    let result = try drawing { done, _ in progress.update(done) }
    progress.finish()
    try printImport(result, report)
    try json.write(importJSON(result))
  }
}

/// Prints what an import made.
private func printImport(_ result: DatasetImport, _ report: ReportOptions) throws {
  guard report.printsTables else { return }
  let splits = DatasetSplit.allCases.compactMap { split in
    result.splitCounts[split].map { "\(split.rawValue) \($0)" }
  }
  try Console.print(
    "\(result.images) pictures (\(splits.joined(separator: ", "))), \(result.boxes) boxes")
  for each in result.classes { try Console.print("  \(each.name): \(each.boxes)") }
  try Console.print(result.data)
}

private func importJSON(_ result: DatasetImport) -> JSONValue {
  .members([
    "images": result.images, "boxes": result.boxes,
    "skipped": JSONValue.array(
      result.skipped.map { .members(["path": absolute($0.path), "reason": $0.reason]) }),
    "data": absolute(result.data),
  ])
}

extension DatasetSplitCommand: Executable {
  package func execute() throws {
    let json = try JSONOutput(report)
    let dataFile = try DataFile(contentsOf: data.data)
    _ = try OutputFolder.make(folder.output, overwrite: folder.overwrite, kind: "split")
    let splitter = try DatasetSplitter(dataFile)
    Console.list(splitter.problems, what: "entries skipped")
    var files: [String] = []
    if let folds {
      for (k, lists) in try splitter.folds(folds, validationShare: validationShare).enumerated() {
        files.append(
          try splitter.write(lists, name: "fold-\(k)", to: folder.output))
      }
    } else {
      let lists = try splitter.ratios(
        train: ratios[0], valid: ratios[1], test: ratios.count > 2 ? ratios[2] : 0, seed: seed,
        isStratified: stratified)
      files.append(
        try splitter.write(lists, name: "split", to: folder.output))
    }
    if report.printsTables { for file in files { try Console.print(file) } }
    try json.write(
      .members([
        "images": splitter.pictures.count,
        "boxes": splitter.pictures.reduce(0) { $0 + $1.labels.count },
        "files": files.map(absolute),
      ]))
  }
}

extension DatasetStatsCommand: Executable {
  package func execute() throws {
    let json = try JSONOutput(report)
    let dataFile = try DataFile(contentsOf: data.data)
    let names = try dataFile.classNames()
    var table = Table(
      (["split", "pictures", "boxes", "background"] + names).map { Table.Column($0) })
    var total = (images: 0, boxes: 0, classes: [Int](repeating: 0, count: names.count))
    for split in DatasetSplit.allCases {
      guard let list = dataFile.list(split) else { continue }
      let dataset = try DetectionDataset(list: list, names: names, allowsNoLabels: true)
      Console.list(dataset.problems, what: "entries of \(list) skipped")
      let counts = dataset.classCounts
      table.append(
        [
          split.rawValue, "\(dataset.pictures.count)", "\(dataset.labelCount)",
          "\(dataset.backgroundCount)",
        ] + counts.map { "\($0)" })
      total.images += dataset.pictures.count
      total.boxes += dataset.labelCount
      for (index, count) in counts.enumerated() { total.classes[index] += count }
    }
    if report.printsTables { try Console.print(table.text) }
    try json.write(
      .members([
        "images": total.images, "boxes": total.boxes,
        "classes": JSONValue.array(
          zip(names, total.classes).map { .members(["name": $0, "instances": $1]) }),
      ]))
  }
}

extension DataFile {
  fileprivate func list(_ split: DatasetSplit) -> String? {
    switch split {
    case .train: train
    case .valid: valid
    case .test: test
    }
  }
}
