import CTorch

/// The type of a tensor's elements.
public enum DType: String, CaseIterable, Hashable, Sendable {
  case float32, float64, float16, bfloat16
  case int64, int32, int16, int8, uint8
  case bool

  /// Bytes that one element takes.
  public var byteCount: Int {
    switch self {
    case .float64, .int64: 8
    case .float32, .int32: 4
    case .float16, .bfloat16, .int16: 2
    case .int8, .uint8, .bool: 1
    }
  }

  var code: ct_dtype {
    switch self {
    case .float32: CT_FLOAT32
    case .float64: CT_FLOAT64
    case .float16: CT_FLOAT16
    case .bfloat16: CT_BFLOAT16
    case .int64: CT_INT64
    case .int32: CT_INT32
    case .int16: CT_INT16
    case .int8: CT_INT8
    case .uint8: CT_UINT8
    case .bool: CT_BOOL
    }
  }

  init?(code: ct_dtype) {
    guard let type = DType.allCases.first(where: { $0.code == code }) else { return nil }
    self = type
  }
}

/// A Swift type that a tensor's elements can be copied from and to.
public protocol TensorElement: Sendable {
  /// The element type on the tensor's side.
  static var dtype: DType { get }
}

extension Float: TensorElement {
  /// float32.
  public static var dtype: DType { .float32 }
}
extension Double: TensorElement {
  /// float64.
  public static var dtype: DType { .float64 }
}
extension Int: TensorElement {
  /// int64.
  public static var dtype: DType { .int64 }
}
extension Int64: TensorElement {
  /// int64.
  public static var dtype: DType { .int64 }
}
extension Int32: TensorElement {
  /// int32.
  public static var dtype: DType { .int32 }
}
extension Int16: TensorElement {
  /// int16.
  public static var dtype: DType { .int16 }
}
extension Int8: TensorElement {
  /// int8.
  public static var dtype: DType { .int8 }
}
extension UInt8: TensorElement {
  /// uint8.
  public static var dtype: DType { .uint8 }
}
extension Bool: TensorElement {
  /// bool.
  public static var dtype: DType { .bool }
}

/// A number that may stand beside a tensor in an expression.
///
/// Whole numbers keep the tensor's element type; a fraction turns whole tensors into float32.
public protocol TensorScalar: Sendable {
  /// The value as libtorch takes it.
  var tensorScalar: TensorScalarValue { get }
}

/// A number and whether it is whole.
public enum TensorScalarValue: Sendable {
  case whole(Int64), real(Double)

  @inline(__always)
  var code: ct_scalar {
    switch self {
    case .whole(let value): ct_scalar(real: Double(value), integer: value, is_integer: true)
    case .real(let value): ct_scalar(real: value, integer: 0, is_integer: false)
    }
  }
}

extension Int: TensorScalar {
  /// A whole number.
  public var tensorScalar: TensorScalarValue { .whole(Int64(self)) }
}
extension Double: TensorScalar {
  /// A real number.
  public var tensorScalar: TensorScalarValue { .real(self) }
}
extension Float: TensorScalar {
  /// A real number.
  public var tensorScalar: TensorScalarValue { .real(Double(self)) }
}

extension TensorScalar {
  @inline(__always)
  var code: ct_scalar { tensorScalar.code }
}

/// The order of a tensor's elements in memory.
public enum MemoryFormat: Hashable, Sendable {
  /// Row-major.
  case contiguous
  /// For `[N, C, H, W]`: the channels of a pixel side by side. Convolutions are faster on it.
  case channelsLast

  var code: ct_memory_format { self == .contiguous ? CT_CONTIGUOUS : CT_CHANNELS_LAST }
}
