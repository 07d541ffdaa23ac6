import Darknet
import Training

/// Brings the scales that sparse training left small back to about 1, where those of a fresh
/// network are, by a ``ScaleTransfer``.
///
/// A convolution with batch normalisation after it computes the same for any size of its weights,
/// and takes steps that are the larger the smaller they are; so a network with scales of 0.15 is
/// fine-tuned slowly. The factor is a power of two, so that the outputs stay as they are to the
/// bit, and one for all layers that can take it, so that their scales compare as before; those of
/// the others (``ScaleTransfer/obstacles``) no longer compare with them.
public struct ScaleRestoration: Sendable {
  /// The median |γ| of the layers that can take a factor, without what is near zero
  /// (``PruningVerdict/silence``); nil where there is none.
  public let median: Float?
  /// The largest power of two that leaves the median at 1 or below; 1 where that would be less.
  public let factor: Float
  /// The factor on all layers that can take it.
  public let transfer: ScaleTransfer

  /// Finds the factor of a network.
  ///
  /// - Throws: ``ConfigurationError`` when the network is too large.
  public init(
    _ spec: NetworkSpec, _ parameters: NetworkParameters
  ) throws(ConfigurationError) {
    let selected = spec.layers.indices.filter {
      spec.layers[$0].convolution?.batchNormalize == true
    }
    let candidates = try ScaleTransfer(factor: 1, of: selected, in: spec).layers
    let sizes = candidates.flatMap { (parameters.layers[$0][.gamma]?.values ?? []).map(abs) }
      .filter { $0 >= PruningVerdict.silence }.sorted()
    median = sizes.isEmpty ? nil : sizes[sizes.count / 2]
    var factor: Float = 1
    if let median { while 2 * factor * median <= 1 { factor *= 2 } }
    self.factor = factor
    transfer = try ScaleTransfer(factor: factor, of: selected, in: spec)
  }
}
