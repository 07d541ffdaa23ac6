import Pruning

/// What is said before anything is removed.
extension PruneRun {
  /// What the scales say.
  func verdict(_ request: PruningRequest) throws -> PruningVerdict {
    let scales = model.parameters.layers.map { ($0[.gamma]?.values ?? []).map(abs) }
    return PruningVerdict(
      scales: scales, classes: spec.classes, going: try pruner.scalesToGo(request))
  }
}
