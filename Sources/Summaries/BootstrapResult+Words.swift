import Boxes
import Commands
import Reports
import Terminal
import Training

// Differences of mAP in words: the same in all commands and on all pages.

extension DifferenceJudgement {
  /// As a table's cell: "a loss".
  package var words: String {
    switch self {
    case .gain: "a gain"
    case .nothingToLose: "nothing to lose"
    // Not that there is no difference.
    case .noDifference: "nothing"
    case .unclear: "too few pictures"
    case .smallLoss: "a small loss"
    case .loss: "a loss"
    }
  }
}

extension BootstrapResult {
  /// What the difference amounts to: "a loss is shown".
  package var verdict: String {
    switch judgement {
    case .loss where findsNothing: "next to nothing is found any more"
    case .gain, .smallLoss, .loss: "\(judgement.words) is shown"
    case .noDifference: "no difference is shown\(leftOpen)"
    case .nothingToLose: "next to nothing was found before, so nothing can be lost"
    // No difference shown is then no sign that there is none.
    case .unclear: "nothing is shown: \(shortage)"
    }
  }

  /// What a loss may come to where none is shown.
  private var leftOpen: String {
    let points = Figures.fixed(100 * possibleLoss, 1)
    return points == Figures.fixed(0, 1)
      ? "" : ", a loss of up to \(points) points of \(metric.title) is possible"
  }

  /// What the pictures are too few for.
  fileprivate var shortage: String {
    guard canShowDifference else {
      return "\(counted(imagesWithObjects, "picture")) with objects "
        + "\(imagesWithObjects == 1 ? "is" : "are") too few to show anything; it takes "
        + "\(fewestImages) or more"
    }
    return
      "\(counted(images, "picture")) \(images == 1 ? "is" : "are") too few to show a difference of "
      + "\(metric.title) below about \(leastShownPoints) points"
  }

  /// ``leastShown`` in whole points: more than the difference, as that is printed.
  var leastShownPoints: Int {
    let points = Int((100 * leastShown - 1e-9).rounded(.up))
    return (10_000 * abs(difference)).rounded() < Double(100 * points) ? points : points + 1
  }

  package var json: JSONValue {
    .members([
      "metric": metric.rawValue, "baseline": self.baseline, "candidate": self.candidate,
      "difference": difference, "mean": meanDifference, "lower": interval.lowerBound,
      "upper": interval.upperBound, "level": level, "resamples": resamples,
      "isShown": showsDifference, "judgement": judgement.rawValue,
    ])
  }
}

extension [BootstrapResult] {
  /// mAP@0.5:0.95 first, by which networks are judged.
  fileprivate var byWeight: [BootstrapResult] {
    filter { $0.metric == .map } + filter { $0.metric != .map }
  }

  /// All figures, their change, and what it amounts to, in one line.
  package var headline: String {
    let results = byWeight
    func figure(_ result: BootstrapResult) -> String {
      "\(result.metric.title) \(result.change)"
    }
    // What may be lost counts where nothing is shown, what could not be shown where the pictures are few.
    let isOpen = results.allSatisfy { $0.judgement == .noDifference }
    guard
      let widest = results.max(by: {
        isOpen ? $0.possibleLoss < $1.possibleLoss : $0.leastShown < $1.leastShown
      })
    else { return "" }
    guard results.allSatisfy({ $0.judgement == widest.judgement }) else {
      return results.map { "\(figure($0)): \($0.verdict)" }.joined(separator: "; ")
    }
    return results.map(figure).joined(separator: ", ") + ": \(widest.verdict)"
  }
}

/// Differences of networks from one of them, as a table and in the lines that it needs.
package struct DifferenceTable {
  private let baseline: String
  private let rows: [(name: String, results: [BootstrapResult])]

  /// - Parameters:
  ///   - rows: of each network the differences, which are its own figures minus those of `baseline`.
  ///   - baseline: what that network is called.
  package init(_ rows: [(name: String, results: [BootstrapResult])], minus baseline: String) {
    (self.rows, self.baseline) = (rows, baseline)
  }

  private var results: [BootstrapResult] { rows.flatMap(\.results) }

  /// A row for each figure, that by which networks are judged first; nil where nothing was compared.
  package var table: Table? {
    guard let level = results.first?.level else { return nil }
    var table = Table([
      Table.Column("minus \(baseline)", .left), Table.Column("figure", .left),
      Table.Column("points"), Table.Column("\(Figures.percent(level, 0)) interval"),
      Table.Column("shown", .left),
    ])
    for row in rows {
      for result in row.results.byWeight {
        let interval = result.interval
        table.append([
          row.name, result.metric.title, BootstrapResult.points(result.difference),
          "\(BootstrapResult.points(interval.lowerBound)) to "
            + BootstrapResult.points(interval.upperBound),
          result.judgement.words,
        ])
      }
    }
    return table
  }

  /// How the intervals were made, and what they could not have shown.
  package var notes: [String] {
    guard let first = results.first else { return [] }
    let unclear = results.filter { $0.judgement == .unclear }.max { $0.leastShown < $1.leastShown }
    return [
      "intervals: \(grouped(first.resamples)) resamples of \(counted(first.images, "picture")); one "
        + "that holds zero shows nothing, and whatever lies in it is possible"
    ]
      + [
        unclear.map {
          "too few pictures: \($0.shortage)"
            + ($0.canShowDifference ? "; less shows where both find mostly the same" : "")
        }
      ].compactMap(\.self)
  }
}

extension Lines {
  /// Adds differences, with an empty line after their table.
  mutating func add(_ differences: DifferenceTable) {
    guard let table = differences.table else { return }
    add(table, cutsNames: false)
    add(differences.notes)
  }
}

extension HTMLReport {
  /// Adds differences.
  mutating func add(_ differences: DifferenceTable) {
    guard let table = differences.table else { return }
    self.table(table)
    for line in differences.notes { sentence(line) }
  }

  /// What was typed for the page.
  mutating func addCommand(_ description: RunDescription) {
    paragraph("What was typed for this page:")
    code(description.command)
  }

  /// Where it was made.
  mutating func addMachine(_ description: RunDescription) {
    section("Machine")
    facts(description.machine.map { ($0.name, $0.value) })
  }

  /// A paragraph of a line as it is printed: with a capital letter and a full stop.
  mutating func sentence(_ line: String) {
    paragraph("\(line.prefix(1).uppercased())\(line.dropFirst()).")
  }
}
