import Commands
import Darknet
import Datasets
import Reports

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
