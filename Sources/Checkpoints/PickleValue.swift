/// A value on the stack of a ``PickleMachine``.
///
/// Containers are places in the machine's heap, so that a pickle can neither nest values deeper than
/// the call stack nor make a cycle that is never freed.
enum PickleValue: Hashable, Sendable {
  /// What is read but has no meaning here: None, real numbers, bytes, generator states.
  case opaque
  /// A whole number that fits in 64 bits; also True and False.
  case integer(Int)
  case text(String)
  /// A list, tuple or set.
  case sequence(Int)
  case dictionary(Int)
  /// One of the functions and classes that are known.
  case global(PickleGlobal)
  case storage(Int)
  case tensor(Int)
}

/// The functions and classes that a checkpoint of plain data names. They are never looked up or run:
/// the machine knows what calling each one means.
enum PickleGlobal: Hashable, Sendable {
  case orderedDictionary
  case size
  case rebuildTensor
  case rebuildParameter
  case storageType(ElementType)
  /// A type or function of plain numbers, whose results are opaque.
  case number

  /// - Returns: nil for everything that is not on this list.
  init?(module: String, name: String) {
    switch (module, name) {
    case ("collections", "OrderedDict"): self = .orderedDictionary
    case ("torch", "Size"): self = .size
    case ("torch._utils", "_rebuild_tensor_v2"): self = .rebuildTensor
    case ("torch._utils", "_rebuild_parameter"): self = .rebuildParameter
    case ("torch", let name):
      guard let type = ElementType(storage: name) else { return nil }
      self = .storageType(type)
    // NumPy's numbers and arrays of them, which the best fitness of a training often is, and how
    // Python spells bytes and sets in protocol 2.
    case ("numpy", "dtype"), ("numpy", "ndarray"),
      ("numpy.core.multiarray", "scalar"), ("numpy._core.multiarray", "scalar"),
      ("numpy.core.multiarray", "_reconstruct"), ("numpy._core.multiarray", "_reconstruct"),
      ("_codecs", "encode"), ("__builtin__", "set"), ("builtins", "set"):
      self = .number
    default: return nil
    }
  }
}

/// What a tensor of a pickle says of itself: strides in elements, as PyTorch has them.
struct PickledTensor: Hashable, Sendable {
  /// The place of its storage.
  var storage: Int
  /// The first element within the storage.
  var offset: Int
  /// Sizes, outermost first.
  var shape: [Int]
  /// Steps within the storage, one a dimension; 0 repeats an element.
  var strides: [Int]

  /// Number of elements; nil where there are more than memory could hold.
  var count: Int? {
    shape.reduce(1) { product, size in
      product.flatMap {
        let (result, overflow) = $0.multipliedReportingOverflow(by: size)
        return overflow ? nil : result
      }
    }
  }

  /// The last element within the storage, nil where it cannot be counted; without elements, the
  /// first.
  var last: Int? {
    guard !shape.contains(0) else { return offset }
    var last = offset
    for (size, stride) in zip(shape, strides) {
      let (step, overflow) = stride.multipliedReportingOverflow(by: size - 1)
      let (sum, tooFar) = last.addingReportingOverflow(step)
      guard !overflow, !tooFar else { return nil }
      last = sum
    }
    return last
  }

  /// Whether the elements lie one after the other in the order of the shape.
  var isContiguous: Bool {
    var expected = 1
    for (size, stride) in zip(shape, strides).reversed() where size != 1 {
      guard stride == expected else { return false }
      expected *= size
    }
    return true
  }
}

/// A block of numbers that tensors look into.
struct PickledStorage: Hashable, Sendable {
  /// The name of its file below `data/`.
  var key: String
  var type: ElementType
  /// Number of elements.
  var count: Int
}
