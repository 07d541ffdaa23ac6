import CTorch

// An index out of range throws on the host. On CUDA nobody waits to see it: the kernel stops, and
// the process can no longer use the device. Check indices from files before they get here.

// MARK: - Reading parts

extension Tensor {
  /// `count` slices along `dim` from `start`; shares memory.
  public func narrow(dim: Int, start: Int, count: Int) throws(TorchError) -> Tensor {
    try .make { ct_narrow(handle, dim, start, count, $0) }
  }

  /// The slices of a range along `dim`, every `step`th; shares memory. A range past the end is cut.
  public func slice(dim: Int, _ range: Range<Int>, step: Int = 1) throws(TorchError) -> Tensor {
    try .make { ct_slice(handle, dim, range.lowerBound, range.upperBound, step, $0) }
  }

  /// One slice along `dim`, without that dimension; shares memory.
  public func select(dim: Int, index: Int) throws(TorchError) -> Tensor {
    try .make { ct_select(handle, dim, index, $0) }
  }

  /// The slices along `dim` that an int64 or int32 tensor `[n]` names, in its order.
  public func indexSelect(dim: Int, _ indices: Tensor) throws(TorchError) -> Tensor {
    try .make { ct_index_select(handle, dim, indices.handle, $0) }
  }

  /// The slices along `dim` that are named, in that order.
  public func indexSelect(dim: Int, _ indices: [Int]) throws(TorchError) -> Tensor {
    try indexSelect(dim: dim, Tensor(indices, device: device))
  }

  /// For each element of `indices`, the element of this tensor at the same place but for `dim`,
  /// where the index says.
  public func gather(dim: Int, _ indices: Tensor) throws(TorchError) -> Tensor {
    try .make { ct_gather(handle, dim, indices.handle, $0) }
  }

  /// The places of the elements that are not zero, `[n, rank]`, in row-major order. Waits for the
  /// device.
  public func nonzero() throws(TorchError) -> Tensor { try .make { ct_nonzero(handle, $0) } }
}

// MARK: - Copies with parts replaced

extension Tensor {
  /// How elements that fall on one place are joined.
  public enum ScatterReduction: String, Sendable {
    case sum, mean, amax, amin
    case product = "prod"
  }

  /// A copy with the elements of `source` added along `dim` where `indices` says.
  public func scatterAdd(dim: Int, indices: Tensor, source: Tensor) throws(TorchError) -> Tensor {
    try .make { ct_scatter_add(handle, dim, indices.handle, source.handle, $0) }
  }

  /// A copy with the elements of `source` joined along `dim` where `indices` says.
  ///
  /// - Parameter includesSelf: whether the element that was there takes part.
  public func scatterReduce(
    dim: Int, indices: Tensor, source: Tensor, _ reduction: ScatterReduction,
    includesSelf: Bool = true
  ) throws(TorchError) -> Tensor {
    try .make {
      ct_scatter_reduce(
        handle, dim, indices.handle, source.handle, reduction.rawValue, includesSelf, $0)
    }
  }

  /// A copy with `value` where `mask` holds.
  public func maskedFill(_ mask: Tensor, _ value: some TensorScalar) throws(TorchError) -> Tensor {
    try .make { ct_masked_fill(handle, mask.handle, value.code, $0) }
  }

  /// Class numbers as vectors with a 1 at the class: `[…]` int64 to `[…, classes]` int64.
  public func oneHot(classes: Int) throws(TorchError) -> Tensor {
    try .make { ct_one_hot(handle, classes, $0) }
  }
}
