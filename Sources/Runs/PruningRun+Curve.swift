import Inference
import Networks
import Pruning

extension PruningRun {
  /// Measures both curves, on the pictures that the pruning itself is measured on, and exactly as
  /// it is; nil unless asked for.
  func curve(_ request: PruningRequest) throws -> MeasuredCurve? {
    guard recipe.measuresCurve, let dataset, recipe.method.judgement != .nothing else { return nil }
    // Twice each share; where nothing goes, as pruned is the whole network.
    let count = dataset.pictures.count
    var done = 0
    observer.begin("curve", pictures: 20 * count)
    defer { observer.end() }
    func measure(_ network: Network) throws -> MeasuredCurve.Figure {
      defer { done += count }
      return .init(try evaluate(network, dataset, label: nil, after: done))
    }
    let whole = try measure(model.network(on: device))
    var curve = MeasuredCurve(original: whole)
    for tenth in 0...9 {
      if tenth == 0 {
        let network = try model.network(on: device)
        try recalibrate(network)
        curve.points.append(
          .init(
            percent: 0, asPruned: whole, recalibrated: try measure(network), empties: false,
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
      if isWhole { done += count }
      let asPruned = try isWhole ? whole : measure(compact)
      try recalibrate(compact)
      curve.points.append(
        .init(
          percent: request.percent, asPruned: asPruned, recalibrated: try measure(compact),
          empties: pruner.empties(request), removesNothing: isWhole))
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
