import Torch

extension Tensor {
  /// This value with the gradient of another: value + (other − other), where only the bracket,
  /// which is zero, has a history. No rounding comes in, so values are the same with gradients and
  /// without.
  func withGradient(of other: Tensor) throws -> Tensor {
    guard gradIsEnabled, other.requiresGrad else { return try detach() }
    return try detach() + (other - other.detach())
  }

  /// This value, whose gradient is the incoming one times `factor`.
  func withGradient(times factor: Double) throws -> Tensor {
    guard factor != 1 else { return self }
    return try withGradient(of: self * factor)
  }

  /// The nearest whole numbers, halves to the even one, with the gradient of what was rounded
  /// (Bengio and others, arXiv 1308.3432).
  func roundedStraightThrough() throws -> Tensor {
    try rounded().withGradient(of: self)
  }
}
