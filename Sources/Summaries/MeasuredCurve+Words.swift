import Commands
import Pruning
import Reports
import Runs

extension MeasuredCurve {
  /// A row for each share.
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

  /// The curve, and where it breaks off.
  package var lines: Lines {
    let empties = points.contains { $0.empties && !$0.removesNothing }
    var lines = Lines()
    lines.add(
      "mAP at rising shares of channels; * with statistics re-estimated, as --recalibrate does"
        + (empties ? "; with --force, because a layer would lose all its channels" : ""))
    lines.add(table)
    lines.add(summary)
    if let recalibrationInWords { lines.add(recalibrationInWords) }
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
    return "more than \(lost) of the row at 0 % are first lost: \(places.joined(separator: ", "))"
  }

  /// That re-estimating alone costs something; nil where it does not.
  var recalibrationInWords: String? {
    guard recalibrationCosts else { return nil }
    return "re-estimating statistics alone takes mAP@0.5 of the unchanged network from "
      + "\(Figures.fixed(original.map50, 4)) to \(Figures.fixed(originalRecalibrated.map50, 4)): "
      + "--recalibrate helps only where the columns with * are higher than those without"
  }

  /// What is told of the curve of a pruning whose share is left open.
  ///
  /// - Parameters:
  ///   - run: what measured it.
  package func summary(of run: PruningRun) -> Summary {
    var summary = Summary()
    let curve = points(recalibrated: run.recipe.recalibrates)
    let reach = reach(recalibrated: run.recipe.recalibrates)
    summary.lines = lines
    summary.lines.add("nothing was pruned: --percent is not given")
    if reach > 0 {
      summary.next = [
        (
          "prune the largest share that loses no more"
            + (reach < curve.reach ? " and needs no --force" : ""),
          PruneSummary.again(["--percent", "\(Int((100 * reach).rounded()))%"])
        )
      ]
    } else if !run.recipe.method.score.needsPictures {
      summary.next = [
        (
          "choose by what channels do on pictures",
          PruneSummary.again(["--score", "taylor", "--curve"])
        )
      ]
    }
    summary.json = .members([
      "curve": json, "cliff": curve.cliff, "reach": reach,
      "emptyingPercent": run.pruner.emptyingPercent,
      "next": summary.next.first.map { "\($0.command)" },
    ])
    return summary
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
