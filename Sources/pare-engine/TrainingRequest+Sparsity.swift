import Commands
import Darknet
import Pruning
import Training

extension TrainingRequest {
  /// What `--sparsity` and its companions ask for; nil where they ask for nothing.
  func sparsityTechnique(_ spec: NetworkSpec) throws -> SparsityTechnique? {
    guard let sparsity else { return nil }
    let scope = sparsityScope.flatMap(PruningScope.init) ?? .all
    let layers = try scope.selectedLayers(spec)
    // Before the run's folder is made.
    guard !layers.isEmpty else { throw PruningError.nothingToSparsify }
    var shares: [Int: [Float]] = [:]
    if case .automatic = schedule {
      let slots = try ChannelSlots(spec)
      shares = SlotClasses(slots).pullShares(of: layers, slots)
    }
    let transfer = try sparsityRescale.map { factor in
      try ScaleTransfer(factor: Float(factor), of: layers, in: spec)
    }
    if let transfer, transfer.layers.isEmpty {
      throw EngineError.unusableOperand(
        "--sparsity-rescale",
        reason: "nothing can be rescaled (\(transfer.notes.joined(separator: "; ")))")
    }
    return SparsityTechnique(
      strength: sparsity, layers: layers, schedule: schedule, update: update, shares: shares,
      rescaling: transfer?.scaling, notes: transfer?.notes ?? [])
  }

  /// Constant in folders of versions that had no other.
  private var schedule: SparsitySchedule {
    switch sparsitySchedule.flatMap(SparsityScheduleChoice.init) {
    case .global: .globalDecay
    case .local: .localDecay(after: 0.5, quantile: 1 - (sparsityKeep ?? 0.15))
    case .localEarly: sparsityKeep.map { .localEarly(keep: $0) } ?? .localEarly
    case .auto: .automatic(band: sparsityBand ?? 2)
    case .constant, nil: .constant
    }
  }

  private var update: SparsityUpdate {
    sparsityUpdate == SparsityUpdateChoice.proximal.rawValue ? .proximal : .subgradient
  }
}
