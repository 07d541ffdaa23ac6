import Testing

@testable import Torch

@Suite struct ShapeTests {
  let x = Result { try Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3]) }

  @Test func `shapes change and elements stay`() throws {
    let x = try x.get()
    #expect(try x.reshaped([3, -1]).shape == [3, 2])
    #expect(try x.view([6]).toInts() == [1, 2, 3, 4, 5, 6])
    #expect(throws: TorchError.self) { try x.transposed().view([6]) }
    #expect(try x.permuted([1, 0]).toInts() == [1, 4, 2, 5, 3, 6])
    #expect(try x.transposed(0, 1).shape == [3, 2])
    #expect(try x.flattened().shape == [6])
    #expect(try x.unsqueezed(-1).flattened(from: 1).shape == [2, 3])
    #expect(try x.unsqueezed(0).shape == [1, 2, 3])
    #expect(try x.unsqueezed(0).squeezed(0).shape == [2, 3])
    #expect(try x.unsqueezed(0).unsqueezed(2).squeezed().shape == [2, 3])
    #expect(try x.unsqueezed(0).expanded(to: [2, -1, -1]).count == 12)
    #expect(try Tensor([7]).expanded(like: x).toInts() == [7, 7, 7, 7, 7, 7])
  }

  @Test func `repeating and flipping`() throws {
    let x = try x.get()
    #expect(try Tensor([1, 2]).repeated([2]).toInts() == [1, 2, 1, 2])
    #expect(try x.flipped(dims: [1]).toInts() == [3, 2, 1, 6, 5, 4])
  }

  @Test func `joining and cutting are inverse`() throws {
    let x = try x.get()
    let pieces = try x.split(sizes: [1, 2], dim: 1)
    #expect(try pieces.map { try $0.toInts() } == [[1, 4], [2, 3, 5, 6]])
    #expect(try Tensor.concatenated(pieces, dim: 1).toInts() == x.toInts())
    #expect(try x.split(size: 2, dim: 1).map(\.shape) == [[2, 2], [2, 1]])
    let rows = try x.unbind()
    #expect(try rows.map { try $0.toInts() } == [[1, 2, 3], [4, 5, 6]])
    #expect(try Tensor.stacked(rows).toInts() == x.toInts())
    #expect(try Tensor.stacked(rows, dim: 1).shape == [3, 2])
  }

  @Test func `padding starts with the last dimension`() throws {
    let x = try x.get()
    #expect(try x.padded([1, 0]).toInts() == [0, 1, 2, 3, 0, 4, 5, 6])
    #expect(try x.padded([0, 0, 1, 0], value: 9).toInts() == [9, 9, 9, 1, 2, 3, 4, 5, 6])
    #expect(try x.padded([-1, -1]).toInts() == [2, 5])
  }

  @Test func `gradients of shapes agree with their differences`() throws {
    let values = spread(12)
    let functions: [(String, (Tensor) throws -> Tensor)] = [
      ("permuted", { try $0.permuted([1, 0]) }), ("expanded", { try $0.expanded(to: [2, 3, 4]) }),
      ("concatenated", { try Tensor.concatenated([$0, $0 * $0], dim: 1) }),
      ("split", { try $0.split(size: 3, dim: 1)[1].squared() }),
      ("padding", { try $0.padded([1, 1]) }), ("flip", { try $0.flipped(dims: [0]) }),
      ("repeat", { try $0.repeated([2, 1]) }),
    ]
    for (name, function) in functions {
      try expectGradient(name, at: values, shape: [3, 4], of: function)
    }
  }
}

@Suite struct IndexingTests {
  let x = Result { try Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3]) }

  @Test func `parts are read`() throws {
    let x = try x.get()
    #expect(try x.narrow(dim: 1, start: 1, count: 2).toInts() == [2, 3, 5, 6])
    #expect(try x.slice(dim: 1, 0..<3, step: 2).toInts() == [1, 3, 4, 6])
    #expect(try x.slice(dim: 1, 1..<9).toInts() == [2, 3, 5, 6])
    #expect(try x.select(dim: 0, index: -1).toInts() == [4, 5, 6])
    #expect(try x.indexSelect(dim: 1, [2, 0, 2]).toInts() == [3, 1, 3, 6, 4, 6])
    #expect(try x.indexSelect(dim: 0, Tensor([1])).shape == [1, 3])
    #expect(try x.gather(dim: 1, Tensor([2, 0], shape: [2, 1])).toInts() == [3, 4])
    #expect(try (x .> 4).nonzero().toInts() == [1, 1, 1, 2])
  }

  @Test func `copies get new parts and the original stays`() throws {
    let x = try x.get()
    let zeros = try Tensor.zeros([4], dtype: .int64)
    let indices = try Tensor([1, 3, 1])
    let source = try Tensor([5, 7, 2])
    #expect(
      try zeros.scatterAdd(dim: 0, indices: indices, source: source).toInts() == [0, 7, 0, 7])
    #expect(
      try zeros.scatterReduce(dim: 0, indices: indices, source: source, .amax).toInts()
        == [0, 5, 0, 7])
    #expect(
      try (zeros + 9).scatterReduce(
        dim: 0, indices: indices, source: source, .amin, includesSelf: false
      ).toInts() == [9, 2, 9, 7])
    #expect(
      try (zeros + 1).scatterReduce(dim: 0, indices: indices, source: source, .product).toInts()
        == [1, 10, 1, 7])
    #expect(
      try zeros.to(.float32).scatterReduce(
        dim: 0, indices: indices, source: source.to(.float32), .mean, includesSelf: false
      ).toFloats() == [0, 3.5, 0, 7])
    #expect(try x.maskedFill(x .> 4, 0).toInts() == [1, 2, 3, 4, 0, 0])
    #expect(try Tensor([1, 0]).oneHot(classes: 3).toInts() == [0, 1, 0, 1, 0, 0])
    #expect(try zeros.toInts() == [0, 0, 0, 0])
    #expect(try x.toInts() == [1, 2, 3, 4, 5, 6])
  }

  @Test func `the largest of many elements for one place is the same every time`() throws {
    // 3,000 elements on 50 places, as a loss writes its targets.
    let count = 3000
    let places = (0..<count).map { $0 * 7919 % 50 }
    let values = spread(count, from: 0, to: 1).map(Float.init)
    var expected = [Float](repeating: 0, count: 50)
    for (place, value) in zip(places, values) { expected[place] = max(expected[place], value) }
    let (indices, source) = (try Tensor(places), try Tensor(values))
    for _ in 0..<10 {
      let written = try Tensor.zeros([50]).scatterReduce(
        dim: 0, indices: indices, source: source, .amax)
      #expect(try written.toFloats() == expected)
    }
  }

  @Test func `the gradient of gathering from repeated places is the same every time`() throws {
    let indices = try Tensor((0..<3000).map { $0 * 7919 % 50 })
    let weights = try Tensor(spread(3000).map(Float.init))
    var first: [Float]?
    for _ in 0..<10 {
      let x = try Tensor(spread(50).map(Float.init)).requireGrad()
      try (x.indexSelect(dim: 0, indices) * weights).sum().backward()
      let gradient = try #require(x.grad).toFloats()
      first = first ?? gradient
      #expect(gradient == first)
    }
  }

  @Test func `gradients of indexing agree with their differences`() throws {
    let values = spread(12)
    let rows = try Tensor([2, 0, 2])
    let cells = try Tensor([3, 0, 1, 1, 2, 2], shape: [3, 2])
    let other = try Tensor(spread(6, from: -0.5, to: 0.5), shape: [3, 2])
    let functions: [(String, (Tensor) throws -> Tensor)] = [
      ("narrow", { try $0.narrow(dim: 1, start: 1, count: 2) }),
      ("index select", { try $0.indexSelect(dim: 0, rows) }),
      ("gather", { try $0.gather(dim: 1, cells) }),
      ("scatter add", { try $0.scatterAdd(dim: 1, indices: cells, source: other) }),
      ("scatter amax", { try $0.scatterReduce(dim: 1, indices: cells, source: other, .amax) }),
      ("masked fill", { try $0.maskedFill($0 .> 0, 0) }),
    ]
    for (name, function) in functions {
      try expectGradient(name, at: values, shape: [3, 4], of: function)
    }
  }
}
