import Boxes
import Commands
import Reports
import Runs
import Terminal
import Training

extension TeacherGain {
  private static let pageName = "control.html"

  private var sides: [Side] { [taught] + controls }

  private var table: Table {
    var table = Table("network", "epochs", "time", "mAP@0.5", "mAP@0.5:0.95")
    for side in sides {
      table.append([
        side.name, "\(side.epochs)", Figures.duration(seconds: side.seconds),
        Figures.fixed(side.result.map50.ifMeasured, 4),
        Figures.fixed(side.result.map.ifMeasured, 4),
      ])
    }
    return table
  }

  private var differences: [DifferenceTable] {
    zip(controls, intervals).map { DifferenceTable([(taught.name, $1)], minus: $0.name) }
  }

  /// What the intervals do not know.
  private static let caution =
    "an interval is over the pictures, not over seeds: another '--seed' alone can change mAP by more "
    + "than a teacher does, so repeat both with others before you rely on it"

  /// What the teacher was worth, and which file holds the better network.
  package var outcome: String {
    let found = "the better network is in \(displayed(best.weights))"
    let observed = "by the observed mAP@0.5, which chose the best epochs too, \(found)"
    return verdict == .gain
      ? "gain shown, by one pair of runs: \(found)" : "\(verdict.words); \(observed)"
  }

  /// The comparison, which ends with its ``outcome``.
  package var lines: Lines {
    var lines = Lines()
    lines.add(table)
    for side in sides { lines.add("\(side.name): \(displayed(side.folder))") }
    for table in differences { lines.add(table) }
    lines.add(Self.caution)
    lines.add(outcome)
    return lines
  }

  /// Writes the comparison as a page beside the run's own, and as a section of that.
  package func writePages(in folder: String, command: [String]) throws {
    var page = HTMLReport(title: "\(folder), with and without a teacher")
    page.paragraph("What was typed for this run:")
    page.code(shellCommand(["pare"] + command.dropFirst()))
    page.section("On the validation pictures")
    add(to: &page)
    page.section("Files")
    page.facts(sides.map { ($0.name, $0.weights) })
    try page.write(to: "\(folder)/\(Self.pageName)")
    try HTMLReport.setSection(
      "With and without a teacher", of: RunFolder(path: folder).reportPath
    ) { add(to: &$0) }
  }

  private func add(to page: inout HTMLReport) {
    page.paragraph(outcome)
    page.table(table)
    for table in differences { page.add(table) }
    page.paragraph(Self.caution)
  }

  /// For programs.
  package var json: JSONValue {
    .members([
      "gainShown": isShown, "best": absolute(best.weights),
      "networks": JSONValue.array(
        sides.map { side in
          .members([
            "name": side.name, "run": absolute(side.folder), "epochs": side.epochs,
            "seconds": side.seconds, "map50": side.result.map50.ifMeasured,
            "map": side.result.map.ifMeasured,
          ])
        }),
      "differences": JSONValue.array(intervals.map { JSONValue.array($0.map(\.json)) }),
    ])
  }
}

extension TeacherGain.Verdict {
  /// Whether a gain is shown; where one is, but not of all figures, why that does not count.
  var words: String {
    func listed(_ names: [String]) -> String { names.joined(separator: ", ") }
    switch self {
    case .gain: return "gain shown"
    case .nothing:
      return "no gain shown: without the teacher next to nothing is found, and with it no more"
    case .loss(let figures, let gains):
      return "no gain shown: the teacher made \(listed(figures)) worse"
        + (gains.isEmpty ? "" : ", though \(listed(gains)) better")
    case .open(let figures, let gains):
      guard !gains.isEmpty else {
        return "no gain shown: "
          + (figures.count == 1 ? "the interval holds zero" : "all intervals hold zero")
      }
      return "no gain shown by all figures: \(listed(gains)) gained, but the "
        + "\(figures.count == 1 ? "interval" : "intervals") of \(listed(figures)) "
        + "\(figures.count == 1 ? "holds" : "hold") zero"
    }
  }
}
