import CTorch

// MARK: - Gradients of a tensor

extension Tensor {
  /// Whether gradients are computed for this tensor.
  public var requiresGrad: Bool { ct_requires_grad(handle) }

  /// Asks for gradients of this tensor, a leaf of floats; gives the tensor itself.
  @discardableResult
  public func requireGrad(_ flag: Bool = true) throws(TorchError) -> Tensor {
    try check(ct_set_requires_grad(handle, flag))
    return self
  }

  /// The gradient that ``backward(gradient:retainGraph:)`` has summed up; `nil` before it.
  public var grad: Tensor? {
    var made: ct_tensor?
    // Reading the gradient of a tensor can only fail for lack of memory for a handle.
    guard ct_grad(handle, &made) == CT_OK else { return nil }
    return made.map(Tensor.init(owning:))
  }

  /// Replaces the gradient, or removes it.
  public func setGrad(_ gradient: Tensor?) throws(TorchError) {
    if let gradient {
      guard (gradient.shape, gradient.dtype, gradient.device) == (shape, dtype, device) else {
        throw .libtorch("a gradient of \(gradient) does not fit \(self)")
      }
    }
    try check(ct_set_grad(handle, gradient?.handle))
  }

  /// This value as it is, whose gradient goes to another tensor, which has its shape (Bengio and
  /// others, arXiv 1308.3432); without a history where none is recorded.
  ///
  /// - Throws: ``TorchError`` where the shapes differ.
  public func withGradient(of other: Tensor) throws(TorchError) -> Tensor {
    guard gradIsEnabled, other.requiresGrad else { return try detach() }
    return try .make { ct_straight_through(handle, other.handle, $0) }
  }

  /// Adds the gradients of this tensor to ``grad`` of every leaf that it depends on.
  ///
  /// - Parameters:
  ///   - gradient: what to multiply by; needed unless this tensor has one element.
  ///   - retainGraph: whether the history stays for another call.
  public func backward(gradient: Tensor? = nil, retainGraph: Bool = false) throws(TorchError) {
    try check(ct_backward(handle, gradient?.handle, retainGraph))
  }

  /// The gradients of `output` by each input; `nil` where it does not depend on one.
  ///
  /// - Parameters:
  ///   - gradient: what to multiply by; needed unless the output has one element.
  ///   - createGraph: whether the gradients can be differentiated in turn.
  public static func gradients(
    of output: Tensor, by inputs: [Tensor], gradient: Tensor? = nil, createGraph: Bool = false
  ) throws(TorchError) -> [Tensor?] {
    try makeArray(count: inputs.count) { outs in
      inputs.withHandles {
        ct_gradients(output.handle, $0, $1, gradient?.handle, createGraph, outs)
      }
    }
  }
}

// MARK: - Scopes

// Grad mode, inference mode and autocast belong to the thread: the closures are synchronous.

/// Whether operations on this thread are recorded for gradients.
public var gradIsEnabled: Bool { ct_grad_is_enabled() }

/// Runs `body` without recording operations for gradients.
public func withoutGrad<Result, Failure: Error>(
  _ body: () throws(Failure) -> Result
) throws(Failure) -> Result {
  try withGradMode(false, body)
}

/// Runs `body` recording operations for gradients, inside ``withoutGrad(_:)`` too.
public func withGrad<Result, Failure: Error>(
  _ body: () throws(Failure) -> Result
) throws(Failure) -> Result {
  try withGradMode(true, body)
}

private func withGradMode<Result, Failure: Error>(
  _ enabled: Bool, _ body: () throws(Failure) -> Result
) throws(Failure) -> Result {
  let before = ct_grad_is_enabled()
  ct_set_grad_enabled(enabled)
  defer { ct_set_grad_enabled(before) }
  return try body()
}

/// Runs `body` as ``withoutGrad(_:)`` does, a little faster; tensors made inside can never take
/// part in a gradient.
public func withInferenceMode<Result>(_ body: () throws -> Result) throws -> Result {
  var mode: UnsafeMutableRawPointer?
  try check(ct_inference_begin(&mode))
  defer { if let mode { ct_inference_end(mode) } }
  return try body()
}

/// Runs `body` with convolutions and products on `device` computed in `dtype`, and what needs the
/// range or the digits in float32.
public func withAutocast<Result>(
  _ device: Device, dtype: DType, enabled: Bool = true, _ body: () throws -> Result
) throws -> Result {
  var before = ct_autocast()
  try check(ct_autocast_begin(device.code.type, dtype.code, enabled, &before))
  let result = Swift.Result { try body() }
  try check(ct_autocast_end(before))
  return try result.get()
}
