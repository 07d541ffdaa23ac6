extension Pruner {
  /// What the scales say of a request before anything is removed.
  ///
  /// - Throws: as ``scalesToGo(_:)``.
  public func verdict(_ request: PruningRequest) throws -> PruningVerdict {
    PruningVerdict(
      scales: parameters.layers.map { ($0[.gamma]?.values ?? []).map(abs) }, classes: spec.classes,
      going: try scalesToGo(request))
  }

  /// The largest share of the channels in scope, in steps of 5 % and at most 90 %, up to which what goes
  /// does next to nothing by its scales (docs/formulas.md 7.15); 0 where there is none.
  public func harmlessShare() throws -> Double {
    var harmless = 0.0
    for percent in stride(from: 5, through: 90, by: 5) {
      let share = Double(percent) / 100
      guard try verdict(PruningRequest(percent: share)).advice.isHarmless else { break }
      harmless = share
    }
    return harmless
  }
}

extension PruningVerdict.Advice {
  /// Whether nothing that is at work goes: of a share so small that no channel goes, too.
  fileprivate var isHarmless: Bool { self == .ready || self == .notJudged }
}
