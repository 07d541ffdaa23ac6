import Commands
import Pruning
import Reports
import Runs

extension MeasuredCurve {
  /// A row for each share.
  var table: Table {
    // The star is explained above the table.
    /// A row for each share.
    var table = Table("share", "mAP@0.5", "mAP@0.5:0.95", "mAP@0.5 *", "mAP@0.5:0.95 *", "")
    for point in points {
      let figures = [point.asPruned, point.recalibrated].flatMap { [$0.map50, $0.map] }
      table.append(
        [Figures.percent(point.percent, 0)] + figures.map { Figures.fixed($0, 4) } + [
          point.removesNothing
            ? "the original" : point.empties ? "needs --force" : ""
        ])
    }
    return table
  }

  /// The curve, and where it breaks off.
  package var lines: Lines {
    let empties = points.contains { $0.empties && !$0.removesNothing }
    var lines = Lines()
    lines.add(
      "mAP at rising shares of channels; * with statistics re-estimated, as --recalibrate does"
        + (empties ? "; with --force, because a layer would lose all its channels" : ""))
    lines.add(table)
    lines.add(summary)
    lines.add()
    return lines
  }

  /// Where each curve breaks off.
  var summary: String {
    let lost = "\(Int(100 * PruningCurve.tolerance)) points of mAP@0.5"
    let places = [("as pruned", false), ("with re-estimated statistics", true)].map { name, kind in
      points(recalibrated: kind).cliff.map { "\(name) at \(Figures.percent($0, 0))" }
        ?? "\(name) nowhere"
    }
    return "more than \(lost) are first lost: \(places.joined(separator: ", "))"
  }

  /// For programs.
  var json: JSONValue {
    .array(
      points.map {
        .members([
          "percent": $0.percent, "map50": $0.recalibrated.map50, "map": $0.recalibrated.map,
          "map50AsPruned": $0.asPruned.map50, "mapAsPruned": $0.asPruned.map,
        ])
      })
  }
}
