import Torch

/// DoReFa's weights of k bits: the tanh of the weights on 2^k equal steps (Zhou and others, arXiv
/// 1606.06160; docs/formulas.md 10.5).
///
/// The paper's weights lie in −1…1. Here they are multiplied by the largest tanh, so that a network
/// that was trained before keeps its size.
public struct DoReFaWeightQuantizer: Quantizer {
  /// Odd codes.
  public let range: CodeRange

  /// A quantizer of so many bits.
  public init(bits: Int) throws(QuantizationError) { range = try .odd(bits: bits) }

  /// 2·round((2^k − 1)·(t / (2·max|t|) + ½)) − (2^k − 1), with t = tanh(w).
  public func encoded(_ x: Tensor) throws -> EncodedTensor {
    let t = try x.tanh()
    let largest = try t.largestMagnitude().clamped(min: QuantizationGrid.smallestStep)
    let levels = Double(range.highest)
    let codes = try ((t / (largest * 2) + 0.5) * levels).rounded() * 2 - levels
    return EncodedTensor(codes, QuantizationGrid(step: try largest / levels, range: range))
  }

  /// tanh(w); the largest counts as a constant.
  public func surrogate(_ x: Tensor) throws -> Tensor { try x.tanh() }
}

/// One bit a weight: its sign, times the mean magnitude (Rastegari and others, arXiv 1603.05279;
/// docs/formulas.md 10.5).
public struct BinaryWeightQuantizer: Quantizer {
  /// The dimension whose slices have a mean of their own; nil for one mean.
  public let axis: Int?

  /// A quantizer to two values, for all weights or for each slice.
  public init(axis: Int? = 0) { self.axis = axis }

  /// −1 below zero, else 1.
  public func encoded(_ x: Tensor) throws -> EncodedTensor {
    let step = try usable(x.abs().mean(along: axis))
    let signs = try (x .>= 0).to(x.dtype) * 2 - 1
    return EncodedTensor(
      signs, QuantizationGrid(step: step, range: .few(bits: 1), axis: axis))
  }

  /// w where |w| ≤ 1 (Hubara and others, arXiv 1602.02830).
  public func surrogate(_ x: Tensor) throws -> Tensor {
    try x * (x.detach().abs() .<= 1).to(x.dtype)
  }
}

/// −1, 0 or 1 a weight, times the mean magnitude of those that are not 0 (Li and others, arXiv
/// 1605.04711; docs/formulas.md 10.5).
public struct TernaryWeightQuantizer: Quantizer {
  /// The dimension whose slices have a threshold of their own; nil for one.
  public let axis: Int?

  /// Δ is this times the mean magnitude.
  static let threshold = 0.7

  /// A quantizer to three values, for all weights or for each slice.
  public init(axis: Int? = 0) { self.axis = axis }

  /// The sign where |w| > Δ, else 0.
  public func encoded(_ x: Tensor) throws -> EncodedTensor {
    let magnitudes = try x.abs()
    let mean = try magnitudes.mean(along: axis)
    let delta = try (mean * Self.threshold).spread(along: axis, over: x.rank)
    let kept = try (magnitudes .> delta).to(x.dtype)
    let count = try kept.mean(along: axis)
    let step = try usable((magnitudes * kept).mean(along: axis) / count.clamped(min: 1e-30))
    return EncodedTensor(
      try x.sign() * kept, QuantizationGrid(step: step, range: .few(bits: 2), axis: axis))
  }

  /// w.
  public func surrogate(_ x: Tensor) throws -> Tensor { x }
}

/// A mean magnitude as a step: never zero.
private func usable(_ step: Tensor) throws -> Tensor {
  try step.clamped(min: QuantizationGrid.smallestStep)
}

extension Tensor {
  /// The mean of all, or of each slice along a dimension.
  func mean(along axis: Int?) throws -> Tensor {
    guard let axis else { return try mean() }
    return try mean(dims: (0..<rank).filter { $0 != axis })
  }
}
