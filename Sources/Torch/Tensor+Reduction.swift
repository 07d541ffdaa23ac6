import CTorch

// MARK: - Sums and moments

extension Tensor {
  /// The sum of all elements, of rank 0.
  public func sum() throws(TorchError) -> Tensor { try .make { ct_sum_all(handle, $0) } }

  /// The sum along `dims`.
  public func sum(dims: [Int], keepDim: Bool = false) throws(TorchError) -> Tensor {
    try .make { ct_sum(handle, dims, dims.count, keepDim, $0) }
  }

  /// The mean of all elements, of rank 0; NaN for no elements.
  public func mean() throws(TorchError) -> Tensor { try .make { ct_mean_all(handle, $0) } }

  /// The mean along `dims`.
  public func mean(dims: [Int], keepDim: Bool = false) throws(TorchError) -> Tensor {
    try .make { ct_mean(handle, dims, dims.count, keepDim, $0) }
  }

  /// The variance along `dims`: divided by n, or by n − 1 when `unbiased`.
  public func variance(
    dims: [Int], unbiased: Bool = false, keepDim: Bool = false
  ) throws(TorchError) -> Tensor {
    try .make { ct_var(handle, dims, dims.count, unbiased, keepDim, $0) }
  }
}

// MARK: - Extremes and order

extension Tensor {
  /// The largest elements along `dims`; of all, of rank 0, when there are no dims. Equal elements
  /// share the gradient.
  public func amax(dims: [Int] = [], keepDim: Bool = false) throws(TorchError) -> Tensor {
    try .make { ct_amax(handle, dims, dims.count, keepDim, $0) }
  }

  /// The smallest elements along `dims`; of all, of rank 0, when there are no dims. Equal elements
  /// share the gradient.
  public func amin(dims: [Int] = [], keepDim: Bool = false) throws(TorchError) -> Tensor {
    try .make { ct_amin(handle, dims, dims.count, keepDim, $0) }
  }

  /// Where the largest element along `dim` is.
  public func argmax(dim: Int, keepDim: Bool = false) throws(TorchError) -> Tensor {
    try .make { ct_argmax(handle, dim, keepDim, $0) }
  }

  /// The largest elements along `dim`, and where they are.
  public func max(
    dim: Int, keepDim: Bool = false
  ) throws(TorchError) -> (values: Tensor, indices: Tensor) {
    try Tensor.makePair { ct_max_dim(handle, dim, keepDim, $0, $1) }
  }

  /// The elements in order along `dim`, and where each was; equal elements keep their order.
  public func sorted(
    dim: Int = -1, descending: Bool = false
  ) throws(TorchError) -> (values: Tensor, indices: Tensor) {
    try Tensor.makePair { ct_sort(handle, dim, descending, $0, $1) }
  }

  /// The value that a share `q` (0...1) of all elements lies below, of rank 0; between two elements
  /// it is interpolated linearly.
  ///
  /// - Throws: ``TorchError`` for no elements, or a share outside 0...1.
  public func quantile(_ q: Double) throws(TorchError) -> Tensor {
    guard (0...1).contains(q) else { throw .libtorch("quantile \(q) is not in 0...1") }
    guard count > 0 else { throw .libtorch("a quantile of no elements") }
    let ordered = try reshaped([-1]).sorted().values
    let position = q * Double(count - 1)
    let below = Int(position)
    let low = try ordered.select(dim: 0, index: below)
    let fraction = position - Double(below)
    guard fraction > 0 else { return low }
    let high = try ordered.select(dim: 0, index: below + 1)
    return try low + (high - low) * fraction
  }
}

// MARK: - Truth

extension Tensor {
  /// Whether no element is zero. Waits for the device.
  public func allTrue() throws(TorchError) -> Bool {
    try Tensor.make { ct_all(handle, $0) }.item() != 0
  }

  /// Whether no element is infinite or NaN. Waits for the device.
  public func allFinite() throws(TorchError) -> Bool { try isFinite().allTrue() }
}

// MARK: - Softmax

extension Tensor {
  /// exp(x) divided by its sum along `dim`.
  public func softmax(dim: Int) throws(TorchError) -> Tensor {
    try .make { ct_softmax(handle, dim, $0) }
  }

  /// The logarithm of ``softmax(dim:)``, without its rounding.
  public func logSoftmax(dim: Int) throws(TorchError) -> Tensor {
    try .make { ct_log_softmax(handle, dim, $0) }
  }
}
