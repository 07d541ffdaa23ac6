/// The functions and classes that a checkpoint of plain data names. They are never looked up or
/// run: the machine knows what calling each one means.
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
