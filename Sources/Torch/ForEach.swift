import CTorch

/// One change in place applied to many tensors in a few device calls: what an optimizer or an
/// average of parameters does in each step. Never recorded for gradients.
public enum ForEach {
  /// `xs[i] += scale · ys[i]`.
  public static func add(
    _ xs: [Tensor], _ ys: [Tensor], scale: Double = 1
  ) throws(TorchError) {
    guard !xs.isEmpty || !ys.isEmpty else { return }
    try check(
      xs.withHandles { x, n in ys.withHandles { y, m in ct_foreach_add_(x, n, y, m, scale) } })
  }

  /// `xs[i] += value`.
  public static func add(_ xs: [Tensor], _ value: Double) throws(TorchError) {
    guard !xs.isEmpty else { return }
    try check(xs.withHandles { ct_foreach_add_scalar_($0, $1, value) })
  }

  /// `xs[i] += weight · (ends[i] − xs[i])`.
  public static func lerp(
    _ xs: [Tensor], to ends: [Tensor], weight: Double
  ) throws(TorchError) {
    guard !xs.isEmpty || !ends.isEmpty else { return }
    try check(
      xs.withHandles { x, n in ends.withHandles { y, m in ct_foreach_lerp_(x, n, y, m, weight) } })
  }

  /// Sets all elements to zero.
  public static func zero(_ xs: [Tensor]) throws(TorchError) {
    guard !xs.isEmpty else { return }
    try check(xs.withHandles { ct_foreach_zero_($0, $1) })
  }
}
