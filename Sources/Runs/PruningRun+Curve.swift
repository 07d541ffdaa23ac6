import Inference
import Pruning

extension PruningRun {
  /// Measures both curves, on the pictures that the pruning itself is measured on, and exactly as it
  /// is; nil unless asked for.
  func curve(_ request: PruningRequest) throws -> MeasuredCurve? {
    guard recipe.measuresCurve, let dataset, recipe.method.judgement != .nothing else { return nil }
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
      let result = try pruner.prune(request, force: true)
      let compact = try network(result)
      let isWhole = result.plan.removesNothing
      let asPruned =
        try isWhole ? whole : evaluate(compact, dataset, label: "\(10 * tenth) %, as pruned")
      try recalibrate(compact)
      let recalibrated = try evaluate(compact, dataset, label: "\(10 * tenth) %, re-estimated")
      curve.points.append(
        .init(
          percent: request.percent, asPruned: .init(asPruned), recalibrated: .init(recalibrated),
          empties: recipe.method.judgement.takesOneShare
            && request.percent > pruner.emptyingPercent,
          removesNothing: isWhole))
    }
    return curve
  }

  /// Refuses what the curve says is beyond the cliff, unless it is forced.
  func holdCliff(_ request: PruningRequest, _ curve: MeasuredCurve?) throws(PruningError) {
    guard let cliff = curve?.points(recalibrated: recipe.recalibrates).cliff, !recipe.force,
      request.percent >= cliff
    else { return }
    throw .beyondCliff(request.percent, cliff: cliff)
  }
}
