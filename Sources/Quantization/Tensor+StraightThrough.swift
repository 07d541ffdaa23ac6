import Torch

extension Tensor {
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
