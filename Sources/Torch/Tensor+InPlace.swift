import CTorch

// Changes in place are for optimizers, averages of parameters and initialisation. They are never
// recorded for gradients, so a leaf that requires a gradient may be changed; a tensor that a
// recorded operation needs for its gradient may not, and `backward` throws where one was.

extension Tensor {
  /// `self += scale · other`.
  @discardableResult
  public func addInPlace(_ other: Tensor, scale: Double = 1) throws(TorchError) -> Tensor {
    // A whole scale lets whole tensors be added.
    let whole = Int(exactly: scale)
    try check(ct_add_(handle, other.handle, whole?.code ?? scale.code))
    return self
  }

  /// `self += value`.
  @discardableResult
  public func addInPlace(_ value: some TensorScalar) throws(TorchError) -> Tensor {
    try check(ct_add_scalar_(handle, value.code))
    return self
  }

  /// `self ·= other`.
  @discardableResult
  public func mulInPlace(_ other: Tensor) throws(TorchError) -> Tensor {
    try check(ct_mul_(handle, other.handle))
    return self
  }

  /// `self ·= value`.
  @discardableResult
  public func mulInPlace(_ value: some TensorScalar) throws(TorchError) -> Tensor {
    try check(ct_mul_scalar_(handle, value.code))
    return self
  }

  /// `self /= other`.
  @discardableResult
  public func divInPlace(_ other: Tensor) throws(TorchError) -> Tensor {
    try check(ct_div_(handle, other.handle))
    return self
  }

  /// Takes over the elements of `source`, converted, moved and broadcast as needed.
  @discardableResult
  public func copyInPlace(
    _ source: Tensor, nonBlocking: Bool = false
  ) throws(TorchError) -> Tensor {
    try check(ct_copy_(handle, source.handle, nonBlocking))
    return self
  }

  /// Sets every element.
  @discardableResult
  public func fillInPlace(_ value: some TensorScalar) throws(TorchError) -> Tensor {
    try check(ct_fill_(handle, value.code))
    return self
  }

  /// Sets every element to zero.
  @discardableResult
  public func zeroInPlace() throws(TorchError) -> Tensor { try fillInPlace(0) }

  /// `self += weight · (end − self)`.
  @discardableResult
  public func lerpInPlace(_ end: Tensor, weight: Double) throws(TorchError) -> Tensor {
    try check(ct_lerp_(handle, end.handle, weight))
    return self
  }
}
