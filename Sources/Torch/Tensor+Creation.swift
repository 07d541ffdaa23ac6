import CTorch

// MARK: - Constants and sequences

extension Tensor {
  /// A tensor of zeros.
  public static func zeros(
    _ shape: [Int], dtype: DType = .float32, device: Device = .cpu
  ) throws(TorchError) -> Tensor {
    try full(shape, 0, dtype: dtype, device: device)
  }

  /// A tensor of ones.
  public static func ones(
    _ shape: [Int], dtype: DType = .float32, device: Device = .cpu
  ) throws(TorchError) -> Tensor {
    try full(shape, 1, dtype: dtype, device: device)
  }

  /// A tensor filled with one value.
  public static func full(
    _ shape: [Int], _ value: some TensorScalar, dtype: DType = .float32, device: Device = .cpu
  ) throws(TorchError) -> Tensor {
    let place = try device.existing()
    return try make { ct_full(shape, shape.count, value.code, dtype.code, place, $0) }
  }

  /// A tensor whose elements are whatever the memory held.
  public static func empty(
    _ shape: [Int], dtype: DType = .float32, device: Device = .cpu,
    memoryFormat: MemoryFormat = .contiguous
  ) throws(TorchError) -> Tensor {
    let place = try device.existing()
    return try make { ct_empty(shape, shape.count, dtype.code, place, memoryFormat.code, $0) }
  }

  /// A single number, of rank 0.
  public static func scalar(
    _ value: some TensorScalar, dtype: DType = .float32, device: Device = .cpu
  ) throws(TorchError) -> Tensor {
    try full([], value, dtype: dtype, device: device)
  }

  /// The numbers `0..<count`.
  public static func arange(
    _ count: Int, dtype: DType = .int64, device: Device = .cpu
  ) throws(TorchError) -> Tensor {
    try arange(from: 0, to: count, step: 1, dtype: dtype, device: device)
  }

  /// The numbers from `start` in steps, up to but without `end`.
  public static func arange<Scalar: TensorScalar>(
    from start: Scalar, to end: Scalar, step: Scalar, dtype: DType = .float32,
    device: Device = .cpu
  ) throws(TorchError) -> Tensor {
    let place = try device.existing()
    return try make { ct_arange(start.code, end.code, step.code, dtype.code, place, $0) }
  }

  /// Evenly spaced numbers from `start` to `end`, both included.
  public static func linspace(
    from start: Double, to end: Double, count: Int, dtype: DType = .float32, device: Device = .cpu
  ) throws(TorchError) -> Tensor {
    let place = try device.existing()
    return try make { ct_linspace(start, end, count, dtype.code, place, $0) }
  }

  /// Zeros of this tensor's shape, type, device and memory format.
  public func zerosLike() throws(TorchError) -> Tensor { try .make { ct_zeros_like(handle, $0) } }
}

// MARK: - Random numbers

extension Tensor {
  /// Uniform numbers in `low..<high`, on the generator's device.
  public static func uniform(
    _ shape: [Int], low: Double = 0, high: Double = 1, generator: Generator,
    dtype: DType = .float32
  ) throws(TorchError) -> Tensor {
    try make { ct_uniform(shape, shape.count, low, high, generator.handle, dtype.code, $0) }
  }

  /// Normal numbers, on the generator's device.
  public static func normal(
    _ shape: [Int], mean: Double = 0, deviation: Double = 1, generator: Generator,
    dtype: DType = .float32
  ) throws(TorchError) -> Tensor {
    try make { ct_normal(shape, shape.count, mean, deviation, generator.handle, dtype.code, $0) }
  }
}

// MARK: - From the host

extension Tensor {
  /// Copies values in row-major order.
  ///
  /// - Parameters:
  ///   - shape: one dimension when left out.
  ///   - pinned: for a CUDA device: passes the values through page-locked memory, so that the call
  ///     returns before they have arrived.
  /// - Throws: ``TorchError/countMismatch(shape:count:)`` when the values do not fill the shape.
  public convenience init<Element: TensorElement>(
    _ values: [Element], shape: [Int]? = nil, device: Device = .cpu, pinned: Bool = false
  ) throws(TorchError) {
    let shape = shape ?? [values.count]
    let tensor: Result<ct_tensor, TorchError> = values.withUnsafeBytes { bytes in
      Tensor.copied(bytes, of: Element.dtype, values.count, shape, device, pinned)
    }
    self.init(owning: try tensor.get())
  }

  /// Copies values in row-major order; otherwise as ``init(_:shape:device:pinned:)``.
  public convenience init<Element: TensorElement>(
    _ values: UnsafeBufferPointer<Element>, shape: [Int], device: Device = .cpu,
    pinned: Bool = false
  ) throws(TorchError) {
    let bytes = UnsafeRawBufferPointer(values)
    self.init(
      owning: try Tensor.copied(bytes, of: Element.dtype, values.count, shape, device, pinned).get()
    )
  }

  /// Copies elements as they lie in memory, in row-major order.
  ///
  /// - Throws: ``TorchError/countMismatch(shape:count:)`` when the bytes do not fill the shape.
  public convenience init(
    bytes: UnsafeRawBufferPointer, shape: [Int], dtype: DType, device: Device = .cpu
  ) throws(TorchError) {
    let count = bytes.count / dtype.byteCount
    guard count * dtype.byteCount == bytes.count else {
      throw .countMismatch(shape: shape, count: count)
    }
    self.init(owning: try Tensor.copied(bytes, of: dtype, count, shape, device, false).get())
  }

  private static func copied(
    _ bytes: UnsafeRawBufferPointer, of dtype: DType, _ count: Int, _ shape: [Int],
    _ device: Device, _ pinned: Bool
  ) -> Result<ct_tensor, TorchError> {
    var product = 1
    for size in shape {
      let (next, overflow) = product.multipliedReportingOverflow(by: size)
      guard size >= 0, !overflow else {
        return .failure(.countMismatch(shape: shape, count: count))
      }
      product = next
    }
    guard product == count else { return .failure(.countMismatch(shape: shape, count: count)) }
    do throws(TorchError) {
      var made: ct_tensor?
      try check(
        ct_from_bytes(
          bytes.baseAddress, bytes.count, shape, shape.count, dtype.code, device.existing(),
          pinned && device.isCUDA, &made))
      guard let made else { throw .libtorch("the operation gave no tensor") }
      return .success(made)
    } catch {
      return .failure(error)
    }
  }
}
