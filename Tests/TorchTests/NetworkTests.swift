import Foundation
import Testing

@testable import Torch

@Suite struct ConvolutionTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var stride = (1, 1)
    var padding = (0, 0)
    var dilation = (1, 1)
    var groups = 1
    var testDescription: String { "\(stride) \(padding) \(dilation) \(groups)" }
  }

  // [2, 4, 6, 7] by [6, 4 / groups, 3, 2], element by element.
  @Test(arguments: [
    Case(), Case(stride: (2, 1)), Case(padding: (1, 2)), Case(dilation: (2, 3)), Case(groups: 2),
    Case(stride: (2, 3), padding: (2, 1), dilation: (1, 2), groups: 2),
  ])
  func `a convolution agrees with a loop`(c: Case) throws {
    let (n, inputs, h, w, outputs, kh, kw) = (2, 4, 6, 7, 6, 3, 2)
    let depth = inputs / c.groups
    let x = spread(n * inputs * h * w)
    let weight = spread(outputs * depth * kh * kw, from: -0.5, to: 0.5)
    let bias = spread(outputs)
    let outH = (h + 2 * c.padding.0 - c.dilation.0 * (kh - 1) - 1) / c.stride.0 + 1
    let outW = (w + 2 * c.padding.1 - c.dilation.1 * (kw - 1) - 1) / c.stride.1 + 1
    var expected: [Double] = []
    for image in 0..<n {
      for o in 0..<outputs {
        let group = o / (outputs / c.groups)
        for oy in 0..<outH {
          for ox in 0..<outW {
            var sum = bias[o]
            for i in 0..<depth {
              for ky in 0..<kh {
                for kx in 0..<kw {
                  let y = oy * c.stride.0 - c.padding.0 + ky * c.dilation.0
                  let z = ox * c.stride.1 - c.padding.1 + kx * c.dilation.1
                  guard (0..<h).contains(y), (0..<w).contains(z) else { continue }
                  let channel = group * depth + i
                  sum +=
                    x[((image * inputs + channel) * h + y) * w + z]
                    * weight[((o * depth + i) * kh + ky) * kw + kx]
                }
              }
            }
            expected.append(sum)
          }
        }
      }
    }
    let input = try Tensor(x, shape: [n, inputs, h, w])
    let kernel = try Tensor(weight, shape: [outputs, depth, kh, kw])
    let y = try input.conv2d(
      kernel, bias: Tensor(bias), stride: c.stride, padding: c.padding, dilation: c.dilation,
      groups: c.groups)
    #expect(y.shape == [n, outputs, outH, outW])
    #expect(try agree(y.toDoubles(), expected, 1e-12))
    let single = try input.to(.float32).to(.channelsLast).conv2d(
      kernel.to(.float32), bias: Tensor(bias.map(Float.init)), stride: c.stride,
      padding: c.padding, dilation: c.dilation, groups: c.groups)
    #expect(try agree(single.toDoubles(), expected, 1e-5))
  }

  @Test func `gradients of products agree with their differences`() throws {
    let kernel = try Tensor(spread(16), shape: [2, 2, 2, 2])
    let image = try Tensor(spread(24), shape: [1, 2, 3, 4])
    try expectGradient("input", at: spread(24), shape: [1, 2, 3, 4]) {
      try $0.conv2d(kernel, stride: (2, 1), padding: (1, 1))
    }
    try expectGradient("weight", at: spread(16), shape: [2, 2, 2, 2]) {
      try image.conv2d($0, padding: (1, 0))
    }
    let matrix = try Tensor(spread(12), shape: [3, 4])
    try expectGradient("linear", at: spread(8), shape: [2, 4]) {
      try $0.linear(matrix, bias: Tensor([0.1, 0.2, 0.3]))
    }
    try expectGradient("product", at: spread(6), shape: [2, 3]) { try $0.matmul(matrix) }
  }

  @Test func `linear adds its bias`() throws {
    let y = try Tensor([1.0, 2.0], shape: [1, 2]).linear(
      Tensor([1.0, 1.0, 2.0, -1.0], shape: [2, 2]), bias: Tensor([10.0, 20.0]))
    #expect(try y.toDoubles() == [13, 20])
  }
}

@Suite struct NormalisationTests {
  // Channel 0 holds 1, 2, 3, 4 (mean 2.5, variance 1.25, unbiased 5 / 3), channel 1 holds 0.
  let x = Result { try Tensor([1, 2, 0, 0, 3, 4, 0, 0] as [Double], shape: [2, 2, 2]) }

  @Test func `training normalises by the batch and moves the running statistics`() throws {
    let mean = try Tensor([0.0, 1.0])
    let variance = try Tensor([1.0, 1.0])
    let y = try x.get().batchNorm(
      weight: Tensor([2.0, 1.0]), bias: Tensor([1.0, 0.5]), runningMean: mean,
      runningVariance: variance, training: true, momentum: 0.1, epsilon: 0)
    let step = 2 / 1.25.squareRoot()
    let low = (1 - 2.5) * step + 1
    let expected = [low, low + step, .nan, .nan, low + 2 * step, low + 3 * step, .nan, .nan]
    for (got, wanted) in zip(try y.toDoubles(), expected) where !wanted.isNaN {
      #expect(abs(got - wanted) < 1e-12)
    }
    #expect(try agree(mean.toDoubles(), [0.25, 0.9], 1e-12))
    #expect(try agree(variance.toDoubles(), [0.9 + 0.1 * 5 / 3, 0.9], 1e-12))
  }

  @Test func `evaluation normalises by the running statistics and leaves them`() throws {
    let mean = try Tensor([1.0, -1.0])
    let variance = try Tensor([4.0, 0.25])
    let y = try x.get().batchNorm(
      weight: nil, bias: nil, runningMean: mean, runningVariance: variance, training: false,
      epsilon: 0)
    #expect(try agree(y.toDoubles(), [0, 0.5, 2, 2, 1, 1.5, 2, 2], 1e-12))
    #expect(try mean.toDoubles() == [1, -1] && variance.toDoubles() == [4, 0.25])
  }

  @Test func `the gradient of a normalised batch agrees with its differences`() throws {
    let (gamma, beta) = (try Tensor([1.5, 0.5]), try Tensor([0.1, 0.2]))
    try expectGradient("input", at: spread(12), shape: [3, 2, 2]) {
      try $0.batchNorm(
        weight: gamma, bias: beta, runningMean: nil, runningVariance: nil, training: true)
    }
    let input = try Tensor(spread(12), shape: [3, 2, 2])
    try expectGradient("gamma", at: [1.5, 0.5], shape: [2]) {
      try input.batchNorm(
        weight: $0, bias: beta, runningMean: nil, runningVariance: nil, training: true)
    }
  }

  @Test(arguments: [nil, UInt64(3)]) func `dropout keeps the mean`(seed: UInt64?) throws {
    let generator = try seed.map { try Generator(seed: $0) }
    let x = try Tensor.ones([10_000])
    let y = try x.dropout(probability: 0.25, generator: generator).toFloats()
    #expect(Set(y) == [0, 1 / 0.75])
    #expect(abs(y.reduce(0, +) / 10_000 - 1) < 0.05)
    #expect(try x.dropout(probability: 0, generator: generator).toFloats() == x.toFloats())
    #expect(try x.dropout(probability: 1, generator: generator).toFloats().allSatisfy { $0 == 0 })
  }

  // Whoever else draws from the default generator meanwhile, a generator's own numbers stay.
  @Test func `dropout of a generator leaves the default one alone`() async {
    await #expect(processExitsWith: .success) {
      let x = try Tensor.ones([64])
      func drawn() throws -> [Float] {
        try x.dropout(probability: 0.5, generator: Generator(seed: 7)).toFloats()
      }
      let first = try drawn()
      try TorchRuntime.seed(11)
      let other = try x.dropout(probability: 0.5).toFloats()
      try TorchRuntime.seed(11)
      #expect(try drawn() == first)
      #expect(try x.dropout(probability: 0.5).toFloats() == other)
    }
  }
}

@Suite struct PoolingTests {
  // 0 1 2 3 / 4 5 6 7 / 8 9 10 11
  let x = Result { try Tensor.arange(12, dtype: .float64).reshaped([1, 1, 3, 4]) }

  @Test func `windows pool`() throws {
    let x = try x.get()
    #expect(
      try x.maxPool2d(kernel: (2, 2), stride: (1, 2)).toDoubles() == [5, 7, 9, 11])
    #expect(
      try (-x).maxPool2d(kernel: (3, 3), stride: (3, 3), padding: (1, 1)).toDoubles()
        == [0, -2])
    #expect(
      try x.avgPool2d(kernel: (1, 2), stride: (1, 2)).toDoubles() == [
        0.5, 2.5, 4.5, 6.5, 8.5, 10.5,
      ])
    // The corner window holds 0, 1, 4, 5 and five zeros.
    #expect(
      try x.avgPool2d(kernel: (3, 3), stride: (9, 9), padding: (1, 1)).toDoubles() == [10.0 / 9])
    #expect(
      try x.avgPool2d(
        kernel: (3, 3), stride: (9, 9), padding: (1, 1), countsPadding: false
      ).toDoubles() == [2.5])
  }

  @Test func `nearest repeats pixels`() throws {
    let x = try Tensor([1.0, 2.0], shape: [1, 1, 1, 2])
    #expect(try x.upsampledNearest(scale: 2).toDoubles() == [1, 1, 2, 2, 1, 1, 2, 2])
    #expect(try x.resized(height: 1, width: 4, .nearest).toDoubles() == [1, 1, 2, 2])
  }

  // Centres at half pixels: outputs at −0.25, 0.25, 0.75, 1.25 of the input, held at the edges.
  @Test func `bilinear weighs neighbours`() throws {
    let x = try Tensor([0.0, 4.0], shape: [1, 1, 1, 2])
    #expect(try x.resized(height: 1, width: 4).toDoubles() == [0, 1, 3, 4])
    #expect(
      try x.resized(height: 1, width: 5, .bilinear, alignCorners: true).toDoubles()
        == [0, 1, 2, 3, 4])
    // Halved with anti-aliasing: a triangle 4 wide at 0.5 weighs 0 and 1 by 3/4, 2 by 1/4, less
    // what falls off the edge: (0 · 3 + 4 · 3 + 8 · 1) / 7.
    let wide = try Tensor([0.0, 4.0, 8.0, 12.0], shape: [1, 1, 1, 4])
    let small = try wide.resized(height: 1, width: 2, .bilinear, antialias: true).toDoubles()
    #expect(agree(small, [20.0 / 7, 64.0 / 7], 1e-12))
    #expect(try wide.resized(height: 1, width: 4, .bicubic).toDoubles() == [0, 4, 8, 12])
  }

  @Test func `pixels become channels offset by offset`() throws {
    let x = try Tensor.arange(16, dtype: .float32).reshaped([1, 1, 4, 4])
    let y = try x.pixelUnshuffled(2)
    #expect(try y.toInts() == [0, 2, 8, 10, 1, 3, 9, 11, 4, 6, 12, 14, 5, 7, 13, 15])
  }

  @Test func `gradients of pooling and sampling agree with their differences`() throws {
    let values = spread(32)
    let functions: [(String, (Tensor) throws -> Tensor)] = [
      ("max", { try $0.maxPool2d(kernel: (3, 2), stride: (1, 2), padding: (1, 0)) }),
      ("mean", { try $0.avgPool2d(kernel: (2, 2), stride: (2, 2)) }),
      ("nearest", { try $0.upsampledNearest(scale: 2) }),
      ("bilinear", { try $0.resized(height: 3, width: 7) }),
      ("unshuffle", { try $0.pixelUnshuffled(2) }),
    ]
    for (name, function) in functions {
      try expectGradient(name, at: values, shape: [1, 2, 4, 4], of: function)
    }
  }
}

@Suite struct LossTests {
  let logits = spread(6, from: -3, to: 3)
  let target = [0, 1, 0.25, 1, 0, 0.5]

  @Test func `binary cross entropy agrees with a loop`() throws {
    let (x, t) = (try Tensor(logits), try Tensor(target))
    let p = logits.map { 1 / (1 + exp(-$0)) }
    let each = zip(p, target).map { -$1 * log($0) - (1 - $1) * log(1 - $0) }
    let losses = try x.binaryCrossEntropyWithLogits(t, reduction: .none)
    #expect(try agree(losses.toDoubles(), each, 1e-12))
    let mean = try x.binaryCrossEntropyWithLogits(t).item()
    #expect(abs(mean - each.reduce(0, +) / 6) < 1e-12)
    #expect(
      try abs(x.binaryCrossEntropyWithLogits(t, reduction: .sum).item() - each.reduce(0, +))
        < 1e-12)
    let weighted = zip(p, target).map { -3 * $1 * log($0) - (1 - $1) * log(1 - $0) }
    let positive = try x.binaryCrossEntropyWithLogits(
      t, weight: Tensor([2.0]), positiveWeight: Tensor([3.0]), reduction: .none)
    #expect(try agree(positive.toDoubles(), weighted.map { 2 * $0 }, 1e-12))
  }

  @Test func `gradients of losses agree with their differences`() throws {
    let t = try Tensor(target, shape: [2, 3])
    try expectGradient("bce", at: logits, shape: [2, 3]) {
      try $0.binaryCrossEntropyWithLogits(t, positiveWeight: Tensor([2.0]))
    }
  }
}
