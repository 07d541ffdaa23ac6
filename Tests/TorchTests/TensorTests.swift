import Foundation
import Testing

@testable import Torch

@Suite struct TensorTests {
  @Test func `an expression reads as mathematics`() throws {
    let x = try Tensor([1, 2, 3, 4] as [Float], shape: [2, 2])
    let y = try (2 * x - 1) / (x + x)
    #expect(try y.toFloats() == [0.5, 0.75, 5.0 / 6.0, 0.875])
  }

  @Test func `a tensor describes itself`() throws {
    let x = try Tensor.zeros([2, 3, 4], dtype: .int32)
    #expect(x.shape == [2, 3, 4])
    #expect(x.rank == 3)
    #expect(x.count == 24)
    #expect(x.dtype == .int32)
    #expect(x.device == .cpu)
    #expect(x.isContiguous)
    #expect(try x.size(-1) == 4)
    #expect(try x.size(0) == 2)
    #expect(throws: TorchError.self) { try x.size(3) }
    #expect(throws: TorchError.self) { try x.size(-4) }
    #expect("\(x)" == "int32 [2, 3, 4] on cpu")
    #expect(try Tensor.scalar(7).shape == [])
  }

  @Test(arguments: DType.allCases)
  func `every type is made and named as asked`(dtype: DType) throws {
    let x = try Tensor.ones([3], dtype: dtype)
    #expect(x.dtype == dtype)
    #expect(try x.toFloats() == [1, 1, 1])
    #expect(try x.withUnsafeBytes { $0.count } == 3 * dtype.byteCount)
  }

  @Test func `values go in and come out in row-major order`() throws {
    #expect(try Tensor([1.5, -2] as [Float]).toFloats() == [1.5, -2])
    #expect(try Tensor([1e300, -2]).toDoubles() == [1e300, -2])
    #expect(try Tensor([Int.max, Int.min]).toInts() == [.max, .min])
    #expect(try Tensor([Int32.min]).toInts() == [Int(Int32.min)])
    #expect(try Tensor([Int16.min]).toInts() == [Int(Int16.min)])
    #expect(try Tensor([Int8.min]).toInts() == [-128])
    #expect(try Tensor([0, 128, 255] as [UInt8]).toUInt8s() == [0, 128, 255])
    #expect(try Tensor([true, false]).toBools() == [true, false])
    let transposed = try Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3]).transposed()
    #expect(try transposed.toInts() == [1, 4, 2, 5, 3, 6])
    #expect(try Tensor([2.9, -2.9]).toInts() == [2, -2])
    #expect(try Tensor([] as [Float], shape: [0, 3]).toFloats() == [])
  }

  @Test func `buffers and bytes go in and out with one copy`() throws {
    let values: [Float] = [1, 2, 3, 4, 5, 6]
    let x = try values.withUnsafeBufferPointer { try Tensor($0, shape: [2, 3]) }
    var out = [UInt8](repeating: 0, count: 6)
    try out.withUnsafeMutableBufferPointer { try x.copy(into: $0) }
    #expect(out == [1, 2, 3, 4, 5, 6])
    let y = try values.withUnsafeBytes { try Tensor(bytes: $0, shape: [3, 2], dtype: .float32) }
    #expect(try y.toFloats() == values)
    let bytes = try y.transposed().withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
    #expect(bytes == [1, 3, 5, 2, 4, 6])
    var short = [Float](repeating: 0, count: 5)
    #expect(throws: TorchError.self) {
      try short.withUnsafeMutableBufferPointer { try x.copy(into: $0) }
    }
  }

  @Test(arguments: [[4], [2, 2], [-3, -1], [Int.max, 2], [Int.max, Int.max]])
  func `values that do not fill the shape are refused`(shape: [Int]) {
    let error = torchError { _ = try Tensor([1, 2, 3] as [Float], shape: shape) }
    #expect(error == .countMismatch(shape: shape, count: 3))
    #expect(error?.description == "3 values do not fill shape \(shape)")
  }

  @Test func `bytes that end inside an element are refused`() {
    let error = torchError {
      _ = try [UInt8](repeating: 0, count: 7).withUnsafeBytes {
        try Tensor(bytes: $0, shape: [1], dtype: .float32)
      }
    }
    #expect(error == .countMismatch(shape: [1], count: 1))
  }

  @Test func `constants and sequences`() throws {
    #expect(try Tensor.full([2], 2.5).toFloats() == [2.5, 2.5])
    #expect(try Tensor.arange(4).toInts() == [0, 1, 2, 3])
    #expect(try Tensor.arange(from: 1.0, to: 2, step: 0.5).toDoubles() == [1, 1.5])
    #expect(try Tensor.linspace(from: 0, to: 1, count: 3).toFloats() == [0, 0.5, 1])
    let x = try Tensor.empty([1, 2, 3, 3], memoryFormat: .channelsLast)
    #expect(x.isContiguous(.channelsLast) && !x.isContiguous)
    #expect(try x.zerosLike().isContiguous(.channelsLast))
  }

  @Test func `one element is read as a number`() throws {
    #expect(try Tensor.scalar(2.5).item() == 2.5)
    #expect(try Tensor([7]).itemInt() == 7)
    #expect(throws: TorchError.self) { try Tensor([1, 2]).item() }
  }

  // bfloat16 keeps 8 significant bits, float16 11: 1 + 2⁻⁹ goes to 1 and stays, 70000 overflows.
  @Test func `conversion rounds as the type does`() throws {
    let x = try Tensor([1 + 1.0 / 512, 70000] as [Float])
    #expect(try x.to(.bfloat16).toFloats() == [1, 70144])
    #expect(try x.to(.float16).toFloats() == [1 + 1.0 / 512, .infinity])
    #expect(try x.to(.bool).toBools() == [true, true])
    #expect(try x.to(.cpu, .float64).dtype == .float64)
    #expect(try x.to(.float32) === x)
    #expect(try x.to(.cpu) === x)
  }

  @Test func `channels-last keeps the elements`() throws {
    let x = try Tensor(spread(24), shape: [1, 2, 3, 4])
    let y = try x.to(.channelsLast)
    #expect(y.isContiguous(.channelsLast))
    #expect(try y.toDoubles() == x.toDoubles())
    #expect(try y.contiguous().isContiguous)
    #expect(throws: TorchError.self) { try x.reshaped([6, 4]).to(.channelsLast) }
  }

  @Test func `clones have memory of their own and detached tensors share it`() throws {
    let x = try Tensor([1, 2])
    let clone = try x.clone()
    let detached = try x.detach()
    try x.fillInPlace(5)
    #expect(try clone.toInts() == [1, 2])
    #expect(try detached.toInts() == [5, 5])
  }
}

@Suite struct TorchErrorTests {
  @Test func `shapes that do not fit are one line of text`() throws {
    let error = torchError { _ = try Tensor.zeros([2, 3]) + Tensor.zeros([4]) }
    #expect(
      error
        == .libtorch(
          "The size of tensor a (3) must match the size of tensor b (4) at non-singleton dimension 1"
        ))
  }

  @Test func `memory that is not there is an error of its own`() {
    let error = torchError { _ = try Tensor.zeros([1 << 30, 1 << 20]) }
    guard case .outOfMemory(let message) = error else {
      Issue.record("got \(String(describing: error))")
      return
    }
    #expect(message == "no room for 4503599627370496 bytes more")
  }

  @Test func `memory that a GPU lacks is told without the other processes on it`() {
    let said =
      "CUDA out of memory. Tried to allocate 86.00 MiB. GPU 0 has a total capacity of 139.80 GiB of "
      + "which 57.50 MiB is free. Process 805 has 66.00 MiB memory in use. Process 3843 has 6.83 GiB "
      + "memory in use. Including non-PyTorch memory, this process has 19.17 GiB memory in use. Of the "
      + "allocated memory 1.90 GiB is allocated by PyTorch, and 55.05 MiB is reserved by PyTorch but "
      + "unallocated."
    #expect(
      MemoryShortage.line(of: said)
        == "no room for 86.00 MiB more on GPU 0, which has 57.50 MiB of 139.80 GiB free; this process "
        + "holds 19.17 GiB")
    // The sentence is cut off after a kilobyte in some versions, and another allocator has none of it.
    #expect(
      MemoryShortage.line(of: "CUDA out of memory. Tried to allocate 20.00 MiB. Process 805 has")
        == "no room for 20.00 MiB more")
    #expect(MemoryShortage.line(of: "out of memory") == "out of memory")
  }

  @Test func `wrong calls throw and never crash`() throws {
    let x = try Tensor.zeros([2, 3])
    let calls: [() throws -> Any] = [
      { try Tensor.zeros([-1]) },
      { try Tensor.zeros([Int.max, Int.max]) },
      { try Tensor.arange(from: 0.0, to: 1, step: 0) },
      { try Tensor.arange(from: 0.0, to: 1, step: .nan) },
      { try x.matmul(x) },
      { try x.reshaped([7]) },
      { try x.view([-1, -1]) },
      { try x.permuted([0, 0]) },
      { try x.sum(dims: [5]) },
      { try x.select(dim: 0, index: 2) },
      { try x.narrow(dim: 1, start: 2, count: 2) },
      { try x.indexSelect(dim: 0, [2]) },
      { try x.indexSelect(dim: 0, Tensor([0.5])) },
      { try x.gather(dim: 0, Tensor([9], shape: [1, 1])) },
      { try x.scatterAdd(dim: 0, indices: Tensor([-1], shape: [1, 1]), source: x) },
      { try Tensor.concatenated([], dim: 0) },
      { try Tensor.stacked([x, Tensor.zeros([3])]) },
      { try x.split(sizes: [1, 5], dim: 0) },
      { try x.split(size: 0, dim: 0) },
      { try x.conv2d(x) },
      { try x.unsqueezed(0).unsqueezed(0).conv2d(Tensor.zeros([1, 2, 1, 1])) },
      { try x.unsqueezed(0).maxPool2d(kernel: (0, 0), stride: (1, 1)) },
      { try x.unsqueezed(0).maxPool2d(kernel: (2, 2), stride: (2, 2), padding: (2, 2)) },
      { try x.unsqueezed(0).unsqueezed(0).resized(height: -1, width: 3) },
      { try x.unsqueezed(0).unsqueezed(0).upsampledNearest(scale: Int.max) },
      { try x.clamped() },
      { try x.quantile(1.5) },
      { try Tensor.zeros([0]).quantile(0.5) },
      { try Tensor.zeros([0]).amax() },
      { try x.oneHot(classes: 2) },
      { try Tensor([5]).oneHot(classes: 2) },
      { try x.dropout(probability: 2) },
      { try x.backward() },
      { try Tensor([1]).requireGrad() },
      { try Tensor.concatenated([x, Tensor.zeros([2, 3], dtype: .bool)], dim: 7) },
      { try x.squeezed(4) },
      { try x.expanded(to: [4, 3]) },
      { try x.repeated([2]) },
    ]
    for (index, call) in calls.enumerated() {
      let error = torchError { _ = try call() }
      #expect(error != nil, "call \(index)")
      #expect(error?.description.contains("\n") == false, "call \(index)")
    }
  }

  @Test func `files and devices say where and what`() {
    #expect(TorchError.file(path: "a.st", reason: "no room").description == "a.st: no room")
    #expect(
      TorchError.missingTensor("w", path: "a.st").description == "a.st: has no tensor 'w'")
    #expect(
      TorchError.malformedFile(path: "a.st", reason: "x").description
        == "a.st: not a safetensors file: x")
    #expect(
      TorchError.noDevice("CUDA", reason: "none").description == "no CUDA device: none")
    #expect(TorchError.outOfMemory("x").description == "out of memory: x")
  }
}

@Suite struct LifetimeTests {
  @Test func `no tensor outlives its last use`() throws {
    let before = TorchRuntime.liveTensorCountOfThread
    try withExtendedLifetime(Tensor.zeros([2])) {
      #expect(TorchRuntime.liveTensorCountOfThread == before + 1)
      #expect(TorchRuntime.liveTensorCount >= 1)
    }
    for _ in 0..<100 {
      let x = try Tensor(spread(16), shape: [4, 4]).requireGrad()
      let parts = try x.split(size: 1, dim: 0)
      let y = try Tensor.concatenated(parts, dim: 0).matmul(x).sorted().values.sum()
      try y.backward()
      _ = try Tensor.gradients(of: (x * x).sum(), by: [x, x])
      _ = try x.grad?.sum().item()
      _ = torchError { _ = try x + Tensor.zeros([3]) }
      _ = torchError { _ = try x.split(sizes: [9], dim: 0) }
    }
    #expect(TorchRuntime.liveTensorCountOfThread == before)
  }
}
