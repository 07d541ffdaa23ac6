import Darknet
import Networks
import Torch

/// A scale and a shift of each output channel of a convolution whose codes stay as they are: they
/// take back what rounding did to its sums (docs/formulas.md 10.13 and 10.14).
///
/// The scale becomes part of the step of the weights, the shift of the bias.
final class OutputCorrection {
  /// `[out]`; nil where all channels have one step, or steps are powers of two.
  let scale: Parameter?
  /// `[out]`.
  let shift: Parameter
  /// Of the quantized sums: means of the batches' means and variances, `[out]`, and how many
  /// batches there were, `[]`.
  private let mean, variance, count: Parameter

  /// Of the last tenths of a run the rate is small, and it is all that these have.
  static let group = ParameterGroup("quantization corrections", rateFactor: 20)
  /// What a scale is held within.
  private static let scales = 0.25...4.0

  init(of convolution: Convolution, at index: Int, _ options: QuantizationOptions) throws {
    let channels = convolution.spec.outChannels
    let name = "quantization.\(index).correction"
    let hasScale = options.isPerChannel && !options.scheme.hasPowersOfTwo
    scale = hasScale ? try Parameter("\(name).scale", Self.group, .ones([channels])) : nil
    shift = try Parameter("\(name).shift", Self.group, .zeros([channels]))
    mean = try Parameter("\(name).mean", .statistics, .zeros([channels]))
    variance = try Parameter("\(name).variance", .statistics, .zeros([channels]))
    count = try Parameter("\(name).count", .statistics, .zeros([]))
  }

  private init(copying other: OutputCorrection) throws {
    (scale, shift) = (try other.scale?.copy(), try other.shift.copy())
    (mean, variance) = (try other.mean.copy(), try other.variance.copy())
    count = try other.count.copy()
  }

  func copy() throws -> OutputCorrection { try OutputCorrection(copying: self) }

  var parameters: [Parameter] {
    [scale, shift, mean, variance, count].compactMap(\.self)
  }

  /// Whether the parameter of a network is one of a correction.
  static func owns(_ parameter: Parameter) -> Bool { parameter.name.contains(".correction.") }

  /// Changes nothing from now on.
  func reset() throws {
    try withoutGrad {
      for parameter in parameters { _ = try parameter.value.zeroInPlace() }
      _ = try scale?.value.fillInPlace(1)
    }
  }

  /// The grid of the weights with the scale in it.
  func corrected(_ grid: QuantizationGrid) throws -> QuantizationGrid {
    guard let scale = try heldScale else { return grid }
    return QuantizationGrid(
      step: try grid.step.detach() * scale, zero: grid.zero, range: grid.range, axis: grid.axis)
  }

  /// The bias with scale and shift in it; a convolution without one gets one.
  func corrected(_ bias: Tensor?) throws -> Tensor {
    guard let bias = try bias?.detach() else { return shift.value }
    return try (heldScale.map { try bias * $0 } ?? bias) + shift.value
  }

  private var heldScale: Tensor? {
    get throws {
      try scale.map {
        try $0.value.clamped(min: Self.scales.lowerBound, max: Self.scales.upperBound)
          .withGradient(of: $0.value)
      }
    }
  }

  /// Takes a batch's sums into account, and normalises them as batch normalisation does in training.
  ///
  /// - Parameters:
  ///   - sums: of the codes, without a bias, `[N, out, H, W]`.
  ///   - bias: of the folded convolution.
  func normalized(_ sums: Tensor, bias: Tensor, of convolution: Convolution) throws -> Tensor {
    try withoutGrad {
      let statistics = try ChannelStatistics(of: sums)
      _ = try count.value.addInPlace(1)
      for (average, value) in [(mean, statistics.mean), (variance, statistics.variance)] {
        _ = try average.value.addInPlace((value - average.value) / count.value)
      }
      let factor = try factor(for: variance.value, of: convolution)
      _ = try scale?.value.copyInPlace(factor)
      let own = try scale == nil ? factor.zerosLike() + 1 : factor
      let beta = try convolution.normalizationShift.detach()
      _ = try shift.value.copyInPlace(beta - own * (mean.value + bias.detach()))
      let now = try scale == nil ? own : self.factor(for: statistics.variance, of: convolution)
      return try (sums - statistics.mean.view([1, -1, 1, 1])) * now.view([1, -1, 1, 1])
        + beta.view([1, -1, 1, 1])
    }
  }

  /// |γ| / √(variance + ε·a²), with a the factor of folding: 1 where rounding changed nothing.
  private func factor(for variance: Tensor, of convolution: Convolution) throws -> Tensor {
    let gamma = try convolution.normalizationScale.detach()
    let squares = try gamma.squared()
    let folding =
      try squares
      / (convolution.runningStatistics.variance + ConvolutionSpec.epsilon)
    let found = try variance + folding * ConvolutionSpec.epsilon
    let ratio = try (squares / found.clamped(min: 1e-30)).sqrt()
    return try Tensor.select(where: found .> 1e-30, ratio, ratio.zerosLike() + 1)
      .clamped(min: Self.scales.lowerBound, max: Self.scales.upperBound)
  }
}
