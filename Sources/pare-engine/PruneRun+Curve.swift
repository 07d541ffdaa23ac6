import Commands
import Inference
import Pruning
import Reports
import Training

/// mAP at rising shares, as pruned and with statistics re-estimated.
struct MeasuredCurve {
  /// mAP@0.5 and mAP@0.5:0.95.
  struct Figure: Equatable {
    let map50: Double
    let map: Double

    init(_ outcome: Evaluation.Outcome) {
      (map50, map) = (outcome.result.map50, outcome.result.map)
    }
  }

  struct Point {
    let percent: Double
    let asPruned: Figure
    let recalibrated: Figure
    /// Whether the share is beyond what leaves every layer a channel of its own.
    let empties: Bool
    /// Whether the network is the original.
    let removesNothing: Bool
  }

  /// The whole network.
  let original: Figure
  /// Ascending, from 0.
  var points: [Point] = []

  /// One of the two curves of mAP@0.5.
  func points(recalibrated: Bool) -> PruningCurve {
    PruningCurve(
      original: original.map50,
      points: points.map {
        .init(
          percent: $0.percent, map50: recalibrated ? $0.recalibrated.map50 : $0.asPruned.map50)
      })
  }

  var table: Table {
    var table = Table(
      "share", "mAP@0.5", "mAP@0.5:0.95", "re-estimated", "mAP@0.5:0.95", "")
    for point in points {
      let figures = [point.asPruned, point.recalibrated].flatMap { [$0.map50, $0.map] }
      table.append(
        [Figures.percent(point.percent, 0)] + figures.map { Figures.fixed($0, 4) } + [
          point.removesNothing
            ? "the original" : point.empties ? "empties a layer (--force)" : ""
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

extension PruneRun {
  /// Measures both curves, on the pictures that the pruning itself is measured on, and exactly as it
  /// is; nil unless asked for.
  ///
  /// - Throws: ``PruningError/beyondCliff(_:cliff:)`` when the request is, unless it is forced.
  func curve(_ request: PruningRequest) throws -> MeasuredCurve? {
    guard options.judgement.curve, let dataset, method.judgement != .nothing else { return nil }
    let whole = try evaluate(model.network(on: device), dataset, label: "the whole network")
    var curve = MeasuredCurve(original: .init(whole))
    for tenth in 0...9 {
      if tenth == 0 {
        let network = try model.network(on: device)
        try recalibrate(network)
        let recalibrated = try evaluate(network, dataset, label: "0 %, re-estimated")
        curve.points.append(
          .init(
            percent: 0, asPruned: .init(whole), recalibrated: .init(recalibrated), empties: false,
            removesNothing: true))
        continue
      }
      var request = request
      request.percent = Double(tenth) / 10
      request.ranges = request.ranges.map {
        .init(layers: $0.layers, percent: Double(tenth) / 10)
      }
      let result = try pruner(request, force: true)
      let compact = try network(result)
      let isWhole = result.plan.removesNothing
      let asPruned =
        try isWhole ? whole : evaluate(compact, dataset, label: "\(10 * tenth) %, as pruned")
      try recalibrate(compact)
      let recalibrated = try evaluate(compact, dataset, label: "\(10 * tenth) %, re-estimated")
      curve.points.append(
        .init(
          percent: request.percent, asPruned: .init(asPruned), recalibrated: .init(recalibrated),
          empties: method.judgement.takesOneShare && request.percent > pruner.emptyingPercent,
          removesNothing: isWhole))
    }
    if let cliff = curve.points(recalibrated: recalibrates).cliff, request.percent >= cliff,
      !options.channels.force
    {
      try printCurve(curve)
      throw PruningError.beyondCliff(request.percent, cliff: cliff)
    }
    return curve
  }
}
