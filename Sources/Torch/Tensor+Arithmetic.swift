import CTorch

// Element by element, with the usual broadcasting and type promotion. The operators throw, so an
// expression takes one `try` in front.

// MARK: - Operators

extension Tensor {
  /// Adds, element by element.
  public static func + (x: Tensor, y: Tensor) throws(TorchError) -> Tensor {
    try make { ct_add(x.handle, y.handle, $0) }
  }

  /// Adds, element by element.
  public static func + (x: Tensor, y: some TensorScalar) throws(TorchError) -> Tensor {
    try make { ct_add_scalar(x.handle, y.code, $0) }
  }

  /// Adds, element by element.
  public static func + (x: some TensorScalar, y: Tensor) throws(TorchError) -> Tensor {
    try make { ct_add_scalar(y.handle, x.code, $0) }
  }

  /// Subtracts, element by element.
  public static func - (x: Tensor, y: Tensor) throws(TorchError) -> Tensor {
    try make { ct_sub(x.handle, y.handle, $0) }
  }

  /// Subtracts, element by element.
  public static func - (x: Tensor, y: some TensorScalar) throws(TorchError) -> Tensor {
    try make { ct_sub_scalar(x.handle, y.code, $0) }
  }

  /// Subtracts, element by element.
  public static func - (x: some TensorScalar, y: Tensor) throws(TorchError) -> Tensor {
    try make { ct_scalar_sub(x.code, y.handle, $0) }
  }

  /// Multiplies, element by element.
  public static func * (x: Tensor, y: Tensor) throws(TorchError) -> Tensor {
    try make { ct_mul(x.handle, y.handle, $0) }
  }

  /// Multiplies, element by element.
  public static func * (x: Tensor, y: some TensorScalar) throws(TorchError) -> Tensor {
    try make { ct_mul_scalar(x.handle, y.code, $0) }
  }

  /// Multiplies, element by element.
  public static func * (x: some TensorScalar, y: Tensor) throws(TorchError) -> Tensor {
    try make { ct_mul_scalar(y.handle, x.code, $0) }
  }

  /// Divides, element by element.
  public static func / (x: Tensor, y: Tensor) throws(TorchError) -> Tensor {
    try make { ct_div(x.handle, y.handle, $0) }
  }

  /// Divides, element by element.
  public static func / (x: Tensor, y: some TensorScalar) throws(TorchError) -> Tensor {
    try make { ct_div_scalar(x.handle, y.code, $0) }
  }

  /// Divides, element by element.
  public static func / (x: some TensorScalar, y: Tensor) throws(TorchError) -> Tensor {
    try make { ct_scalar_div(x.code, y.handle, $0) }
  }

  /// The negative of every element.
  public static prefix func - (x: Tensor) throws(TorchError) -> Tensor {
    try make { ct_neg(x.handle, $0) }
  }

  /// Where the left is greater, as bools.
  public static func .> (x: Tensor, y: Tensor) throws(TorchError) -> Tensor {
    try make { ct_gt(x.handle, y.handle, $0) }
  }

  /// Where the left is greater, as bools.
  public static func .> (x: Tensor, y: some TensorScalar) throws(TorchError) -> Tensor {
    try make { ct_gt_scalar(x.handle, y.code, $0) }
  }

  /// Where the left is greater or equal, as bools.
  public static func .>= (x: Tensor, y: Tensor) throws(TorchError) -> Tensor {
    try make { ct_ge(x.handle, y.handle, $0) }
  }

  /// Where the left is greater or equal, as bools.
  public static func .>= (x: Tensor, y: some TensorScalar) throws(TorchError) -> Tensor {
    try make { ct_ge_scalar(x.handle, y.code, $0) }
  }

  /// Where the left is less, as bools.
  public static func .< (x: Tensor, y: Tensor) throws(TorchError) -> Tensor {
    try make { ct_lt(x.handle, y.handle, $0) }
  }

  /// Where the left is less, as bools.
  public static func .< (x: Tensor, y: some TensorScalar) throws(TorchError) -> Tensor {
    try make { ct_lt_scalar(x.handle, y.code, $0) }
  }

  /// Where the left is less or equal, as bools.
  public static func .<= (x: Tensor, y: Tensor) throws(TorchError) -> Tensor {
    try make { ct_le(x.handle, y.handle, $0) }
  }

  /// Where the left is less or equal, as bools.
  public static func .<= (x: Tensor, y: some TensorScalar) throws(TorchError) -> Tensor {
    try make { ct_le_scalar(x.handle, y.code, $0) }
  }

  /// Where the left is equal, as bools.
  public static func .== (x: Tensor, y: Tensor) throws(TorchError) -> Tensor {
    try make { ct_eq(x.handle, y.handle, $0) }
  }

  /// Where the left is equal, as bools.
  public static func .== (x: Tensor, y: some TensorScalar) throws(TorchError) -> Tensor {
    try make { ct_eq_scalar(x.handle, y.code, $0) }
  }

  /// Where the left is not equal, as bools.
  public static func .!= (x: Tensor, y: Tensor) throws(TorchError) -> Tensor {
    try make { ct_ne(x.handle, y.handle, $0) }
  }

  /// Where the left is not equal, as bools.
  public static func .!= (x: Tensor, y: some TensorScalar) throws(TorchError) -> Tensor {
    try make { ct_ne_scalar(x.handle, y.code, $0) }
  }

  /// Where neither is zero, as bools.
  public static func .& (x: Tensor, y: Tensor) throws(TorchError) -> Tensor {
    try make { ct_logical_and(x.handle, y.handle, $0) }
  }

  /// Where either is not zero, as bools.
  public static func .| (x: Tensor, y: Tensor) throws(TorchError) -> Tensor {
    try make { ct_logical_or(x.handle, y.handle, $0) }
  }

  /// Where the element is zero, as bools.
  public static prefix func .! (x: Tensor) throws(TorchError) -> Tensor {
    try make { ct_logical_not(x.handle, $0) }
  }
}

// MARK: - Functions of one tensor

extension Tensor {
  /// The absolute value.
  public func abs() throws(TorchError) -> Tensor { try .make { ct_abs(handle, $0) } }

  /// -1, 0 or 1.
  public func sign() throws(TorchError) -> Tensor { try .make { ct_sign(handle, $0) } }

  /// e to the power of every element.
  public func exp() throws(TorchError) -> Tensor { try .make { ct_exp(handle, $0) } }

  /// The natural logarithm.
  public func log() throws(TorchError) -> Tensor { try .make { ct_log(handle, $0) } }

  /// The square root.
  public func sqrt() throws(TorchError) -> Tensor { try .make { ct_sqrt(handle, $0) } }

  /// 1 / √x.
  public func rsqrt() throws(TorchError) -> Tensor { try .make { ct_rsqrt(handle, $0) } }

  /// x².
  public func squared() throws(TorchError) -> Tensor { try .make { ct_square(handle, $0) } }

  /// 1 / x.
  public func reciprocal() throws(TorchError) -> Tensor { try .make { ct_reciprocal(handle, $0) } }

  /// The next whole number downwards.
  public func floor() throws(TorchError) -> Tensor { try .make { ct_floor(handle, $0) } }

  /// The next whole number upwards.
  public func ceil() throws(TorchError) -> Tensor { try .make { ct_ceil(handle, $0) } }

  /// The nearest whole number; halves go to the even one. Its gradient is zero.
  public func rounded() throws(TorchError) -> Tensor { try .make { ct_round(handle, $0) } }

  /// The arc tangent.
  public func atan() throws(TorchError) -> Tensor { try .make { ct_atan(handle, $0) } }

  /// The hyperbolic tangent.
  public func tanh() throws(TorchError) -> Tensor { try .make { ct_tanh(handle, $0) } }

  /// 1 / (1 + exp(−x)).
  public func sigmoid() throws(TorchError) -> Tensor { try .make { ct_sigmoid(handle, $0) } }

  /// Where the element is neither infinite nor NaN, as bools.
  public func isFinite() throws(TorchError) -> Tensor { try .make { ct_isfinite(handle, $0) } }
}

// MARK: - Functions of two

extension Tensor {
  /// Every element to a power.
  public func pow(_ exponent: some TensorScalar) throws(TorchError) -> Tensor {
    try .make { ct_pow_scalar(handle, exponent.code, $0) }
  }

  /// What is left after whole multiples of `divisor`; has the divisor's sign.
  public func remainder(_ divisor: some TensorScalar) throws(TorchError) -> Tensor {
    try .make { ct_remainder_scalar(handle, divisor.code, $0) }
  }

  /// What is left after whole multiples of `divisor`; has the divisor's sign.
  public func remainder(_ divisor: Tensor) throws(TorchError) -> Tensor {
    try .make { ct_remainder(handle, divisor.handle, $0) }
  }

  /// The quotient, rounded down.
  public func floorDivided(by divisor: some TensorScalar) throws(TorchError) -> Tensor {
    try .make { ct_floor_divide_scalar(handle, divisor.code, $0) }
  }

  /// The quotient, rounded down.
  public func floorDivided(by divisor: Tensor) throws(TorchError) -> Tensor {
    try .make { ct_floor_divide(handle, divisor.handle, $0) }
  }

  /// The smaller of each pair.
  public func minimum(_ other: Tensor) throws(TorchError) -> Tensor {
    try .make { ct_minimum(handle, other.handle, $0) }
  }

  /// The larger of each pair.
  public func maximum(_ other: Tensor) throws(TorchError) -> Tensor {
    try .make { ct_maximum(handle, other.handle, $0) }
  }

  /// Every element moved into `min...max`; one limit may be left out. The gradient is zero outside.
  public func clamped(min: Double? = nil, max: Double? = nil) throws(TorchError) -> Tensor {
    try .make { out in withLimits(min, max) { ct_clamp(handle, $0, $1, out) } }
  }

  /// Takes `x` where the condition holds, else `y`.
  public static func select(
    where condition: Tensor, _ x: Tensor, _ y: Tensor
  ) throws(TorchError) -> Tensor {
    try make { ct_where(condition.handle, x.handle, y.handle, $0) }
  }
}

/// Calls `body` with the addresses of the limits; `nil` for one that is left out.
func withLimits(
  _ min: Double?, _ max: Double?,
  _ body: (UnsafePointer<ct_scalar>?, UnsafePointer<ct_scalar>?) -> ct_status
) -> ct_status {
  withUnsafePointer(to: (min ?? 0).code) { low in
    withUnsafePointer(to: (max ?? 0).code) { high in
      body(min == nil ? nil : low, max == nil ? nil : high)
    }
  }
}
