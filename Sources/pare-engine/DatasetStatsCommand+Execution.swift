import Commands
import Darknet
import Datasets
import Foundation
import Reports
import Runs
import Summaries

extension DatasetStatsCommand: Executable {
  package func execute() throws {
    let json = try JSONOutput(report, in: folder.output)
    let dataFile = try DataFile(contentsOf: data.data)
    let names = try dataFile.classNames()
    // Before the work, which would be lost on a folder that is refused.
    let output = try OutputFolder(folder.output, overwrite: folder.overwrite, kind: "stats")
    var table = Table("split", "pictures", "boxes", "background")
    var counts: [(split: String, classes: [Int])] = []
    var statistics = DatasetStatistics(names: names)
    var shown: [DetectionDataset.Picture] = []
    var pictureCounts: [DatasetSplit: Int] = [:]
    var lists: [String: DatasetSplit] = [:]
    for split in DatasetSplit.allCases {
      guard let list = dataFile.list(split) else { continue }
      if let same = lists[list] {
        // A list that serves as two counts once.
        table.append(["\(split.rawValue): the same list as \(same.rawValue)"])
        continue
      }
      lists[list] = split
      let dataset = try DetectionDataset(dataFile, split: split, allowsNoLabels: true)
      table.append(
        [split.rawValue]
          + [dataset.pictures.count, dataset.labelCount, dataset.backgroundCount].map(
            Figures.grouped))
      counts.append((split.rawValue, dataset.classCounts))
      pictureCounts[split] = dataset.pictures.count
      Console.list(dataset.problems, what: "entries of \(list) skipped")
      let progress = ConsoleProgress(
        "stats \(split.rawValue)", total: dataset.pictures.count, isQuiet: report.quiet)
      let sizes = dataset.pictureSizes(
        workers: ProcessInfo.processInfo.activeProcessorCount
      ) { progress.update($0) }
      progress.finish()
      for (picture, size) in zip(dataset.pictures, sizes) {
        guard let size else { continue }
        statistics.add(picture.labels, of: size)
        shown.append(picture)
      }
      let unreadable = zip(dataset.pictures, sizes).filter { $0.1 == nil }.map(\.0.path)
      Console.list(
        unreadable, what: "pictures cannot be read and do not count",
        one: "picture cannot be read and does not count")
    }
    let page = try StatisticsPage(
      title: fileName(of: data.data), statistics, splits: table,
      pictures: chosen(shown, count: pictures))
    try output.fill(adding: true) { try page.report.write(to: $0 + "/report.html") }
    let path = output.path + "/report.html"
    if report.printsTables {
      try Console.print(table)
      try Console.print(classTable(names, counts))
      try Console.print("report: \(path)")
    }
    try json.write(
      .members([
        "images": statistics.images, "boxes": statistics.boxes,
        "classes": JSONValue.array(
          zip(names, statistics.classCounts).map { .members(["name": $0, "instances": $1]) }),
        "report": absolute(path),
      ]))
    try report.suggest(
      DatasetParts(pictureCounts).next(data.data) {
        NextCommand.network(for: data.data, classes: names.count)
      })
  }

  /// Boxes of each class in each split.
  private func classTable(
    _ names: [String], _ counts: [(split: String, classes: [Int])]
  ) -> Table {
    var table = Table(
      [Table.Column("class", .left)] + counts.map { Table.Column($0.split) })
    for (index, name) in names.enumerated() {
      table.append([name] + counts.map { Figures.grouped($0.classes[index]) })
    }
    return table
  }

  /// So many pictures, labelled ones first, in the order of the lists.
  private func chosen(
    _ pictures: [DetectionDataset.Picture], count: Int
  ) -> [DetectionDataset.Picture] {
    var random = SampleRandom(seed: seed)
    let order = random.permutation(pictures.count)
    let labelled = order.filter { !pictures[$0].labels.isEmpty }
    let others = order.filter { pictures[$0].labels.isEmpty }
    return (labelled + others).prefix(count).sorted().map { pictures[$0] }
  }
}
