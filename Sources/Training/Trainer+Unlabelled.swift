import Loading
import Torch

extension Trainer {
  /// The detection loss of a batch: of its pictures whose labels are known, each with the weight
  /// that it has in a batch of such alone.
  func detectionLoss(
    of outputs: [Tensor], _ batch: TrainingBatch, inputWidth: Int, inputHeight: Int,
    overlapShare: Double
  ) throws -> DetectionLoss.Value {
    func value(_ outputs: [Tensor], _ targets: [BatchTarget]) throws -> DetectionLoss.Value {
      try loss(
        outputs, heads: network.heads, targets: targets, inputWidth: inputWidth,
        inputHeight: inputHeight, overlapShare: overlapShare, communicator: communicator)
    }
    guard let isLabelled = batch.isLabelled, isLabelled.contains(false) else {
      return try value(outputs, batch.targets)
    }
    let labelled = isLabelled.indices.filter { isLabelled[$0] }
    precondition(!labelled.isEmpty, "every part of a batch has a picture with labels")
    let rows = try Tensor(labelled, device: network.device)
    let places = Dictionary(uniqueKeysWithValues: labelled.enumerated().map { ($1, $0) })
    let targets = batch.targets.compactMap { target -> BatchTarget? in
      guard let place = places[target.imageIndex] else { return nil }
      var target = target
      target.imageIndex = place
      return target
    }
    let own = try value(outputs.map { try $0.indexSelect(dim: 0, rows) }, targets)
    let share = Double(labelled.count) / Double(isLabelled.count)
    return DetectionLoss.Value(
      total: try own.total * share, terms: try own.terms * share, matches: own.matches)
  }
}
