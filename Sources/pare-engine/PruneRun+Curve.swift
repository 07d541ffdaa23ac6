import Commands
import Pruning
import Reports
import Runs

extension MeasuredCurve {
  var table: Table {
    // The star is explained above the table.
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

  /// Where each curve breaks off.
  var summary: String {
    let lost = "\(Int(100 * PruningCurve.tolerance)) points of mAP@0.5"
    let places = [("as pruned", false), ("with re-estimated statistics", true)].map { name, kind in
      points(recalibrated: kind).cliff.map { "\(name) at \(Figures.percent($0, 0))" }
        ?? "\(name) nowhere"
    }
    return "more than \(lost) are first lost: \(places.joined(separator: ", "))"
  }

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
