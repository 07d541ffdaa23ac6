import Darknet
import Testing
import Torch
import _TestSupport

@testable import Networks

/// Batch normalisation inside kernel and bias beside the layer's own.
@Suite struct FoldingTests {
  private static let blocks = [
    "batch_normalize=1 filters=6 size=3 pad=1 stride=1 activation=linear",
    "batch_normalize=1 filters=8 size=1 stride=1 activation=leaky",
    "batch_normalize=1 filters=4 size=3 pad=1 stride=2 groups=4 activation=mish",
    "batch_normalize=1 filters=8 size=3 pad=1 stride=1 groups=2 activation=relu",
  ]

  private func network(_ block: String, seed: UInt64) throws -> Network {
    let text = (["[net] width=10 height=8 channels=4", "[convolutional] \(block)"])
      .flatMap { $0.split(separator: " ") }.joined(separator: "\n")
    let configuration = try Configuration(parsing: text, path: "short.cfg")
    return try Network(
      configuration, randomParameters(NetworkSpec(configuration), seed: seed))
  }

  private func convolution(of network: Network) throws -> Convolution {
    try #require(network.layers[0].convolution)
  }

  private func context(isTraining: Bool) -> LayerContext {
    LayerContext(outputs: [], training: isTraining, leakySlope: 0.1)
  }

  private func expectNear(
    _ a: Tensor, _ b: Tensor, _ comment: Comment, within tolerance: Double = 1e-5
  ) throws {
    let scale = try max(b.abs().amax().item(), 1)
    #expect(try (a - b).abs().amax().item() <= tolerance * scale, comment)
  }

  @Test(arguments: blocks.indices)
  func `with statistics of the batch, and with the running ones`(index: Int) throws {
    for seed in 0..<5 as Range<UInt64> {
      let comment: Comment = "\(Self.blocks[index]), seed \(seed)"
      let x = try Tensor.normal([3, 4, 8, 10], generator: Generator(seed: seed + 70))
      for isTraining in [true, false] {
        let convolution = try convolution(of: network(Self.blocks[index], seed: seed))
        func folded() throws -> Tensor {
          let plain = try convolution.convolved(x, weight: convolution.weight, bias: nil)
          let kernel = try convolution.foldedKernel(
            by: isTraining ? ChannelStatistics(of: plain) : convolution.runningStatistics)
          return try convolution.convolved(x, weight: kernel.weight, bias: kernel.bias)
        }
        func normalized() throws -> Tensor {
          let plain = try convolution.convolved(x, weight: convolution.weight, bias: nil)
          return try convolution.normalized(plain, context(isTraining: isTraining))
        }
        let running = try convolution.runningStatistics.mean.toFloats()
        _ = try folded()
        #expect(try convolution.runningStatistics.mean.toFloats() == running, comment)
        try expectNear(folded(), normalized(), comment)
        // Gradients are the same too.
        let weights = try Tensor.normal(folded().shape, generator: Generator(seed: 5))
        let learned = try [ParameterRole.weight, .gamma, .beta].map {
          try convolution.value(of: $0)
        }
        let byFolded = try Tensor.gradients(of: (folded() * weights).sum(), by: learned)
        let byNormalized = try Tensor.gradients(of: (normalized() * weights).sum(), by: learned)
        for (a, b) in zip(byFolded, byNormalized) {
          try expectNear(#require(a), #require(b), comment, within: 2e-4)
        }
      }
    }
  }

  @Test func `what is folded has nothing left to fold`() throws {
    let network = try network(Self.blocks[0], seed: 1)
    #expect(try convolution(of: network).normalizes)
    let folded = try network.folded()
    #expect(try !convolution(of: folded).normalizes)
    #expect(try folded.folded() === folded)
    let once = try convolution(of: folded).weight.toFloats()
    try folded.fold()
    #expect(try convolution(of: folded).weight.toFloats() == once)
  }
}
