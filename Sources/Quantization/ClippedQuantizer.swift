import Torch

/// PACT: activations between 0 and a bound α that learns, or between −α and α for functions that go
/// below zero (Choi and others, arXiv 1805.06085; docs/formulas.md 10.4).
public struct ClippedQuantizer: Quantizer {
  /// α, `[]`.
  public let bound: Tensor
  /// 0…2^b−1, or as many codes below zero as above.
  public let range: CodeRange

  /// A quantizer between bounds that learn.
  ///
  /// - Parameter isSigned: whether values below zero are kept.
  public init(bound: Tensor, bits: Int, isSigned: Bool) throws(QuantizationError) {
    self.bound = bound
    range = isSigned ? try .narrow(bits: bits) : try .unsigned(bits: bits)
  }

  /// The nearest codes between the bounds of the moment.
  public func encoded(_ x: Tensor) throws -> EncodedTensor {
    let bound = try bound.detach().clamped(min: QuantizationGrid.smallestStep)
    let grid = QuantizationGrid(step: try bound / Double(range.highest), range: range)
    return EncodedTensor(try grid.codes(of: x), grid)
  }

  /// clip(x, 0, α) or clip(x, −α, α): x passes gradients inside, α those of what is cut off.
  public func surrogate(_ x: Tensor) throws -> Tensor {
    let wide = try bound.expanded(like: x)
    let low = range.isSigned ? try -wide : try wide * 0
    let above = try x .>= bound.detach()
    let below = try range.isSigned ? x .<= -bound.detach() : x .< 0
    return try Tensor.select(where: above, wide, Tensor.select(where: below, low, x))
  }
}
