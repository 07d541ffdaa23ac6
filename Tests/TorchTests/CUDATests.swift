import Testing
import _TorchSupport

@testable import Torch

/// What only a CUDA device can show; the rest of the suite runs on the host.
@Suite(.enabled(if: Device.cudaIsAvailable), .libtorch(.nothing)) struct CUDATests {
  @Test func `CUDA computes what the host computes`() throws {
    let device = try Device.named("cuda")
    #expect(try Device.named("auto") == device)
    #expect(throws: TorchError.self) { try Device.named("cuda:\(Device.cudaCount)") }
    let values = spread(4 * 8 * 16 * 16).map(Float.init)
    let host = try Tensor(values, shape: [4, 8, 16, 16])
    let there = try Tensor(values, shape: [4, 8, 16, 16], device: device, pinned: true)
    #expect(there.device == device)
    #expect(try there.toFloats() == values)
    let kernel = try Tensor(spread(8 * 8 * 9).map(Float.init), shape: [8, 8, 3, 3])
    let expected = try host.conv2d(kernel, padding: (1, 1)).mish().toFloats()
    let got = try there.to(.channelsLast).conv2d(kernel.to(device), padding: (1, 1)).mish()
    #expect(try agree(got.toFloats(), expected, 5e-3))
    try device.synchronize()
    let use = try device.memoryUse()
    #expect(use.allocated > 0 && use.peakAllocated >= use.allocated)
    #expect(use.reserved >= use.allocated && use.total >= use.reserved)
    #expect(throws: TorchError.self) { try host + there }
    #expect(try host.pinned().to(device, nonBlocking: true).toFloats() == values)
  }

  @Test func `CUDA draws its own numbers and steps with scaled gradients`() throws {
    let device = try Device.named("cuda")
    let first = try Tensor.normal([100], generator: Generator(seed: 3, device: device))
    let second = try Tensor.normal([100], generator: Generator(seed: 3, device: device))
    #expect(first.device == device)
    #expect(try first.toFloats() == second.toFloats())
    let x = try Tensor([1, 2] as [Float], device: device)
    let gradient = try Tensor([8, 8] as [Float], device: device)
    for infinity in [1, 0] {
      try fusedSGD(
        parameters: [x], gradients: [gradient], momentumBuffers: [],
        learningRate: .tensor(Tensor.scalar(1, device: device)),
        scaling: GradientScaling(
          scale: Tensor.scalar(8, device: device),
          foundInfinity: Tensor.scalar(infinity, device: device)))
    }
    #expect(try x.toFloats() == [0, 1])
    let half = try withAutocast(device, dtype: .float16) {
      try Tensor.ones([2, 2], device: device).matmul(Tensor.ones([2, 2], device: device))
    }
    #expect(half.dtype == .float16)
    #expect(try half.toFloats() == [2, 2, 2, 2])
  }

  static let functions: [(String, @Sendable (Tensor) throws -> Tensor)] = [
    ("mish", { try $0.mish() }), ("leaky", { try $0.leakyReLU(slope: 0.1) }),
    ("silu", { try $0.silu() }), ("hard swish", { try $0.hardSwish() }),
    ("softmax", { try $0.softmax(dim: 1) }),
    ("max", { try $0.maxPool2d(kernel: (5, 5), stride: (1, 1), padding: (2, 2)) }),
    ("mean", { try $0.avgPool2d(kernel: (2, 2), stride: (2, 2)) }),
    ("nearest", { try $0.upsampledNearest(scale: 2) }),
    ("bilinear", { try $0.resized(height: 5, width: 9) }),
    ("sorted", { try $0.flattened().sorted().values }),
    ("amax", { try $0.amax(dims: [2, 3]) }), ("sum", { try $0.sum(dims: [0, 2, 3]) }),
    ("flip", { try $0.flipped(dims: [3]) }), ("pad", { try $0.padded([1, 2, 3, 4]) }),
    ("clamp", { try $0.clamped(min: -0.5, max: 0.5) }),
    ("select", { try Tensor.select(where: $0 .> 0, $0, $0 * 0.1) }),
    ("index select", { try $0.indexSelect(dim: 1, [2, 0, 2]) }),
    (
      "batch norm",
      {
        try $0.batchNorm(
          weight: nil, bias: nil, runningMean: nil, runningVariance: nil, training: true)
      }
    ),
    (
      "convolution",
      {
        let kernel = try Tensor(spread(4 * 3 * 9), shape: [4, 3, 3, 3], device: $0.device)
        return try $0.conv2d(kernel, stride: (2, 2), padding: (1, 1))
      }
    ),
    (
      "entropy",
      {
        try $0.binaryCrossEntropyWithLogits(($0.detach() .> 0).to(.float64), reduction: .none)
      }
    ),
  ]

  @Test(arguments: functions.indices)
  func `functions and gradients agree with the host`(index: Int) throws {
    let (name, function) = Self.functions[index]
    func run(_ device: Device) throws -> (value: [Double], gradient: [Double]) {
      let x = try Tensor(spread(2 * 3 * 6 * 8), shape: [2, 3, 6, 8], device: device).requireGrad()
      let y = try function(x)
      let weights = try Tensor(spread(y.count, from: 0.5, to: 1.5), shape: y.shape, device: device)
      try (y * weights).sum().backward()
      return (try y.toDoubles(), try #require(x.grad).toDoubles())
    }
    // Hard swish multiplies by a float32 sixth on CUDA, whatever the type.
    let (host, there) = (try run(.cpu), try run(.cuda(0)))
    #expect(agree(host.value, there.value, 1e-7), "\(name)")
    #expect(agree(host.gradient, there.gradient, 1e-7), "\(name)")
  }

  @Test func `a whole mixed-precision step runs without the host`() throws {
    let device = Device.cuda(0)
    let weight = try Tensor(spread(8 * 3 * 9).map(Float.init), shape: [8, 3, 3, 3], device: device)
      .to(.channelsLast).requireGrad()
    let x = try Tensor(spread(2 * 3 * 64).map(Float.init), shape: [2, 3, 8, 8], device: device)
    let buffer = try weight.zerosLike()
    let (scale, found) = (
      try Tensor.scalar(1024, device: device), try Tensor.zeros([], device: device)
    )
    let tracker = try Tensor.scalar(0, dtype: .int32, device: device)
    let average = try weight.detach().clone()
    var losses: [Double] = []
    for _ in 0..<5 {
      let loss = try withAutocast(device, dtype: .float16) {
        try x.conv2d(weight).squared().mean()
      }
      try (loss * scale).backward()
      let gradient = try #require(weight.grad)
      try found.zeroInPlace()
      try unscaleGradients([gradient], foundInfinity: found, inverseScale: scale.reciprocal())
      try fusedSGD(
        parameters: [weight], gradients: [gradient], momentumBuffers: [buffer],
        learningRate: .tensor(Tensor.scalar(0.05, device: device)), momentum: 0.9,
        scaling: GradientScaling(foundInfinity: found))
      try updateGradientScale(scale, growthTracker: tracker, foundInfinity: found, interval: 4)
      try ForEach.lerp([average], to: [weight], weight: 0.1)
      try weight.setGrad(nil)
      losses.append(try loss.item())
    }
    #expect(losses.last ?? .nan < losses[0])
    #expect(try scale.item() == 2048)
    #expect(try average.allFinite())
  }

  @Test func `memory that the device does not have is an error of its own`() {
    let error = torchError { _ = try Tensor.zeros([1 << 20, 1 << 20], device: .cuda(0)) }
    guard case .outOfMemory = error else {
      Issue.record("got \(String(describing: error))")
      return
    }
  }
}
