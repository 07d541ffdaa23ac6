import Darknet

// MARK: - Containers

extension PickleMachine {
  mutating func pushSequence(_ values: [PickleValue]) throws(Problem) {
    try hold(values.count + 1)
    stack.append(.sequence(sequences.count))
    sequences.append(values)
  }

  mutating func pushDictionary(
    _ pairs: [(key: PickleValue, value: PickleValue)]
  ) throws(Problem) {
    try hold(2 * pairs.count + 1)
    stack.append(.dictionary(dictionaries.count))
    dictionaries.append(pairs)
  }

  func sequence(_ value: PickleValue) throws(Problem) -> [PickleValue] {
    guard case .sequence(let place) = value else { throw broken("no list where one belongs") }
    return sequences[place]
  }

  func pairs(
    _ items: [PickleValue]
  ) throws(Problem) -> [(key: PickleValue, value: PickleValue)] {
    guard items.count.isMultiple(of: 2) else { throw broken("a key without a value") }
    return stride(from: 0, to: items.count, by: 2).map { (items[$0], items[$0 + 1]) }
  }

  mutating func append(_ items: [PickleValue]) throws(Problem) {
    // Numbers of NumPy are filled too; what they hold does not matter.
    if case .opaque = try top() { return }
    guard case .sequence(let place) = try top() else { throw broken("it appends to no list") }
    try hold(items.count)
    sequences[place] += items
  }

  mutating func setItems(_ items: [PickleValue]) throws(Problem) {
    guard case .dictionary(let place) = try top() else {
      throw broken("it sets an entry of no dictionary")
    }
    try hold(items.count)
    dictionaries[place] += try pairs(items)
  }
}

// MARK: - Objects

extension PickleMachine {
  func global(module: String, name: String) throws(Problem) -> PickleGlobal {
    guard let global = PickleGlobal(module: module, name: name) else {
      throw .refused("\(module).\(name)")
    }
    return global
  }

  /// What calling `function` would give.
  mutating func call(
    _ function: PickleValue, _ arguments: [PickleValue]
  ) throws(Problem) -> PickleValue {
    guard case .global(let global) = function else { throw broken("a call of plain data") }
    switch global {
    case .number: return .opaque
    case .size:
      guard let first = arguments.first, case .sequence = first else {
        throw broken("a torch.Size without sizes")
      }
      return first
    case .rebuildParameter:
      guard let first = arguments.first, case .tensor = first else {
        throw broken("a parameter without a tensor")
      }
      return first
    case .rebuildTensor: return try makeTensor(arguments)
    case .orderedDictionary:
      var pairs: [(key: PickleValue, value: PickleValue)] = []
      if let first = arguments.first {
        for item in try sequence(first) { pairs += try self.pairs(sequence(item)) }
      }
      // The only call that copies: a long list, made into many dictionaries, would fill memory.
      try hold(2 * pairs.count + 1)
      dictionaries.append(pairs)
      return .dictionary(dictionaries.count - 1)
    case .storageType: throw broken("a storage that is made, not stored")
    }
  }

  /// Attributes of data that is read already: a state dict's versions, a parameter's hooks.
  mutating func build() throws(Problem) {
    _ = try pop()
    switch try top() {
    case .dictionary, .tensor, .opaque: return
    default: throw broken("attributes of plain data")
    }
  }

  /// `('storage', type, key, device, count)` on the stack becomes a storage.
  mutating func pushStorage() throws(Problem) {
    let parts = try sequence(pop())
    guard parts.count == 5, case .text("storage") = parts[0],
      case .global(.storageType(let type)) = parts[1], case .text(let key) = parts[2],
      case .integer(let count) = parts[4], count >= 0
    else { throw broken("a persistent object that is no storage") }
    try hold(2)
    stack.append(.storage(storages.count))
    storages.append(PickledStorage(key: key, type: type, count: count))
  }

  /// A tensor from `(storage, offset, sizes, strides, …)`, which must lie inside its storage.
  mutating func makeTensor(_ arguments: [PickleValue]) throws(Problem) -> PickleValue {
    guard arguments.count >= 4, case .storage(let storage) = arguments[0],
      case .integer(let offset) = arguments[1]
    else { throw broken("a tensor without a storage") }
    let tensor = PickledTensor(
      storage: storage, offset: offset, shape: try sizes(arguments[2]),
      strides: try sizes(arguments[3]))
    guard offset >= 0, tensor.shape.count == tensor.strides.count, tensor.count != nil,
      let last = tensor.last, tensor.shape.contains(0) || last < storages[storage].count
    else { throw broken("a tensor of shape \("\(tensor.shape)".excerpt) outside of its storage") }
    try hold(8)
    tensors.append(tensor)
    return .tensor(tensors.count - 1)
  }

  /// At most 64 whole numbers from zero on, the most dimensions that a tensor has.
  func sizes(_ value: PickleValue) throws(Problem) -> [Int] {
    let items = try sequence(value)
    guard items.count <= 64 else { throw broken("a tensor of \(items.count) dimensions") }
    var sizes: [Int] = []
    for item in items {
      guard case .integer(let size) = item, size >= 0 else { throw broken("a size below zero") }
      sizes.append(size)
    }
    return sizes
  }
}
