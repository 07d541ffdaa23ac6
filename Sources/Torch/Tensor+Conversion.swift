import CTorch

// MARK: - To the host

extension Tensor {
  /// The elements in row-major order, converted to float32.
  public func toFloats() throws(TorchError) -> [Float] { try toArray() }

  /// The elements in row-major order, converted to float64.
  public func toDoubles() throws(TorchError) -> [Double] { try toArray() }

  /// The elements in row-major order, converted to int64; fractions are cut off.
  public func toInts() throws(TorchError) -> [Int] { try toArray() }

  /// The elements in row-major order, converted to uint8; fractions are cut off.
  public func toUInt8s() throws(TorchError) -> [UInt8] { try toArray() }

  /// The elements in row-major order; `true` where not zero.
  public func toBools() throws(TorchError) -> [Bool] { try toArray() }

  /// The elements in row-major order, converted to `Element`.
  public func toArray<Element: TensorElement>(
    of type: Element.Type = Element.self
  ) throws(TorchError) -> [Element] {
    let count = count
    var status = CT_OK
    let elements = [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
      status = ct_read(
        handle, Element.dtype.code, buffer.baseAddress, count * MemoryLayout<Element>.stride)
      initialized = status == CT_OK ? count : 0
    }
    try check(status)
    return elements
  }

  /// Copies the elements in row-major order, converted to `Element`.
  ///
  /// - Throws: ``TorchError`` when the buffer does not hold exactly as many.
  public func copy<Element: TensorElement>(
    into buffer: UnsafeMutableBufferPointer<Element>
  ) throws(TorchError) {
    try check(
      ct_read(
        handle, Element.dtype.code, buffer.baseAddress,
        buffer.count * MemoryLayout<Element>.stride))
  }

  /// The value of a tensor of one element.
  public func item() throws(TorchError) -> Double {
    var value = 0.0
    try check(ct_item(handle, &value))
    return value
  }

  /// The value of a tensor of one element, as a whole number; a fraction is cut off.
  public func itemInt() throws(TorchError) -> Int {
    var value: Int64 = 0
    try check(ct_item_integer(handle, &value))
    return Int(value)
  }

  /// Calls `body` with the elements' bytes in row-major order, after copying them to the host where
  /// they are not there already. The bytes must not be kept.
  public func withUnsafeBytes<Result>(
    _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    let host = try detach().to(.cpu).contiguous()
    return try withExtendedLifetime(host) {
      var data: UnsafeMutableRawPointer?
      try check(ct_data(host.handle, &data))
      let byteCount = host.count * host.dtype.byteCount
      return try body(UnsafeRawBufferPointer(start: data, count: data == nil ? 0 : byteCount))
    }
  }

  /// Calls `body` with the memory of a contiguous tensor on the CPU, to be filled in.
  func withUnsafeMutableBytes<Result>(
    _ body: (UnsafeMutableRawBufferPointer) throws(TorchError) -> Result
  ) throws(TorchError) -> Result {
    var data: UnsafeMutableRawPointer?
    try check(ct_data(handle, &data))
    let byteCount = count * dtype.byteCount
    defer { withExtendedLifetime(self) {} }
    return try body(UnsafeMutableRawBufferPointer(start: data, count: data == nil ? 0 : byteCount))
  }
}

// MARK: - Device, type, layout

extension Tensor {
  /// The same elements on another device; `self` where they are there already.
  ///
  /// - Parameter nonBlocking: returns before the elements have arrived, where their memory on the
  ///   host is page-locked.
  public func to(_ device: Device, nonBlocking: Bool = false) throws(TorchError) -> Tensor {
    if device == self.device { return self }
    let place = try device.existing()
    return try .make { ct_to_device(handle, place, nonBlocking, $0) }
  }

  /// The elements converted; `self` where they have that type already.
  public func to(_ dtype: DType) throws(TorchError) -> Tensor {
    if dtype == self.dtype { return self }
    return try .make { ct_to_dtype(handle, dtype.code, $0) }
  }

  /// The elements moved and converted in one step.
  public func to(
    _ device: Device, _ dtype: DType, nonBlocking: Bool = false
  ) throws(TorchError) -> Tensor {
    let place = try device.existing()
    return try .make { ct_to(handle, place, dtype.code, nonBlocking, $0) }
  }

  /// The same elements in the given order in memory; `self` where they are in it already.
  public func to(_ format: MemoryFormat) throws(TorchError) -> Tensor {
    if isContiguous(format) { return self }
    return try .make { ct_contiguous(handle, format.code, $0) }
  }

  /// The same elements in row-major order in memory; `self` where they are in it already.
  public func contiguous() throws(TorchError) -> Tensor { try to(.contiguous) }

  /// A copy, which gradients flow through.
  public func clone() throws(TorchError) -> Tensor { try .make { ct_clone(handle, $0) } }

  /// The same memory without the history that gradients flow through.
  public func detach() throws(TorchError) -> Tensor { try .make { ct_detach(handle, $0) } }

  /// A copy in page-locked host memory, which uploads do not wait for.
  ///
  /// - Throws: ``TorchError/noDevice(_:reason:)`` without a CUDA device.
  public func pinned() throws(TorchError) -> Tensor {
    _ = try Device.cuda(0).existing()
    return try .make { ct_pin(handle, $0) }
  }
}
