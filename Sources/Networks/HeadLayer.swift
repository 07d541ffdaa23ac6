import Darknet
import Torch

/// A detection head as a layer: hands on the raw output of the convolution before it, or with ASFF
/// a mixture of all heads' convolutions. Its boxes are made by the ``DetectionHead``.
final class HeadLayer: Layer {
  private let fusion: FeatureFusion?

  init(fusion: FeatureFusion? = nil) { self.fusion = fusion }

  func callAsFunction(_ input: Tensor, _ context: LayerContext) throws -> Tensor {
    guard let fusion else { return input }
    return try fusion(fusion.sources.map { try context.output(of: $0) })
  }
}

/// Adaptive fusion of heads (the extension `from` of `[yolo]`, "ASFF"; docs/formulas.md 2.4).
///
/// Each of n heads has n channels more than it needs. Head i's own last n channels, w = σ(·)·2/n,
/// weigh the heads at each place: p = Σ wⱼ·headⱼ, where the other heads are brought to its grid
/// bilinearly.
package struct FeatureFusion {
  /// The heads' convolutions, in the order of the heads.
  package let sources: [Int]
  /// Which of them is this head's own.
  let rank: Int

  /// Mixes the heads' outputs `[N, C + n, Hⱼ, Wⱼ]` to `[N, C, H, W]`.
  package func callAsFunction(_ heads: [Tensor]) throws -> Tensor {
    let own = heads[rank]
    let count = heads.count
    let channels = own.shape[1] - count
    let weights =
      try own.narrow(dim: 1, start: channels, count: count).sigmoid()
      * (2 / Double(count))
    var sum: Tensor?
    for (index, head) in heads.enumerated() {
      var values = try head.narrow(dim: 1, start: 0, count: channels)
      if index != rank {
        values = try values.resized(height: own.shape[2], width: own.shape[3])
      }
      let part = try values * weights.narrow(dim: 1, start: index, count: 1)
      sum = try sum.map { try $0 + part } ?? part
    }
    return sum ?? own
  }
}

extension FeatureFusion {
  /// The fusion of a head; nil for an ordinary one.
  package init?(_ spec: YoloSpec) {
    guard !spec.fusionSources.isEmpty else { return nil }
    self.init(sources: spec.fusionSources, rank: spec.fusionRank)
  }
}
