import Commands
import Darknet
import Datasets
import Runs
import Terminal

extension DatasetImport {
  /// What is told of a data set that was written and is to be trained on.
  ///
  /// - Parameter duplicates: what was found twice in the sets that it was merged from.
  package func summary(duplicates: [DatasetMerger.Duplicate]? = nil) -> Summary {
    let copies = duplicates.map { JSONValue.Member("duplicates", .array($0.map(\.json))) }
    let shared = duplicates.map { _ in
      JSONValue.Member("picturesInSeveralLists", .integer(picturesInSeveralLists))
    }
    var summary = Summary()
    (summary.lines, summary.json) = (lines, json(more: [copies, shared].compactMap(\.self)))
    if picturesInSeveralLists > 0, let next = Self.next(sharing: images, data) {
      summary.next = [next]
      return summary
    }
    summary.next = [("check it", NextCommand("dataset", "check", "--data", data))]
    if let division = DatasetParts(splitCounts).division {
      summary.next.append(division.next(data))
    }
    return summary
  }

  /// Dividing a set anew whose lists share pictures; nil where there are too few to divide.
  static func next(sharing images: Int, _ data: String) -> NextStep? {
    DatasetParts(train: images, valid: 0, test: 0).division.map {
      (
        "divide it anew, so that no picture is trained on and judged by",
        NextCommand.split(data, $0)
      )
    }
  }

  /// What is told of a data set that was written for others.
  ///
  /// - Parameter next: what to type next.
  package func summary(next: [NextStep]) -> Summary {
    var summary = Summary()
    (summary.lines, summary.json, summary.next) = (lines, json(), next)
    return summary
  }

  /// What was written.
  var lines: Lines {
    var lines = Lines()
    let splits = DatasetSplit.allCases.compactMap { split in
      splitCounts[split].map { "\(split.rawValue) \(grouped($0))" }
    }
    lines.add(
      "\(counted(images, "picture")) (\(splits.joined(separator: ", "))), "
        + counted(boxes, "box", "boxes"))
    if picturesInSeveralLists > 0 {
      let count = counted(picturesInSeveralLists, "picture")
      lines.add(
        "\(count) \(picturesInSeveralLists == 1 ? "is" : "are") in more than one list: figures would be "
          + "too good; 'pare dataset split' divides the set anew")
    }
    for each in classes { lines.add("  \(each.name): \(grouped(each.boxes))") }
    for kind in LeftOut.allCases {
      guard let count = leftOut[kind] else { continue }
      lines.add("left out: \(grouped(count)) \(count == 1 ? kind.singular : kind.rawValue)")
    }
    lines.add(data)
    return lines
  }

  /// The result as the command line's contract has it, and `more` members.
  func json(more: [JSONValue.Member] = []) -> JSONValue {
    .object(
      [
        .init("images", .integer(images)), .init("boxes", .integer(boxes)),
        .init(
          "classes",
          .array(classes.map { .members(["name": $0.name, "instances": $0.boxes]) })),
        .init(
          "skipped",
          .array(
            skipped.map { .members(["path": absolute($0.path), "reason": $0.reason]) })),
        .init("skippedCount", .integer(skippedCount)),
        .init(
          "leftOut",
          .object(
            DatasetImport.LeftOut.allCases.compactMap { kind in
              leftOut[kind].map { .init("\(kind)", .integer($0)) }
            })),
      ] + remarks + more + [.init("data", .string(absolute(data)))])
  }

  /// What was odd, and what had no partner.
  private var remarks: [JSONValue.Member] {
    let warnings: [JSONValue] = self.warnings.map {
      .members(["path": absolute($0.path), "reason": $0.reason])
    }
    let unlabelled: [JSONValue] = unlabelledPictures.map { .string(absolute($0)) }
    let unmatched: [JSONValue] = unmatchedLabels.map { .string(absolute($0)) }
    return [
      JSONValue.Member("warnings", .array(warnings)),
      JSONValue.Member("picturesWithoutLabels", .integer(picturesWithoutLabels)),
      JSONValue.Member("unlabelledPictures", .array(unlabelled)),
      JSONValue.Member("takesUnlabelled", .bool(takesUnlabelled)),
      JSONValue.Member(
        "picturesWithoutUsableLabels", .integer(picturesWithoutUsableLabels)),
      JSONValue.Member(
        "unusablePictures", .array(unusablePictures.map { .string(absolute($0)) })),
      JSONValue.Member("labelsWithoutPicture", .integer(labelsWithoutPicture)),
      JSONValue.Member("unmatchedLabels", .array(unmatched)),
    ]
  }
}

extension DatasetMerger.Duplicate {
  fileprivate var json: JSONValue {
    .members(["path": absolute(path), "original": absolute(original), "otherList": isLeak])
  }
}

extension ReportOptions {
  /// Says on stderr what was not written, and tells what was.
  package func tell(_ result: DatasetImport, _ summary: Summary, _ json: JSONOutput) throws {
    for place in LabelPlace.allCases where result.labelPlaces.keys.contains(.besidePicture) {
      if let count = result.labelPlaces[place] {
        Console.note("labels of \(counted(count, "picture")) were found \(place)")
      }
    }
    Console.list(
      result.unlabelledPictures,
      what: result.takesUnlabelled
        ? "pictures without labels, taken as pictures without objects"
        : "pictures without labels, left out",
      one: result.takesUnlabelled
        ? "picture without labels, taken as one without objects" : nil,
      count: result.picturesWithoutLabels)
    Console.list(
      result.unusablePictures,
      what: "pictures left out, for none of their labels can be used (below)",
      one: "picture left out, for none of its labels can be used (below)",
      count: result.picturesWithoutUsableLabels)
    Console.list(
      result.unmatchedLabels, what: "label files without a picture",
      one: "label file without a picture", count: result.labelsWithoutPicture)
    Console.list(result.warnings, what: "remarks")
    Console.list(result.skipped, what: "records skipped", count: result.skippedCount)
    try tell(summary, json)
  }
}
