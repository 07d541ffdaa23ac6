import Darknet
import Networks
import Torch

/// The BN scales of a layer, as sparse training sees them.
struct SparseScale {
  /// Index of the layer in the cfg.
  let layer: Int
  /// γ, `[C]`.
  let gamma: Parameter
  /// What part of the strength acts on each channel, `[C]`; all of it where nil.
  let share: Tensor?
  /// What γ is multiplied by for the time of the training, `[C]`; nothing where nil.
  let factor: Tensor?

  /// The scales of every convolution with batch normalisation, in the order of the cfg.
  static func all(
    of network: Network, shares: [Int: [Float]], rescaling: ParameterScaling?
  ) throws -> [SparseScale] {
    try network.tensors.filter { entry in
      guard entry.role == .gamma else { return false }
      if case .batchNorm = network.spec.layers[entry.layer] { return false }
      return true
    }.map { entry in
      let factors = rescaling?.entries.first { $0.layer == entry.layer && $0.role == .gamma }
      return SparseScale(
        layer: entry.layer, gamma: entry.parameter,
        share: try shares[entry.layer].map { try Tensor($0, device: network.device) },
        factor: try factors.map { try Tensor($0.factors, device: network.device) })
    }
  }

  /// |γ| without the factor, `[C]`, on the device.
  func magnitude() throws -> Tensor {
    let size = try gamma.value.detach().abs()
    return try factor.map { try size / $0 } ?? size
  }
}

extension [SparseScale] {
  /// |γ| of all channels without the factors, ascending.
  func sortedMagnitudes() throws -> [Float] {
    try withoutGrad { try magnitudes().toFloats().sorted() }
  }

  /// The |γ| at a share of the way through all channels in ascending order, of rank 0. It stays on
  /// the device, for it is wanted at each step.
  func magnitude(atQuantile share: Double) throws -> Tensor {
    try withoutGrad {
      let all = try magnitudes()
      return try all.sorted().values.select(dim: 0, index: all.count.rank(ofQuantile: share))
    }
  }

  /// |γ| of all channels without the factors, on the device.
  private func magnitudes() throws -> Tensor {
    try Tensor.concatenated(map { try $0.magnitude() }, dim: 0)
  }
}

extension Int {
  /// The place of a quantile (`0...1`) among this many sorted values, at least one.
  func rank(ofQuantile share: Double) -> Int { Swift.min(Int(share * Double(self)), self - 1) }
}
