import Darknet
import Datasets
import Foundation
import Reports
import Vision

/// A data set's distributions and some of its pictures, as a page.
package struct StatisticsPage {
  /// The page.
  package private(set) var report: HTMLReport

  /// A page.
  ///
  /// - Parameters:
  ///   - splits: how much each list holds.
  ///   - pictures: to be shown with their boxes.
  package init(
    title: String, _ statistics: DatasetStatistics, splits: Table,
    pictures: [DetectionDataset.Picture]
  ) throws {
    report = HTMLReport(title: title)
    report.section("Splits")
    report.table(splits)
    addClasses(statistics)
    addBoxes(statistics)
    addSizes(statistics)
    if !pictures.isEmpty { addMosaic(pictures, names: statistics.names) }
  }

  private mutating func addClasses(_ statistics: DatasetStatistics) {
    report.section("Classes")
    // A thousand bars say no more than the first forty.
    let order = statistics.names.indices.sorted {
      (-statistics.classCounts[$0], $0) < (-statistics.classCounts[$1], $1)
    }
    var classes = Plot(
      "Boxes of each class",
      bars: order.prefix(40).map {
        Plot.Bar(statistics.names[$0], Double(statistics.classCounts[$0]))
      }, xLabel: "boxes")
    classes.hasCounts = true
    report.plot(classes)
    var table = Table("class", "boxes", "share", "pictures")
    for index in order {
      table.append([
        statistics.names[index], Figures.grouped(statistics.classCounts[index]),
        Figures.percent(Double(statistics.classCounts[index]) / Double(max(statistics.boxes, 1))),
        Figures.grouped(statistics.classImages[index]),
      ])
    }
    report.table(table)
  }

  private mutating func addBoxes(_ statistics: DatasetStatistics) {
    report.section("Boxes")
    var perPicture = Plot(
      "Boxes of a picture", Self.histogram(ofCounts: statistics.boxesPerPicture),
      xLabel: "boxes", yLabel: "pictures")
    perPicture.hasCounts = true
    report.plot(perPicture)
    report.plot(
      Plot(
        "Size, relative to the picture",
        Histogram(statistics.relativeSizes.map { $0 * 100 }, bins: .count(50)),
        xLabel: "√(box area / picture area), %", yLabel: "boxes"))
    report.plot(
      Plot(
        "Size", Histogram(statistics.pixelSizes, bins: .count(50)), xLabel: "√area, pixels",
        yLabel: "boxes"))
    report.plot(
      Plot(
        "Proportions", Histogram(statistics.aspects.map(log2), bins: .count(50)),
        xLabel: "log₂(width / height): 0 is square, 1 twice as wide as high", yLabel: "boxes"))
    report.heatMap(
      HeatMap(
        "How many boxes cover which part of the picture", columns: DatasetStatistics.cells,
        rows: DatasetStatistics.cells, values: statistics.positions.map(Double.init)))
  }

  private mutating func addSizes(_ statistics: DatasetStatistics) {
    report.section("Picture sizes")
    let order = statistics.pictureSizes.sorted {
      (-$0.value, $0.key.width, $0.key.height) < (-$1.value, $1.key.width, $1.key.height)
    }
    var table = Table("size", "pictures")
    for (size, count) in order.prefix(20) {
      table.append(["\(size.width)×\(size.height)", Figures.grouped(count)])
    }
    let others = order.dropFirst(20)
    if !others.isEmpty {
      let count = others.reduce(0) { $0 + $1.value }
      table.append(
        ["\(others.count) other sizes", Figures.grouped(count)], isSeparated: true)
    }
    report.table(table)
  }

  private mutating func addMosaic(_ pictures: [DetectionDataset.Picture], names: [String]) {
    report.section("Pictures")
    let painter = DetectionPainter(names: names, showsConfidence: false)
    // What cannot be decoded is the audit's business.
    report.pictures(
      pictures.compactMap { picture in
        (try? Self.drawn(picture, painter)).map {
          let count = picture.labels.count
          return (
            bytes: $0,
            caption: "\(fileName(of: picture.path)): \(count) box\(count == 1 ? "" : "es")"
          )
        }
      })
  }

  /// A bin for each count, or for as many as fit into sixty bins.
  private static func histogram(ofCounts counts: [Int]) -> Histogram {
    let (low, high) = (counts.min() ?? 0, counts.max() ?? 0)
    let perBin = (high - low) / 60 + 1
    let bins = (high - low) / perBin + 1
    return Histogram(
      counts.map(Double.init), from: Double(low) - 0.5, to: Double(low + bins * perBin) - 0.5,
      count: bins)
  }

  private static func drawn(
    _ picture: DetectionDataset.Picture, _ painter: DetectionPainter
  ) throws -> [UInt8] {
    var page = try PagePicture(contentsOf: picture.path)
    let (width, height) = (page.width, page.height)
    try page.draw(
      picture.labels.map {
        BoxMark(
          box: $0.box(pictureWidth: width, pictureHeight: height),
          color: Palette.color(forClass: $0.classIndex), text: painter.name(ofClass: $0.classIndex))
      })
    return try page.jpeg()
  }
}
