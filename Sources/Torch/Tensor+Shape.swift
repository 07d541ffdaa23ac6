import CTorch

// MARK: - The same elements in another shape

extension Tensor {
  /// The same elements in another shape; a copy only where the layout in memory asks for one. One
  /// size may be −1: it becomes what is left.
  public func reshaped(_ shape: [Int]) throws(TorchError) -> Tensor {
    try .make { ct_reshape(handle, shape, shape.count, $0) }
  }

  /// The same memory in another shape; throws where that would take a copy.
  public func view(_ shape: [Int]) throws(TorchError) -> Tensor {
    try .make { ct_view(handle, shape, shape.count, $0) }
  }

  /// The dimensions in another order.
  public func permuted(_ dims: [Int]) throws(TorchError) -> Tensor {
    try .make { ct_permute(handle, dims, dims.count, $0) }
  }

  /// Two dimensions swapped; the last two when left out.
  public func transposed(_ a: Int = -2, _ b: Int = -1) throws(TorchError) -> Tensor {
    try .make { ct_transpose(handle, a, b, $0) }
  }

  /// The dimensions `from...to` made one.
  public func flattened(from: Int = 0, to: Int = -1) throws(TorchError) -> Tensor {
    try .make { ct_flatten(handle, from, to, $0) }
  }

  /// A new dimension of size 1 at `dim`.
  public func unsqueezed(_ dim: Int) throws(TorchError) -> Tensor {
    try .make { ct_unsqueeze(handle, dim, $0) }
  }

  /// Without the dimension `dim`, where its size is 1; else the same.
  public func squeezed(_ dim: Int) throws(TorchError) -> Tensor {
    try .make { ct_squeeze(handle, dim, $0) }
  }

  /// Without all dimensions of size 1.
  public func squeezed() throws(TorchError) -> Tensor { try .make { ct_squeeze_all(handle, $0) } }

  /// Dimensions of size 1 repeated to `shape` without using memory; −1 keeps a size.
  public func expanded(to shape: [Int]) throws(TorchError) -> Tensor {
    try .make { ct_expand(handle, shape, shape.count, $0) }
  }

  /// Dimensions of size 1 repeated to the shape of `other`, without using memory.
  public func expanded(like other: Tensor) throws(TorchError) -> Tensor {
    try expanded(to: other.shape)
  }

  /// The whole tensor repeated along each dimension.
  public func repeated(_ counts: [Int]) throws(TorchError) -> Tensor {
    try .make { ct_repeat(handle, counts, counts.count, $0) }
  }

  /// The order along `dims` turned round.
  public func flipped(dims: [Int]) throws(TorchError) -> Tensor {
    try .make { ct_flip(handle, dims, dims.count, $0) }
  }
}

// MARK: - Joining and cutting

extension Tensor {
  /// Tensors joined along an existing dimension.
  public static func concatenated(_ tensors: [Tensor], dim: Int) throws(TorchError) -> Tensor {
    try make { out in tensors.withHandles { ct_cat($0, $1, dim, out) } }
  }

  /// Tensors of one shape joined along a new dimension.
  public static func stacked(_ tensors: [Tensor], dim: Int = 0) throws(TorchError) -> Tensor {
    try make { out in tensors.withHandles { ct_stack($0, $1, dim, out) } }
  }

  /// Pieces of the given sizes along `dim`, which must add up; they share memory.
  public func split(sizes: [Int], dim: Int) throws(TorchError) -> [Tensor] {
    try Tensor.makeArray(count: sizes.count) {
      ct_split(handle, sizes, sizes.count, dim, $0)
    }.compactMap { $0 }
  }

  /// Pieces of one size along `dim`, the last one smaller where it does not divide; they share
  /// memory.
  public func split(size: Int, dim: Int) throws(TorchError) -> [Tensor] {
    guard size > 0 else { throw .libtorch("cannot cut into pieces of size \(size)") }
    let total = try self.size(dim)
    let sizes = stride(from: 0, to: total, by: size).map { Swift.min(size, total - $0) }
    return try split(sizes: sizes, dim: dim)
  }

  /// The slices along `dim`, without that dimension; they share memory.
  public func unbind(dim: Int = 0) throws(TorchError) -> [Tensor] {
    let total = try size(dim)
    var slices: [Tensor] = []
    slices.reserveCapacity(total)
    for index in 0..<total { slices.append(try select(dim: dim, index: index)) }
    return slices
  }
}

// MARK: - Padding

extension Tensor {
  /// Padded with one value. `padding` starts with the last dimension: left, right, top, bottom, ….
  /// Negative padding cuts.
  public func padded(_ padding: [Int], value: Double = 0) throws(TorchError) -> Tensor {
    try .make { ct_pad(handle, padding, padding.count, value.code, $0) }
  }
}
