import Loading
import Torch

extension Trainer {
  /// The detection loss of a batch: of its pictures whose labels are known, each with the weight
  /// that it has in a batch of such alone. One of several processes may have none of them.
  func detectionLoss(
    of outputs: [Tensor], _ batch: TrainingBatch, inputWidth: Int, inputHeight: Int,
    overlapShare: Double
  ) throws -> DetectionLoss.Value {
    func value(
      _ outputs: [Tensor], _ targets: [BatchTarget], counts: Bool = true
    ) throws -> DetectionLoss.Value {
      try loss(
        outputs, heads: network.heads, targets: targets, inputWidth: inputWidth,
        inputHeight: inputHeight, overlapShare: overlapShare, communicator: communicator,
        counts: counts)
    }
    // With several processes all of them go on, whatever is in their own parts.
    guard let isLabelled = batch.isLabelled, communicator.size > 1 || isLabelled.contains(false)
    else { return try value(outputs, batch.targets) }
    let labelled = isLabelled.indices.filter { isLabelled[$0] }
    precondition(
      communicator.size > 1 || !labelled.isEmpty, "every batch has a picture with labels")
    let places = Dictionary(uniqueKeysWithValues: labelled.enumerated().map { ($1, $0) })
    let targets = batch.targets.compactMap { target -> BatchTarget? in
      guard let place = places[target.imageIndex] else { return nil }
      var target = target
      target.imageIndex = place
      return target
    }
    // Where there is none, the first one stands in, and counts for nothing.
    let rows = try Tensor(labelled.isEmpty ? [0] : labelled, device: network.device, pinned: true)
    let own = try value(
      outputs.map { try $0.indexSelect(dim: 0, rows) }, targets, counts: !labelled.isEmpty)
    guard communicator.size > 1 else {
      let share = Double(labelled.count) / Double(isLabelled.count)
      return DetectionLoss.Value(
        total: try own.total * share, terms: try own.terms * share, matches: own.matches)
    }
    let all = try Tensor([Float(labelled.count)], device: network.device)
    try communicator.sumInPlace([all])
    let share = try all.squeezed() / Double(batch.pictureCount)
    return DetectionLoss.Value(
      total: try own.total * share, terms: try own.terms * share, matches: own.matches)
  }
}
