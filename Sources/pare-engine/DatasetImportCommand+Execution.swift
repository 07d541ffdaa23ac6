import Commands
import Darknet
import Datasets
import Runs
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
    let progress = CountedProgress("importing", isQuiet: report.quiet)
    let result = try importer.run(progress: progress.update)
    progress.finish()
    try printImport(result, report)
    try json.write(importJSON(result))
    try report.next("check it", NextCommand("dataset", "check", "--data", result.data))
    try report.division(DatasetParts(result.splitCounts), of: result.data)
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
      splits.map { ($0.source.split, $0.target.split) }, uniquingKeysWith: { first, _ in first })
  }
}

extension DataSplitChoice {
  fileprivate var split: DatasetSplit {
    switch self {
    case .train: .train
    case .valid: .valid
    case .test: .test
    }
  }
}

/// A progress bar whose length is known when the first step is done.
final class CountedProgress {
  private let title: String
  private let isQuiet: Bool
  private var bar: ConsoleProgress?

  init(_ title: String, isQuiet: Bool) { (self.title, self.isQuiet) = (title, isQuiet) }

  func update(_ done: Int, _ total: Int) {
    let bar = self.bar ?? ConsoleProgress(title, total: total, done: done, isQuiet: isQuiet)
    self.bar = bar
    bar.update(done)
  }

  func finish() { bar?.finish() }
}

/// Prints what was written, and on stderr what was not.
func printImport(_ result: DatasetImport, _ report: ReportOptions) throws {
  for place in LabelPlace.allCases where result.labelPlaces.keys.contains(.besidePicture) {
    if let count = result.labelPlaces[place] {
      Console.note("labels of \(counted(count, "picture")) were found \(place)")
    }
  }
  Console.list(
    result.unlabelledPictures, what: "pictures without labels", count: result.picturesWithoutLabels)
  Console.list(
    result.unmatchedLabels, what: "label files without a picture",
    one: "label file without a picture", count: result.labelsWithoutPicture)
  Console.list(result.warnings, what: "remarks")
  Console.list(result.skipped, what: "records skipped", count: result.skippedCount)
  guard report.printsTables else { return }
  let splits = DatasetSplit.allCases.compactMap { split in
    result.splitCounts[split].map { "\(split.rawValue) \(grouped($0))" }
  }
  try Console.print(
    "\(counted(result.images, "picture")) (\(splits.joined(separator: ", "))), "
      + counted(result.boxes, "box", "boxes"))
  for each in result.classes { try Console.print("  \(each.name): \(grouped(each.boxes))") }
  for kind in DatasetImport.LeftOut.allCases {
    if let count = result.leftOut[kind] {
      try Console.print("left out: \(grouped(count)) \(kind.rawValue)")
    }
  }
  try Console.print(result.data)
}

/// The result as the command line's contract has it, and `more` members.
func importJSON(_ result: DatasetImport, more: [JSONValue.Member] = []) -> JSONValue {
  .object(
    [
      .init("images", .integer(result.images)), .init("boxes", .integer(result.boxes)),
      .init(
        "classes",
        .array(result.classes.map { .members(["name": $0.name, "instances": $0.boxes]) })),
      .init(
        "skipped",
        .array(
          result.skipped.map { .members(["path": absolute($0.path), "reason": $0.reason]) })),
      .init("skippedCount", .integer(result.skippedCount)),
      .init(
        "leftOut",
        .object(
          DatasetImport.LeftOut.allCases.compactMap { kind in
            result.leftOut[kind].map { .init("\(kind)", .integer($0)) }
          })),
    ] + remarksJSON(result) + more + [.init("data", .string(absolute(result.data)))])
}

/// What was odd, and what had no partner.
private func remarksJSON(_ result: DatasetImport) -> [JSONValue.Member] {
  let warnings: [JSONValue] = result.warnings.map {
    .members(["path": absolute($0.path), "reason": $0.reason])
  }
  let unlabelled: [JSONValue] = result.unlabelledPictures.map { .string(absolute($0)) }
  let unmatched: [JSONValue] = result.unmatchedLabels.map { .string(absolute($0)) }
  return [
    JSONValue.Member("warnings", .array(warnings)),
    JSONValue.Member("picturesWithoutLabels", .integer(result.picturesWithoutLabels)),
    JSONValue.Member("unlabelledPictures", .array(unlabelled)),
    JSONValue.Member("labelsWithoutPicture", .integer(result.labelsWithoutPicture)),
    JSONValue.Member("unmatchedLabels", .array(unmatched)),
  ]
}
