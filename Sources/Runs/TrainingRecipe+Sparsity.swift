import Darknet
import Pruning
import Training

extension TrainingRun {
  /// By how much the push of a sparse training lowers a scale at most; nil where that is not known
  /// ahead (``SparsityReach``), and of a run without one.
  package var greatestPush: Double? {
    let course = TrainingCourse(recipe.options, pictures: train.labelledCount)
    let update = recipe.sparsityUpdate ?? .subgradient
    guard let sparsity = recipe.sparsity,
      let reach = SparsityReach(recipe.schedule, update, on: course)
    else { return nil }
    return sparsity * reach.perStrength
  }
}

extension TrainingRecipe {
  /// What the sparsity asks for; nil where there is none.
  func sparsityTechnique(_ spec: NetworkSpec) throws -> SparsityTechnique? {
    guard let sparsity else { return nil }
    let layers = try (sparsityScope ?? .all).selectedLayers(spec)
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
      throw RunError.unusable(
        "--sparsity-rescale",
        reason: "nothing can be rescaled (\(transfer.notes.joined(separator: "; ")))")
    }
    return SparsityTechnique(
      strength: sparsity, layers: layers, schedule: schedule,
      update: sparsityUpdate ?? .subgradient, shares: shares, rescaling: transfer?.scaling,
      notes: transfer?.notes ?? [])
  }

  /// Constant in folders of versions that had no other.
  fileprivate var schedule: SparsitySchedule {
    switch sparsitySchedule {
    case .global: .globalDecay
    case .local: .localDecay(after: 0.5, quantile: 1 - (sparsityKeep ?? 0.15))
    case .localEarly: sparsityKeep.map { .localEarly(keep: $0) } ?? .localEarly
    case .auto: .automatic(band: sparsityBand ?? 2)
    case .constant, nil: .constant
    }
  }
}
