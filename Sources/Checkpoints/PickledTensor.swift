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

extension PickledTensor {
  /// The elements in the order of the shape, from those between the first and the last.
  func gather<Number>(
    _ numbers: [Number], _ convert: (Number) -> Float
  ) -> [Float] {
    var result: [Float] = []
    result.reserveCapacity(count ?? 0)
    var index = [Int](repeating: 0, count: shape.count)
    var place = 0
    while true {
      result.append(convert(numbers[place]))
      // The next index in order: the last dimension runs fastest.
      var dimension = shape.count - 1
      while dimension >= 0, index[dimension] == shape[dimension] - 1 {
        place -= index[dimension] * strides[dimension]
        index[dimension] = 0
        dimension -= 1
      }
      guard dimension >= 0 else { return result }
      index[dimension] += 1
      place += strides[dimension]
    }
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
