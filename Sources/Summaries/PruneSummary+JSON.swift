import Commands
import Pruning
import Runs
import Training

extension PruneSummary {
  /// For programs.
  var json: JSONValue {
    let folder = RunFolder(path: output)
    let (measured, check, plan) = (outcome.measured, outcome.check, outcome.plan)
    let (request, curve, pruner) = (outcome.request, outcome.curve, run.pruner)
    // By layer, the share up to which it is not emptied.
    let emptyingPercents = JSONValue.array(
      pruner.emptyingPercents.map { .members(["layer": $0.layer, "percent": $0.percent]) })
    return .members([
      "before": measured.rows[0].json, "after": measured.rows[1].json,
      "load": measured.timing.load?.json,
      "loss": measured.loss?.points, "judgement": measured.loss?.judgement.rawValue,
      "callsForTuning": outcome.advice.callsForTuning,
      "differences": JSONValue.array(measured.differences.map(\.json)),
      "maxAbsDifference": check.proof.maxAbsDifference,
      "outputScale": check.proof.outputScale,
      "relativeDifference": check.proof.relativeDifference,
      "statisticsReestimatedAfterProof":
        outcome.pair.certificate.statisticsReestimatedAfterProof,
      "emptyingPercent": pruner.emptyingPercent, "emptyingPercents": emptyingPercents,
      // The same by their old names.
      "safePercent": pruner.emptyingPercent, "safePercents": emptyingPercents,
      "staircases": request.staircases.isEmpty ? nil : staircases(request),
      "threshold": plan.threshold, "percent": request.percent,
      "restoredScales": outcome.restored.map(Double.init),
      "removedBlocks": JSONValue.array(
        plan.removedBlocks.map { JSONValue.integer($0.block.shortcut) }),
      "advice": advice, "next": next.first.map { "\($0.command)" },
      "scaleQuantiles": JSONValue.array(
        zip(PruningVerdict.shares, outcome.verdict.quantiles).map {
          .members(["share": $0, "scale": Double($1)])
        }),
      "nearZero": JSONValue.array(
        outcome.verdict.silentShares.map { .members(["layer": $0.layer, "share": $0.share]) }),
      "curve": curve?.json ?? JSONValue.array([]),
      "cliff": curve?.points(recalibrated: recipe.recalibrates).cliff,
      "fromOriginal": JSONValue.members([
        "interior": check.interiorFromOriginal, "everywhere": check.fromOriginal,
      ]),
      "feeding": run.feeding.json,
      "cfg": absolute(folder.cfgPath), "weights": absolute(folder.weightsPath),
      "report": absolute(folder.reportPath),
    ])
  }

  /// The staircases that decided.
  private func staircases(_ request: PruningRequest) -> JSONValue {
    JSONValue.array(
      request.staircases.sorted { $0.key < $1.key }.map { layer, staircase in
        .members([
          "layer": layer,
          "widths": JSONValue.array(staircase.points.map { JSONValue.integer($0.width) }),
          "milliseconds": JSONValue.array(staircase.points.map { .number($0.milliseconds) }),
          "edges": JSONValue.array(staircase.edges.map { JSONValue.integer($0) }),
        ])
      })
  }
}
