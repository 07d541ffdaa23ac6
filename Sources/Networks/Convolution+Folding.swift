import Darknet
import Torch

/// What a batch normalisation subtracts and divides by, `[C]` each.
public struct ChannelStatistics {
  /// μ.
  public let mean: Tensor
  /// σ², divided by the number of values.
  public let variance: Tensor

  /// Statistics that are known.
  public init(mean: Tensor, variance: Tensor) { (self.mean, self.variance) = (mean, variance) }

  /// Those of a batch, `[N, C, H, W]`, as batch normalisation takes them in training.
  public init(of x: Tensor) throws {
    mean = try x.mean(dims: [0, 2, 3])
    variance = try x.variance(dims: [0, 2, 3], unbiased: false)
  }
}

extension Convolution {
  /// Whether batch normalisation follows the convolution: the cfg asks for it, and it is not part
  /// of the weights already.
  public var normalizes: Bool { spec.batchNormalize && !isFolded }

  /// The statistics that batch normalisation goes by outside of training.
  public var runningStatistics: ChannelStatistics {
    get throws {
      let source = owner ?? self
      return try ChannelStatistics(
        mean: source.value(of: .mean), variance: source.value(of: .variance))
    }
  }

  /// γ of the batch normalisation, `[out]`; with `share_index` the owner's.
  public var normalizationScale: Tensor {
    get throws { try (owner ?? self).value(of: .gamma) }
  }

  /// β of the batch normalisation, `[out]`; with `share_index` the owner's.
  public var normalizationShift: Tensor {
    get throws { try (owner ?? self).value(of: .beta) }
  }

  /// Kernel and bias that do what convolution and batch normalisation do: w·γ/√(σ² + ε) and
  /// β − μ·γ/√(σ² + ε) (docs/formulas.md 1.2). Gradients flow to w, γ, β and the statistics.
  ///
  /// The convolution has to normalise (``normalizes``); one that is folded does not any more, so
  /// nothing is folded twice.
  public func foldedKernel(
    by statistics: ChannelStatistics
  ) throws -> (weight: Tensor, bias: Tensor) {
    precondition(normalizes, "a convolution without batch normalisation has nothing to fold")
    let scale =
      try normalizationScale / (statistics.variance + ConvolutionSpec.epsilon).sqrt()
    return (
      try weight * scale.view([-1, 1, 1, 1]),
      try normalizationShift - statistics.mean * scale
    )
  }
}
