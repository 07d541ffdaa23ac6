import Darknet
import Networks
import Testing
import Torch
import _TestSupport

@testable import Quantization

@Suite struct EqualizationTests {
  private func largestOutputs(_ network: Network, _ images: Tensor) throws -> [Double] {
    try withoutGrad { try network(images).map { try $0.abs().amax().item() } }
  }

  private func reach(
    _ network: Network, _ equalization: Equalization, _ pictures: Tensor
  ) throws -> ChannelReach {
    let reach = ChannelReach(of: equalization.pairs.map(\.first))
    _ = try withoutGrad { try network(pictures, ForwardPass(observers: [reach])) }
    return reach
  }

  @Test func `the outputs of random networks stay as they are`() throws {
    var count = 0
    for seed in 0..<40 as Range<UInt64> {
      let random = RandomNetwork(seed: seed)
      let network = try randomNetwork(seed: seed)
      let options = QuantizationOptions()
      let plan = try QuantizationPlan(network.spec, options)
      let equalization = Equalization(network.spec, plan, options)
      count += equalization.pairs.count
      let (plain, folded) = (try network.folded(), try network.folded())
      let pictures = try randomImages(network.spec, count: 2, seed: seed)
      try equalization.apply(to: folded, reach(folded, equalization, pictures))
      let (expected, found) = try withoutGrad { (try plain(pictures), try folded(pictures)) }
      for (a, b) in zip(expected, found) {
        let scale = try max(a.abs().amax().item(), 1e-3)
        #expect(try (a - b).abs().amax().item() < 1e-4 * scale, "\(random.text)")
      }
    }
    #expect(count > 40)
  }

  // Two channels that reach 1 and 16 (of them once above, once below zero) before a kernel with weights of 4 and 1: factors √(1/4) and
  // √(16/1).
  @Test func `factors, by hand`() throws {
    let network = try handNetwork(
      """
      [net]
      width=1
      height=1
      channels=1
      [convolutional]
      filters=2
      size=1
      activation=leaky
      [convolutional]
      filters=1
      size=1
      activation=linear
      \(handHead)
      """, seed: 1)
    var parameters = try network.parameters()
    parameters.layers[0][.weight] = ParameterArray(shape: [2, 1, 1, 1], values: [1, -16])
    parameters.layers[0][.bias] = ParameterArray(shape: [2], values: [0.5, 8])
    parameters.layers[1][.weight] = ParameterArray(shape: [1, 2, 1, 1], values: [-4, 1])
    try network.load(parameters)
    var options = QuantizationOptions()
    let plan = try QuantizationPlan(network.spec, options)
    let equalization = Equalization(network.spec, plan, options)
    #expect(equalization.pairs.first == .init(first: 0, second: 1))
    let folded = try network.copy()
    let (above, below) = (try Tensor([1, 0] as [Float]), try Tensor([0, 16] as [Float]))
    let reach = ChannelReach(of: [0], known: [0: .init(above: above, below: below)])
    try Equalization(network.spec, plan, options).apply(to: folded, reach)
    let first = try #require(folded.layers[0].convolution)
    #expect(try first.weight.toFloats() == [2, -4])
    #expect(try #require(first.bias).toFloats() == [1, 2])
    #expect(try #require(folded.layers[1].convolution).weight.toFloats() == [-2, 4])
    // What stays float takes no part.
    options.ends = .float
    let ends = try QuantizationPlan(network.spec, options)
    #expect(Equalization(network.spec, ends, options).pairs.isEmpty)
  }

  // Channels of 8 above zero, and of 4 below, before depthwise kernels of the energies 1 and 1: with
  // λ below zero the factors are 8 and 4/λ, the noise (64 + 16/λ²)·(1 + λ)², least where λ³ = 1/4,
  // of the powers of 2^¼ at 2^(−¾).
  @Test func `free factors, by hand`() throws {
    let network = try handNetwork(
      """
      [net]
      width=1
      height=1
      channels=1
      [convolutional]
      filters=2
      size=1
      activation=leaky
      [convolutional]
      filters=2
      groups=2
      size=1
      activation=linear
      \(handHead)
      """, seed: 1)
    var parameters = try network.parameters()
    parameters.layers[0][.weight] = ParameterArray(shape: [2, 1, 1, 1], values: [8, -40])
    parameters.layers[1][.weight] = ParameterArray(shape: [2, 1, 1, 1], values: [1, 1])
    try network.load(parameters)
    func weights(_ scheme: QuantizationScheme) throws -> [Float] {
      let options = QuantizationOptions(scheme: scheme)
      let plan = try QuantizationPlan(network.spec, options)
      let folded = try network.copy()
      let (above, below) = (try Tensor([8, 0] as [Float]), try Tensor([0, 4] as [Float]))
      let reach = ChannelReach(of: [0], known: [0: .init(above: above, below: below)])
      try Equalization(network.spec, plan, options).apply(to: folded, reach)
      return try #require(folded.layers[1].convolution).weight.toFloats()
    }
    let affine = try weights(.google)
    #expect(affine[0] == 8 && abs(affine[1] - 4 * Float(8).squareRoot().squareRoot()) < 1e-5)
    // Codes that are as many below zero as above gain nothing by that.
    #expect(try weights(.lsq) == [8, 4])
  }

  // A thin channel beside one that reaches a thousand times as far is lost in one step for both.
  @Test func `a depthwise convolution after channels of unlike reach`() throws {
    let network = try handNetwork(
      """
      [net]
      width=8
      height=8
      channels=3
      [convolutional]
      batch_normalize=1
      filters=4
      size=1
      activation=leaky
      [convolutional]
      batch_normalize=1
      filters=4
      groups=4
      size=3
      pad=1
      activation=leaky
      \(handHead)
      """, seed: 3)
    var parameters = try network.parameters()
    for role in [ParameterRole.gamma, .beta] {
      let array = try #require(parameters.layers[0][role])
      parameters.layers[0][role] = ParameterArray(
        shape: array.shape, values: zip(array.values, [1000, 1, 1, 1]).map { $0 * $1 })
    }
    // The depthwise normalisation has seen what comes in.
    try network.load(parameters)
    let pictures = try randomImages(network.spec, count: 2, seed: 5)
    try network.recalibrate(once(pictures))
    func error(_ isEqualized: Bool) throws -> Double {
      var options = QuantizationOptions()
      options.isEqualized = isEqualized
      let calibration = try PostTraining(network, options: options)
      try calibration.calibrate(pictures)
      let quantized = try calibration.finished().quantized(network)
      return try withoutGrad {
        let (a, b) = (try network(pictures)[0], try quantized(pictures)[0])
        return try (a - b).abs().mean().item() / a.abs().mean().item()
      }
    }
    let (plain, equalized) = (try error(false), try error(true))
    #expect(equalized < 0.02 && plain > 10 * equalized, "\(plain), \(equalized)")
  }

  private func once(_ images: Tensor) -> () -> Tensor? {
    var left: Tensor? = images
    return {
      defer { left = nil }
      return left
    }
  }
}
