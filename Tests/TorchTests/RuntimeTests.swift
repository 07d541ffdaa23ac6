import Synchronization
import Testing

@testable import Torch

@Suite struct DeviceTests {
  @Test(arguments: ["", "gpu", "cuda:", "cuda:-1", "cuda:x", "cuda:1:2", "cpu:0", "CPU", "cuda:+1"])
  func `names that mean nothing are refused`(name: String) {
    let error = torchError { _ = try Device.named(name) }
    #expect(error == .invalidDevice(name))
    #expect(
      error?.description == "'\(name)' is not a device; expected auto, cpu, cuda or cuda:N")
  }

  @Test func `the host is always there`() throws {
    #expect(try Device.named("cpu") == .cpu)
    #expect(Device.cpu.description == "cpu" && Device.cuda(2).description == "cuda:2")
    #expect(!Device.cpu.isCUDA && Device.cuda(0).isCUDA)
    try Device.cpu.synchronize()
    #expect(try Device.cpu.memoryUse().allocated == 0)
  }

  @Test(.enabled(if: !Device.cudaIsAvailable))
  func `a machine without CUDA says why`() throws {
    #expect(try Device.named("auto") == .cpu)
    for name in ["cuda", "cuda:3"] {
      guard case .noDevice("CUDA", let reason) = torchError({ _ = try Device.named(name) }) else {
        Issue.record("\(name) was found")
        continue
      }
      #expect(!reason.isEmpty && !reason.contains("\n"))
    }
    let calls: [() throws -> Any] = [
      { try Tensor.zeros([1], device: .cuda(0)) },
      { try Tensor([1], device: .cuda(0), pinned: true) },
      { try Tensor.zeros([1]).to(.cuda(0)) },
      { try Tensor.zeros([1]).pinned() },
      { try Generator(seed: 1, device: .cuda(0)) },
      { try Device.cuda(0).synchronize() },
      { try Device.cuda(0).memoryUse() },
    ]
    for (index, call) in calls.enumerated() {
      guard case .noDevice = torchError({ _ = try call() }) else {
        Issue.record("call \(index)")
        continue
      }
    }
  }
}

/// What holds for the whole process is switched in processes of its own: other suites run beside
/// these.
@Suite struct TorchRuntimeTests {
  @Test func `the library says what it is`() {
    #expect(TorchRuntime.version.hasPrefix("2.11.0"))
    #expect(["DEFAULT", "AVX2", "AVX512"].contains(TorchRuntime.cpuCapability))
    #expect(TorchRuntime.threadCount >= 1)
  }

  @Test func `threads are one to a thousand`() async {
    await #expect(processExitsWith: .success) {
      try TorchRuntime.setThreadCount(3)
      #expect(TorchRuntime.threadCount == 3)
      try TorchRuntime.setThreadCount(1)
      #expect(TorchRuntime.threadCount == 1)
      #expect(throws: TorchError.self) { try TorchRuntime.setThreadCount(0) }
      #expect(throws: TorchError.self) { try TorchRuntime.setThreadCount(-1) }
      #expect(throws: TorchError.self) { try TorchRuntime.setThreadCount(.max) }
    }
  }

  @Test func `deterministic sums are the same every time`() async {
    await #expect(processExitsWith: .success) {
      let places = try Tensor((0..<5000).map { $0 * 7919 % 7 })
      let values = try Tensor(spread(5000).map(Float.init))
      let sums = try TorchRuntime.withDeterministicAlgorithms {
        try (0..<5).map { _ in
          try Tensor.zeros([7]).scatterAdd(dim: 0, indices: places, source: values).toFloats()
        }
      }
      #expect(sums.allSatisfy { $0 == sums[0] })
    }
  }

  @Test func `switches for CUDA are taken without it`() async {
    await #expect(processExitsWith: .success) {
      try TorchRuntime.setAllowsTF32(false)
      // Read back through what it decides: the flags themselves have no other effect on the host.
      let x = try Tensor.full([2, 2], 1.0001)
      #expect(try x.matmul(x).toFloats().allSatisfy { abs($0 - 2.0004) < 1e-4 })
    }
  }
}

@Suite struct GeneratorTests {
  @Test func `a seed decides the sequence`() throws {
    func draw(_ seed: UInt64) throws -> [Float] {
      try Tensor.uniform([50], low: -2, high: 3, generator: Generator(seed: seed)).toFloats()
    }
    #expect(try draw(7) == draw(7))
    #expect(try draw(7) != draw(8))
    #expect(try draw(7).allSatisfy { (-2..<3).contains($0) })
    #expect(try draw(.max) == draw(.max))
  }

  @Test func `a generator that is seeded anew begins anew`() throws {
    let generator = try Generator(seed: 1)
    let first = try Tensor.normal([10], generator: generator).toFloats()
    #expect(try Tensor.normal([10], generator: generator).toFloats() != first)
    try generator.setSeed(1)
    #expect(try Tensor.normal([10], generator: generator).toFloats() == first)
  }

  // 100,000 draws: the mean of a uniform is 0.5 ± 0.0009 (one deviation), of a normal ± 0.0032.
  @Test func `distributions have their moments`() throws {
    let generator = try Generator(seed: 5)
    let uniform = try Tensor.uniform([100_000], generator: generator)
    #expect(try abs(uniform.mean().item() - 0.5) < 0.005)
    let normal = try Tensor.normal([100_000], mean: 2, deviation: 3, generator: generator)
    #expect(try abs(normal.mean().item() - 2) < 0.05)
    #expect(try abs(normal.variance(dims: [0]).item().squareRoot() - 3) < 0.05)
  }

  @Test func `seeding the default generators repeats dropout`() async {
    await #expect(processExitsWith: .success) {
      func dropped(_ seed: UInt64) throws -> [Float] {
        try TorchRuntime.seed(seed)
        return try Tensor.ones([64]).dropout(probability: 0.5).toFloats()
      }
      let first = try dropped(11)
      #expect(try dropped(11) == first)
      #expect(try dropped(12) != first)
    }
  }
}

@Suite struct SideBySideTests {
  private struct Fault: Error, Equatable { let index: Int }

  @Test func `each index has its value`() throws {
    #expect(try TorchRuntime.sideBySide(100) { $0 * $0 } == (0..<100).map { $0 * $0 })
    #expect(try TorchRuntime.sideBySide(0) { $0 }.isEmpty)
  }

  @Test func `the fault of the lowest index is thrown, and all others are done`() throws {
    let done = Atomic<Int>(0)
    #expect(throws: Fault(index: 3)) {
      try TorchRuntime.sideBySide(10) { index in
        done.add(1, ordering: .relaxed)
        if index % 3 == 0 && index > 0 { throw Fault(index: index) }
      }
    }
    #expect(done.load(ordering: .relaxed) == 10)
  }

  /// Two wait for one another, which they could not one after the other.
  @Test func `as many run at once as there are threads`() throws {
    let threads = TorchRuntime.threadCount
    let begun = Atomic<Int>(0)
    let seen = try TorchRuntime.sideBySide(2) { _ in
      begun.add(1, ordering: .relaxed)
      let end = ContinuousClock.now + .seconds(10)
      while threads > 1, begun.load(ordering: .relaxed) < 2, .now < end {}
      return begun.load(ordering: .relaxed)
    }
    #expect(seen == (threads > 1 ? [2, 2] : [1, 2]))
  }

  @Test func `tensors are made on other threads, and none is left`() throws {
    let before = TorchRuntime.liveTensorCountOfThread
    do {
      let products = try TorchRuntime.sideBySide(8) { index in
        let x = try Tensor.ones([64, 64]) * Float(index)
        return try withoutGrad { try x.matmul(x) }
      }
      #expect(try products.map { try $0.toFloats()[0] } == (0..<8).map { Float(64 * $0 * $0) })
    }
    #expect(TorchRuntime.liveTensorCountOfThread == before)
  }
}
