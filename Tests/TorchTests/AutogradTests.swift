import Foundation
import Testing

@testable import Torch

@Suite struct AutogradTests {
  @Test func `gradients add up until they are cleared`() throws {
    let x = try Tensor([3.0]).requireGrad()
    #expect(x.requiresGrad && x.grad == nil)
    try x.squared().backward()
    try x.squared().backward()
    #expect(try x.grad?.item() == 12)
    try x.setGrad(nil)
    #expect(x.grad == nil)
    try x.setGrad(Tensor([5.0]))
    #expect(try x.grad?.item() == 5)
    #expect(throws: TorchError.self) { try x.setGrad(Tensor([1.0, 2.0])) }
    try x.requireGrad(false)
    #expect(!x.requiresGrad)
  }

  @Test func `a history is used once unless it is retained`() throws {
    let x = try Tensor([1.0, 2.0]).requireGrad()
    let y = try x.squared()
    #expect(throws: TorchError.self) { try y.backward() }
    try y.backward(gradient: Tensor([1.0, 10.0]), retainGraph: true)
    #expect(try x.grad?.toDoubles() == [2, 40])
    try y.backward(gradient: Tensor([1.0, 1.0]))
    #expect(throws: TorchError.self) { try y.backward(gradient: Tensor([1.0, 1.0])) }
  }

  // y = x³: dy/dx = 3x², d²y/dx² = 6x.
  @Test func `gradients are given for chosen inputs and can be differentiated`() throws {
    let x = try Tensor([2.0]).requireGrad()
    let other = try Tensor([1.0]).requireGrad()
    let y = try x.pow(3)
    let first = try Tensor.gradients(of: y, by: [x, other], createGraph: true)
    #expect(try first[0]?.item() == 12)
    #expect(first[1] == nil)
    let second = try Tensor.gradients(of: #require(first[0]), by: [x])
    #expect(try second[0]?.item() == 12)
    #expect(x.grad == nil)
  }

  @Test func `a value passes its gradient on`() throws {
    let (x, y) = try (Tensor([1.0, -2]).requireGrad(), Tensor([0.5, 0.25]).requireGrad())
    // Its own history is left: what it was made from gets nothing.
    let value = try (x * y).withGradient(of: x * 3)
    #expect(try value.toFloats() == [0.5, -0.5])
    try (value * Tensor([10.0, 100])).sum().backward()
    #expect(try x.grad?.toFloats() == [30, 300])
    #expect(y.grad == nil)
    #expect(try withoutGrad { try x.withGradient(of: y) }.requiresGrad == false)
    #expect(try x.withGradient(of: y.detach()).requiresGrad == false)
    #expect(throws: TorchError.self) { try x.withGradient(of: Tensor([1.0]).requireGrad()) }
  }

  @Test func `scopes hold for their body and are left by errors too`() throws {
    struct Stop: Error {}
    let x = try Tensor([1.0]).requireGrad()
    #expect(gradIsEnabled)
    let y = try withoutGrad { try x * 2 }
    #expect(!y.requiresGrad)
    try withoutGrad {
      #expect(!gradIsEnabled)
      let recorded = try withGrad { try (x * 2).requiresGrad }
      #expect(recorded)
      #expect(!gradIsEnabled)
    }
    #expect(throws: Stop.self) { try withoutGrad { throw Stop() } }
    #expect(gradIsEnabled)
    #expect(try withInferenceMode { try (x * 2).requiresGrad } == false)
    #expect(throws: Stop.self) { try withInferenceMode { throw Stop() } }
    #expect(try (x * 2).requiresGrad)
    #expect(try x.detach().requiresGrad == false)
  }

  @Test func `grad mode belongs to the thread`() async throws {
    let other = withoutGrad { Task.detached { gradIsEnabled } }
    #expect(await other.value)
  }

  @Test func `a change in place that a gradient needed is found`() throws {
    let x = try Tensor([1.0, 2.0]).requireGrad()
    let y = try x.exp()
    try y.addInPlace(1)
    #expect(throws: TorchError.self) { try y.sum().backward() }
  }
}

@Suite struct AutocastTests {
  @Test func `products run in the lower type inside and in float32 after`() throws {
    let x = try Tensor.ones([1, 2, 4, 4])
    let kernel = try Tensor.ones([3, 2, 3, 3]).requireGrad()
    let inside = try withAutocast(.cpu, dtype: .bfloat16) {
      let y = try x.conv2d(kernel)
      #expect(
        try withAutocast(.cpu, dtype: .bfloat16, enabled: false) { try x.conv2d(kernel).dtype }
          == .float32)
      #expect(try x.conv2d(kernel).dtype == .bfloat16)
      return y
    }
    #expect(inside.dtype == .bfloat16)
    #expect(try x.conv2d(kernel).dtype == .float32)
    try inside.sum().backward()
    #expect(kernel.grad?.dtype == .float32)
  }

  @Test func `an error leaves autocast`() throws {
    struct Stop: Error {}
    let x = try Tensor.ones([2, 2])
    #expect(throws: Stop.self) {
      try withAutocast(.cpu, dtype: .bfloat16) { throw Stop() }
    }
    #expect(try x.matmul(x).dtype == .float32)
  }

  @Test func `parameters changed between two scopes are cast anew`() throws {
    let weight = try Tensor.ones([2, 2]).requireGrad()
    let x = try Tensor.ones([1, 2])
    func product() throws -> [Float] {
      try withAutocast(.cpu, dtype: .bfloat16) { try x.linear(weight).toFloats() }
    }
    #expect(try product() == [2, 2])
    try weight.fillInPlace(3)
    #expect(try product() == [6, 6])
  }
}

@Suite struct InPlaceTests {
  @Test func `changes in place agree with a hand`() throws {
    let x = try Tensor([1.0, 4.0])
    let y = try Tensor([2.0, 2.0])
    #expect(try x.addInPlace(y).toDoubles() == [3, 6])
    #expect(try x.addInPlace(y, scale: -0.5).toDoubles() == [2, 5])
    #expect(try x.addInPlace(1).toDoubles() == [3, 6])
    #expect(try x.mulInPlace(y).toDoubles() == [6, 12])
    #expect(try x.mulInPlace(0.5).toDoubles() == [3, 6])
    #expect(try x.divInPlace(y).toDoubles() == [1.5, 3])
    #expect(try x.copyInPlace(Tensor([2, 3])).toDoubles() == [2, 3])
    #expect(try x.lerpInPlace(Tensor([4.0, 5.0]), weight: 0.25).toDoubles() == [2.5, 3.5])
    #expect(try x.fillInPlace(7).toDoubles() == [7, 7])
    #expect(try x.zeroInPlace().toDoubles() == [0, 0])
    #expect(try Tensor([1, 2]).addInPlace(Tensor([1, 1]), scale: 3).toInts() == [4, 5])
    #expect(throws: TorchError.self) { try x.addInPlace(Tensor([1.0, 2.0, 3.0])) }
  }

  @Test func `a leaf that requires a gradient may be changed`() throws {
    let x = try Tensor([1.0]).requireGrad()
    try x.addInPlace(1)
    #expect(try x.item() == 2)
    #expect(x.requiresGrad && gradIsEnabled)
  }

  @Test func `many tensors change as one does`() throws {
    let xs = [try Tensor([1.0, 2.0]), try Tensor([3.0])]
    let ys = [try Tensor([10.0, 20.0]), try Tensor([30.0])]
    func values() throws -> [[Double]] { try xs.map { try $0.toDoubles() } }
    try ForEach.add(xs, ys, scale: 0.5)
    #expect(try values() == [[6, 12], [18]])
    try ForEach.add(xs, 1)
    #expect(try values() == [[7, 13], [19]])
    try ForEach.lerp(xs, to: ys, weight: 1)
    #expect(try values() == [[10, 20], [30]])
    try ForEach.zero(xs)
    #expect(try values() == [[0, 0], [0]])
    #expect(throws: TorchError.self) { try ForEach.add(xs, [ys[0]]) }
    #expect(throws: TorchError.self) { try ForEach.add([], ys) }
    try ForEach.add([], 1)
  }
}

@Suite struct FusedStepTests {
  /// x, g and m after `steps` steps of the formula, gradients being x itself plus the step's
  /// number.
  private func descend(
    _ start: [Double], steps: Int, rate: Double, momentum: Double, decay: Double, nesterov: Bool
  ) -> [Double] {
    start.map { x0 in
      var (x, m) = (x0, 0.0)
      for step in 0..<steps {
        let g = x + Double(step) + decay * x
        m = momentum * m + g
        x -= rate * (nesterov ? g + momentum * m : m)
      }
      return x
    }
  }

  @Test(arguments: [true, false], [true, false])
  func `descent agrees with a loop in any layout`(nesterov: Bool, channelsLast: Bool) throws {
    let start = spread(24)
    var x = try Tensor(start, shape: [2, 3, 2, 2])
    if channelsLast { x = try x.to(.channelsLast) }
    let buffer = try x.zerosLike()
    for step in 0..<3 {
      // The gradient comes row-major, whatever the parameter's layout.
      try fusedSGD(
        parameters: [x], gradients: [(x + step).contiguous()], momentumBuffers: [buffer],
        learningRate: 0.1, momentum: 0.9, weightDecay: 0.01, nesterov: nesterov)
    }
    let expected = descend(
      start, steps: 3, rate: 0.1, momentum: 0.9, decay: 0.01, nesterov: nesterov)
    #expect(try agree(x.toDoubles(), expected, 1e-12))
  }

  @Test func `descent takes a rate from a tensor and goes without momentum`() throws {
    let x = try Tensor([1, 2] as [Float])
    try fusedSGD(
      parameters: [x], gradients: [Tensor([1, 1] as [Float])], momentumBuffers: [],
      learningRate: .tensor(Tensor.scalar(0.5)))
    #expect(try x.toFloats() == [0.5, 1.5])
  }

  @Test func `an infinity leaves the step out and a scale is taken back`() throws {
    let x = try Tensor([1, 2] as [Float])
    let gradient = try Tensor([8, 8] as [Float])
    try fusedSGD(
      parameters: [x], gradients: [gradient], momentumBuffers: [], learningRate: 1,
      scaling: GradientScaling(scale: Tensor.scalar(8), foundInfinity: Tensor.scalar(1)))
    #expect(try x.toFloats() == [1, 2])
    try fusedSGD(
      parameters: [x], gradients: [gradient], momentumBuffers: [], learningRate: 1,
      scaling: GradientScaling(scale: Tensor.scalar(8), foundInfinity: Tensor.scalar(0)))
    #expect(try x.toFloats() == [0, 1])
  }

  @Test func `arrays that do not match are refused`() throws {
    let x = try Tensor([1, 2] as [Float])
    let calls: [() throws -> Void] = [
      { try fusedSGD(parameters: [x], gradients: [], momentumBuffers: [], learningRate: 1.0) },
      {
        try fusedSGD(
          parameters: [x], gradients: [Tensor([1] as [Float])], momentumBuffers: [],
          learningRate: 1.0)
      },
      {
        try fusedSGD(
          parameters: [x], gradients: [x], momentumBuffers: [Tensor([1] as [Float])],
          learningRate: 1.0, momentum: 0.9)
      },
      {
        try fusedSGD(
          parameters: [x], gradients: [x], momentumBuffers: [], learningRate: 1.0, momentum: 0.9)
      },
      {
        try fusedAdam(
          parameters: [x], gradients: [x], averages: [], squares: [], steps: [],
          learningRate: 1.0)
      },
      {
        try fusedAdam(
          parameters: [x], gradients: [x], averages: [x], squares: [x], steps: [],
          learningRate: 1.0)
      },
      {
        try fusedSGD(
          parameters: [x], gradients: [x.to(.float16)], momentumBuffers: [], learningRate: 1.0)
      },
      {
        try fusedSGD(
          parameters: [x], gradients: [x], momentumBuffers: [x.to(.float64)], learningRate: 1.0,
          momentum: 0.9)
      },
      {
        let square = try Tensor.ones([2, 2])
        try fusedSGD(
          parameters: [square], gradients: [square], momentumBuffers: [square.transposed()],
          learningRate: 1.0, momentum: 0.9)
      },
      {
        try unscaleGradients([x], foundInfinity: Tensor([0]), inverseScale: Tensor.scalar(1))
      },
      {
        try updateGradientScale(
          Tensor.scalar(1), growthTracker: Tensor.scalar(0), foundInfinity: Tensor.scalar(0))
      },
    ]
    for (index, call) in calls.enumerated() {
      #expect(torchError { try call() } != nil, "call \(index)")
    }
    #expect(try x.toFloats() == [1, 2])
  }

  @Test(arguments: [true, false])
  func `Adam agrees with its paper`(decoupled: Bool) throws {
    let (rate, b1, b2, decay, epsilon) = (0.1, 0.9, 0.99, 0.05, 1e-8)
    let start = spread(5)
    let x = try Tensor(start)
    let (average, square) = (try x.zerosLike(), try x.zerosLike())
    let step = try Tensor.scalar(0)
    for _ in 0..<3 {
      try step.addInPlace(1)
      try fusedAdam(
        parameters: [x], gradients: [(x * 2).detach()], averages: [average], squares: [square],
        steps: [step], learningRate: .value(rate), beta1: b1, beta2: b2, weightDecay: decay,
        epsilon: epsilon, decoupled: decoupled)
    }
    let expected = start.map { x0 in
      var (x, m, v) = (x0, 0.0, 0.0)
      for t in 1...3 {
        var g = 2 * x
        if decoupled { x -= rate * decay * x } else { g += decay * x }
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g * g
        let (mean, spread) = (m / (1 - pow(b1, Double(t))), v / (1 - pow(b2, Double(t))))
        x -= rate * mean / (spread.squareRoot() + epsilon)
      }
      return x
    }
    #expect(try agree(x.toDoubles(), expected, 1e-9))
  }

  @Test func `unscaling finds infinities and the scale follows`() throws {
    let good = try Tensor([8, 16] as [Float])
    let bad = try Tensor([.infinity] as [Float])
    let found = try Tensor.zeros([])
    let scale = try Tensor.scalar(8)
    let tracker = try Tensor.scalar(0, dtype: .int32)
    try unscaleGradients([good], foundInfinity: found, inverseScale: Tensor.scalar(1.0 / 8))
    #expect(try good.toFloats() == [1, 2])
    #expect(try found.item() == 0)
    for _ in 0..<2 {
      try updateGradientScale(scale, growthTracker: tracker, foundInfinity: found, interval: 2)
    }
    #expect(try scale.item() == 16)
    try unscaleGradients([bad], foundInfinity: found, inverseScale: Tensor.scalar(1.0 / 8))
    #expect(try found.item() == 1)
    try updateGradientScale(scale, growthTracker: tracker, foundInfinity: found, interval: 2)
    #expect(try scale.item() == 8)
    #expect(try tracker.itemInt() == 0)
  }
}
