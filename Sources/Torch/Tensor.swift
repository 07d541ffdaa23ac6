import CTorch

/// An n-dimensional array of numbers on a device, libtorch's.
///
/// Operations give new tensors and throw ``TorchError`` when shapes, types or devices do not fit;
/// those that change a tensor are named `…InPlace` and live in `Tensor+InPlace.swift`. Dimensions
/// are counted from 0, or from the end when negative. Several threads may read a tensor; nobody may
/// read it while it is changed in place.
public final class Tensor: @unchecked Sendable {
  /// Read only inside this module's methods, on `self` or a parameter, which outlive the call.
  let handle: ct_tensor

  init(owning handle: ct_tensor) { self.handle = handle }

  deinit { ct_free(handle) }

  /// A tensor from a call that fills in one handle.
  @inline(__always)
  static func make(
    _ body: (UnsafeMutablePointer<ct_tensor?>) -> ct_status
  ) throws(TorchError) -> Tensor {
    var made: ct_tensor?
    try check(body(&made))
    guard let made else { throw .libtorch("the operation gave no tensor") }
    return Tensor(owning: made)
  }

  /// Two tensors from a call that fills in two handles.
  static func makePair(
    _ body: (UnsafeMutablePointer<ct_tensor?>, UnsafeMutablePointer<ct_tensor?>) -> ct_status
  ) throws(TorchError) -> (Tensor, Tensor) {
    var first: ct_tensor?
    var second: ct_tensor?
    let status = body(&first, &second)
    let made = (first.map(Tensor.init(owning:)), second.map(Tensor.init(owning:)))
    try check(status)
    guard let one = made.0, let two = made.1 else {
      throw .libtorch("the operation gave no tensor")
    }
    return (one, two)
  }

  /// As many tensors as `count` from a call that fills in an array of handles; `nil` where it left
  /// one out.
  static func makeArray(
    count: Int, _ body: (UnsafeMutablePointer<ct_tensor?>) -> ct_status
  ) throws(TorchError) -> [Tensor?] {
    var handles = [ct_tensor?](repeating: nil, count: count)
    let status = handles.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.map(body) ?? CT_OK
    }
    let tensors = handles.map { $0.map(Tensor.init(owning:)) }
    try check(status)
    return tensors
  }
}

extension [Tensor] {
  /// Calls `body` with the handles, which live until it returns.
  @inline(__always)
  func withHandles<Result>(_ body: (UnsafePointer<ct_tensor>, Int) -> Result) -> Result {
    withExtendedLifetime(self) {
      withUnsafeTemporaryAllocation(of: ct_tensor.self, capacity: Swift.max(count, 1)) { handles in
        for (i, tensor) in enumerated() { handles.initializeElement(at: i, to: tensor.handle) }
        // A temporary allocation of at least one element has an address.
        return body(UnsafePointer(handles.baseAddress.unsafelyUnwrapped), count)
      }
    }
  }
}

// MARK: - Description

extension Tensor {
  /// The size along each dimension; empty for a single number.
  public var shape: [Int] {
    let rank = ct_rank(handle)
    return [Int](unsafeUninitializedCapacity: rank) { sizes, count in
      if let address = sizes.baseAddress { ct_shape(handle, address) }
      count = rank
    }
  }

  /// The number of dimensions.
  public var rank: Int { ct_rank(handle) }

  /// The number of elements.
  public var count: Int { ct_count(handle) }

  /// The size along one dimension.
  public func size(_ dim: Int) throws(TorchError) -> Int {
    let shape = shape
    let index = dim < 0 ? dim + shape.count : dim
    guard shape.indices.contains(index) else {
      throw .libtorch("dimension \(dim) is out of range for shape \(shape)")
    }
    return shape[index]
  }

  /// The type of the elements.
  public var dtype: DType {
    guard let dtype = DType(code: ct_dtype_of(handle)) else {
      preconditionFailure("only tensors of such types are made here")
    }
    return dtype
  }

  /// Where the elements are.
  public var device: Device { Device(code: ct_device_of(handle)) }

  /// Whether the elements lie in row-major order without gaps.
  public var isContiguous: Bool { isContiguous(.contiguous) }

  /// Whether the elements lie in the given order without gaps.
  public func isContiguous(_ format: MemoryFormat) -> Bool {
    ct_is_contiguous(handle, format.code)
  }
}

extension Tensor: CustomStringConvertible {
  /// Type, shape and device, without the elements.
  public var description: String { "\(dtype.rawValue) \(shape) on \(device)" }
}
