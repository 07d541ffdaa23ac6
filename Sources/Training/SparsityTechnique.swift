import Darknet
import Networks
import Torch

/// L1 on BN scales: pushes the scales of channels that matter little towards zero, so that pruning
/// can take them (arXiv 1708.06519; SPEC section 4.1).
///
/// Once per optimizer step, on unscaled gradients, the gradient of each selected γ grows by
/// strength · sign(γ), where sign(0) = 0; or |γ| itself shrinks after the step
/// (``SparsityUpdate/proximal``). The replaced systems added it once per micro-batch: their `s` under
/// an accumulation of `a` batches is our `a · s` (SPEC section 4.4).
public final class SparsityTechnique: TrainingTechnique {
  /// `sparsity`.
  public let name = "sparsity"
  /// The factor before sign(γ).
  public let strength: Double
  /// How the strength changes over the run.
  public let schedule: SparsitySchedule
  /// How it acts.
  public let update: SparsityUpdate
  /// Layers whose scales are pushed, by index in the cfg.
  public let layers: [Int]

  private var scales: [Tensor] = []

  /// - Parameters:
  ///   - strength: above 0; 0.001 suits a few classes, 0.0001 many.
  ///   - layers: convolutions with batch normalisation.
  public init(
    strength: Double, layers: [Int], schedule: SparsitySchedule = .constant,
    update: SparsityUpdate = .subgradient
  ) {
    self.strength = strength
    self.schedule = schedule
    self.update = update
    self.layers = layers
  }

  /// Finds the selected scales and says which they are.
  public func prepare(_ network: Network) throws -> [String] {
    let wanted = Set(layers)
    let entries = try network.tensors.filter { $0.role == .gamma && wanted.contains($0.layer) }
    guard !entries.isEmpty else { throw TrainingError.nothingToSparsify }
    scales = entries.map(\.tensor)
    let channels = scales.reduce(0) { $0 + $1.count }
    let list = entries.map { String($0.layer) }.joined(separator: " ")
    return [
      "sparsity \(strength) on \(channels) scales of \(entries.count) layers: \(list)"
    ]
  }

  /// Adds strength · sign(γ) to the gradients.
  public func afterBackward(_ step: TrainingStep) throws {
    guard update == .subgradient else { return }
    try withoutGrad {
      let (factor, threshold) = try pull(step)
      let gradients = scales.compactMap(\.grad)
      let pulls = try scales.map { scale in
        let scale = try scale.detach()
        return try weighted(scale.sign(), scale, threshold)
      }
      try ForEach.add(gradients, pulls, scale: factor)
    }
  }

  /// Shrinks |γ| by learning rate · strength, to zero at most.
  public func afterStep(_ step: TrainingStep) throws {
    guard update == .proximal else { return }
    try withoutGrad {
      let (factor, threshold) = try pull(step)
      for scale in scales {
        let old = try scale.detach()
        let loss = try weighted(old.zerosLike() + factor * step.learningRate, old, threshold)
        let size = try (old.abs() - loss).clamped(min: 0)
        _ = try scale.copyInPlace(old.sign() * size)
      }
    }
  }

  /// The strength of the moment, and the |γ| from which on a hundredth of it is left.
  private func pull(_ step: TrainingStep) throws -> (factor: Double, threshold: Double?) {
    let (factor, quantile) = schedule.values(epoch: step.epoch, epochs: step.epochs)
    let threshold = try quantile.map { quantile in
      let sorted = try sortedMagnitudes()
      return Double(sorted[min(Int(quantile * Double(sorted.count)), sorted.count - 1)])
    }
    return (strength * factor, threshold)
  }

  /// `pull` with a hundredth left where |γ| reaches the threshold.
  private func weighted(_ pull: Tensor, _ scale: Tensor, _ threshold: Double?) throws -> Tensor {
    guard let threshold else { return pull }
    let isLarge = try (scale.abs() .>= threshold).to(.float32)
    return try pull * (isLarge * (SparsitySchedule.remainder - 1) + 1)
  }

  /// |γ| of all selected scales, ascending.
  private func sortedMagnitudes() throws -> [Float] {
    try withoutGrad {
      try Tensor.concatenated(scales.map { try $0.detach() }, dim: 0).abs().toFloats().sorted()
    }
  }

  /// The share of selected scales below 0.01, and quantiles of |γ|.
  public func metrics() throws -> [(name: String, value: Double)] {
    let sorted = try sortedMagnitudes()
    guard let last = sorted.last else { return [] }
    let small = Double(sorted.count { $0 < 0.01 }) / Double(sorted.count)
    let quantile = { (q: Double) in
      Double(sorted[min(Int(q * Double(sorted.count)), sorted.count - 1)])
    }
    return [
      ("gamma<0.01", small), ("gamma25", quantile(0.25)), ("gamma50", quantile(0.5)),
      ("gamma75", quantile(0.75)), ("gammaMax", Double(last)),
    ]
  }
}
