import Commands
import Darknet
import Datasets
import Reports
import Runs
import Terminal

extension StatisticsRun.Outcome {
  /// How much each list holds.
  var splitTable: Table {
    var table = Table("split", "pictures", "boxes", "background")
    for each in splits {
      if let same = each.sameAs {
        table.append(["\(each.split.rawValue): the same list as \(same.rawValue)"])
      } else {
        table.append(
          [each.split.rawValue]
            + [each.pictures, each.boxes, each.background].map(Figures.grouped))
      }
    }
    return table
  }

  /// Boxes of each class in each split.
  var classTable: Table {
    let counted = splits.filter { $0.sameAs == nil }
    var table = Table(
      [Table.Column("class", .left)] + counted.map { Table.Column($0.split.rawValue) })
    for (index, name) in statistics.names.enumerated() {
      table.append([name] + counted.map { Figures.grouped($0.classCounts[index]) })
    }
    return table
  }

  /// Which classes have too few training boxes to be learned; nil where none has.
  var scarce: String? {
    guard let counts = splits.first(where: { $0.split == .train })?.classCounts else { return nil }
    let few = zip(statistics.names, counts).filter {
      (1..<DetectionDataset.fewestBoxes).contains($0.1)
    }.sorted { $0.1 < $1.1 }
    guard !few.isEmpty else { return nil }
    return "few boxes to learn from, where a class needs \(DetectionDataset.fewestBoxes) or more: "
      + few.prefix(3).map { "'\($0.0)' \($0.1)" }.joined(separator: ", ")
      + (few.count > 3 ? ", \(counted(few.count - 3, "more class", "more classes"))" : "")
  }

  /// Writes `report.html`.
  package func writePage(of data: String, to folder: String) throws {
    let page = try StatisticsPage(
      title: fileName(of: data), statistics, splits: splitTable, pictures: shown)
    try page.report.write(to: folder + "/report.html")
  }

  /// What is told of a data set that was counted.
  ///
  /// - Parameters:
  ///   - data: its `.data` file.
  ///   - folder: where the page is.
  package func summary(of data: String, in folder: String) -> Summary {
    let path = folder + "/report.html"
    var summary = Summary()
    summary.lines.add(splitTable)
    summary.lines.add(classTable)
    if let scarce { summary.lines.add(scarce) }
    summary.lines.add("report: \(path)")
    summary.json = .members([
      "images": statistics.images, "boxes": statistics.boxes,
      "classes": JSONValue.array(
        zip(statistics.names, statistics.classCounts).map {
          .members(["name": $0, "instances": $1])
        }),
      "report": absolute(path),
    ])
    summary.next = parts.next(data) {
      NextCommand.network(for: data, classes: statistics.names.count)
    }
    return summary
  }
}
