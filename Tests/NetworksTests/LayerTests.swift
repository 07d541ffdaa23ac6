import Darknet
import Testing
import Torch

@testable import Networks

/// Every block against the slow forward pass in plain Swift, written from Darknet's description.
@Suite struct LayerTests {
  private static let conv = "[convolutional] batch_normalize=1"

  /// Blocks that read the input `4×8×12` or what a first block makes of it.
  static let cases: [[String]] = [
    // Convolutions.
    ["\(conv) filters=6 size=3 stride_x=2 stride_y=1 pad=1 activation=leaky"],
    ["\(conv) filters=6 size=3 stride=1 pad=1 dilation=2 activation=mish"],
    ["\(conv) filters=8 size=5 stride=2 padding=1 groups=2 activation=relu6"],
    ["[convolutional] filters=5 size=2 stride=1 pad=0 activation=linear"],
    ["\(conv) filters=6 size=3 stride=2 pad=1 antialiasing=1 activation=swish"],
    ["\(conv) filters=6 size=3 stride_x=2 stride_y=1 pad=1 antialiasing=2 activation=leaky"],
    ["[depthwise] batch_normalize=1 filters=8 size=3 stride=2 pad=1 activation=h_swish"],
    ["[depthwise] filters=4 size=3 stride=1 pad=1 activation=relu"],
    [
      "\(conv) filters=4 size=3 stride=1 pad=1 activation=leaky",
      "\(conv) filters=4 size=3 stride=1 pad=1 dilation=2 share_index=0 activation=mish",
      "[convolutional] share_index=1 batch_normalize=1 filters=4 size=3 stride=2 pad=1 "
        + "activation=linear",
    ],
    // Normalisation and attention.
    ["[batchnorm]"], ["[BatchNorm2d]"],
    ["[se] filters=4"], ["[se] reduction=2"],
    ["[avgpool]", "[scale_channels] from=-2 activation=logistic"].prefixed,
    ["\(conv) filters=1 size=1 activation=logistic", "[scale_channels] from=0 scale_wh=1"].prefixed,
    ["\(conv) filters=4 size=1 activation=logistic", "[sam] from=0 activation=leaky"].prefixed,
    // Pools.
    ["[maxpool] size=2 stride=1"], ["[maxpool] size=2 stride=2"], ["[maxpool] size=5 stride=1"],
    ["[maxpool] size=3 stride_x=1 stride_y=2"], ["[maxpool] size=2 stride=2 padding=3"],
    ["[maxpool] size=2 stride=2 antialiasing=1"], ["[maxpool] size=3 stride=2 antialiasing=2"],
    ["[maxpool] size=2 stride_x=2 stride_y=1 padding=0 antialiasing=1"],
    ["[maxpool] maxpool_depth=1 out_channels=3"], ["[maxpool] maxpool_depth=1"],
    ["[local_avgpool] size=2 stride=1"], ["[local_avgpool] size=3 stride_x=2 stride_y=1"],
    ["[local_avgpool] size=2 stride=2 padding=0"],
    ["[avgpool]"],
    // Places and channels.
    ["[upsample] stride=2 scale=0.5"], ["[upsample] stride=3"],
    ["[reorg] stride=2"], ["[reorg3d] stride=2"], ["[reorg3d] stride=4"],
    ["[route] layers=0,-1,0"].prefixed,
    ["[route] layers=-1,0 groups=2 group_id=1"].prefixed,
    ["[route] layers=0 groups=4 group_id=2"].prefixed,
    // Sums.
    ["[shortcut] from=0 activation=leaky"].sum,
    ["[shortcut] from=0,1 activation=linear"].sum,
    ["[shortcut] from=0 weights_type=per_feature"].sum,
    ["[shortcut] from=0,1 weights_type=per_channel weights_normalization=relu"].sum,
    ["[shortcut] from=0,1 weights_type=per_channel weights_normalization=softmax"].sum,
    ["[shortcut] from=0,1 weights_type=per_feature weights_normalization=softmax"].sum,
    ["[shortcut] from=1 weights_type=per_channel activation=mish"].sum,
    [
      "[convolutional] filters=4 size=1 activation=linear",
      "[convolutional] filters=6 size=1 activation=linear",
      "[shortcut] from=0 weights_type=per_channel weights_normalization=relu",
      "[shortcut] from=0 activation=leaky",
    ],
    ["[dropout] probability=0.5"],
  ]

  @Test(arguments: cases)
  func `a block computes what Darknet's description says`(blocks: [String]) throws {
    try expectReferenceOutputs(shortCfg(blocks))
  }

  @Test(arguments: Activation.allCases)
  func `every activation follows its formula`(activation: Activation) throws {
    try expectReferenceOutputs(
      shortCfg([
        "[convolutional] filters=8 size=1 activation=\(activation.darknetName)"
      ]))
  }

  /// All blocks with parameters or a gradient of their own kind, in one network.
  static let everything = [
    "[convolutional] batch_normalize=1 filters=8 size=3 stride=2 pad=1 antialiasing=1 "
      + "activation=mish",
    "[se] reduction=2",
    "[depthwise] batch_normalize=1 filters=8 size=3 stride=1 pad=1 activation=h_swish",
    "[shortcut] from=1 weights_type=per_channel weights_normalization=softmax",
    "[shortcut] from=0,1 weights_type=per_feature weights_normalization=relu",
    "[avgpool]",
    "[scale_channels] from=4 activation=swish",
    "[BatchNorm2d]",
    "[maxpool] size=2 stride=1",
    "[local_avgpool] size=3 stride=1",
    "[reorg] stride=2",
    "[upsample] stride=2 scale=0.5",
    "[maxpool] maxpool_depth=1 out_channels=8",
    "[sam] from=9",
    "[route] layers=-1,9 groups=2 group_id=1",
    "[convolutional] batch_normalize=1 filters=8 size=3 stride=1 pad=1 activation=swish",
    "[convolutional] batch_normalize=1 filters=8 size=3 stride=1 pad=1 share_index=15 "
      + "activation=linear",
    "[reorg3d] stride=2",
    "[convolutional] filters=3 size=1 activation=linear",
  ]

  @Test(arguments: [false, true])
  func `gradients flow through every block`(training: Bool) throws {
    try expectTrueGradients(shortCfg(width: 16, height: 16, Self.everything), training: training)
  }

  @Test func `a folded network computes the same`() throws {
    let network = try Network(shortCfg(width: 16, height: 16, Self.everything))
    try network.randomize()
    let images = try Tensor(numbers(2 * 4 * 256, seed: 5), shape: [2, 4, 16, 16])
    try withoutGrad {
      let folded = try network.folded()
      for (found, expected) in zip(
        try folded.outputs(images), try network.outputs(images))
      {
        let scale = try expected.abs().amax().item()
        #expect(try (found - expected).abs().amax().item() <= 1e-4 * scale)
      }
      #expect(folded.layers[0].parameters[.gamma] == nil)
      #expect(folded.layers[16].parameters.isEmpty)
    }
  }

  @Test func `a network that is folded in place computes the same and is its own folded one`()
    throws
  {
    let network = try Network(shortCfg(width: 16, height: 16, Self.everything))
    try network.randomize()
    let images = try Tensor(numbers(2 * 4 * 256, seed: 5), shape: [2, 4, 16, 16])
    try withoutGrad {
      let expected = try network.folded().outputs(images)
      #expect(!network.isFolded)
      try network.fold()
      #expect(network.isFolded)
      #expect(try network.folded() === network)
      for (found, expected) in zip(try network.outputs(images), expected) {
        #expect(try found.toFloats() == expected.toFloats())
      }
    }
  }

  @Test func `a network made of parameters is the one they came from`() throws {
    let cfg = try shortCfg(width: 16, height: 16, Self.everything)
    let network = try Network(cfg)
    try network.randomize()
    let parameters = try network.parameters()
    let again = try Network(cfg, parameters)
    #expect(try again.parameters() == parameters)
    #expect(
      try again.tensors.map(\.tensor.requiresGrad) == again.tensors.map(\.role.isTrainable))
    var short = parameters
    short.layers[0][.gamma] = nil
    #expect(throws: NetworkError.self) { try Network(cfg, short) }
  }

  @Test func `a copy shares no memory, and keeps what is shared within it`() throws {
    let network = try Network(shortCfg(width: 16, height: 16, Self.everything))
    try network.randomize()
    let before = try network.parameters()
    let copy = try network.copy()
    #expect(try copy.parameters() == before)
    #expect(try copy.learnableTensors.allSatisfy { !$0.tensor.requiresGrad })
    try network.randomize(seed: 77)
    #expect(try copy.parameters() == before)
    // The last but two reads the copied kernel, not the first network's.
    let images = try Tensor(numbers(4 * 256, seed: 5), shape: [1, 4, 16, 16])
    try network.load(before)
    let same = try withoutGrad { (try network.outputs(images), try copy.outputs(images)) }
    #expect(try same.0[18].toFloats() == same.1[18].toFloats())
  }

  @Test func `a first BatchNorm2d on colour starts at the statistics of photographs`() throws {
    let rgb = try Network(shortCfg(channels: 3, ["[BatchNorm2d]"])).parameters().layers[0]
    #expect(rgb[.mean]?.values == [0.485, 0.456, 0.406])
    #expect(rgb[.variance]?.values == [0.0524, 0.0502, 0.0506])
    let gray = try Network(shortCfg(channels: 1, ["[BatchNorm2d]"])).parameters().layers[0]
    #expect(gray[.mean]?.values == [0])
  }

  // Mean 0.25 of {0, 0.5} with momentum 0.03: 0.03·0.25 = 0.0075; variance unbiased 0.125:
  // 0.97 + 0.03·0.125 = 0.97375. [batchnorm] has momentum 0.1: 0.025 and 0.9125.
  @Test(arguments: [("BatchNorm2d", 0.0075, 0.97375), ("batchnorm", 0.025, 0.9125)])
  func `training moves the running statistics`(
    name: String, mean: Float, variance: Float
  ) throws {
    let network = try Network(shortCfg(width: 2, height: 1, channels: 1, ["[\(name)]"]))
    _ = try network(Tensor([0, 0.5] as [Float], shape: [1, 1, 1, 2]), .training)
    let found = try network.parameters().layers[0]
    #expect(abs((found[.mean]?.values[0] ?? 0) - mean) < 1e-6)
    #expect(abs((found[.variance]?.values[0] ?? 0) - variance) < 1e-6)
  }

  @Test func `a shortcut's factors start at one`() throws {
    let network = try Network(
      shortCfg(["[shortcut] from=0 weights_type=per_channel"].sum))
    #expect(try network.parameters().layers[2][.weight]?.values == [Float](repeating: 1, count: 8))
  }

  @Test func `dropout acts in training alone`() throws {
    let network = try Network(shortCfg(["[dropout] probability=0.5"]))
    let images = try Tensor.ones([1, 4, 8, 12])
    let training = try network.outputs(images, training: true)[0].toFloats()
    #expect(Set(training) == [0, 2])
    #expect(try Set(network.outputs(images)[0].toFloats()) == [1])
  }

  @Test func `no tensor outlives a step through every block`() throws {
    func step() throws {
      let network = try Network(shortCfg(width: 16, height: 16, Self.everything))
      let images = try Tensor(numbers(4 * 256, seed: 5), shape: [1, 4, 16, 16])
      try #require(try network.outputs(images, training: true).last).sum().backward()
      _ = try network.folded()
    }
    try step()
    let before = TorchRuntime.liveTensorCountOfThread
    try step()
    #expect(TorchRuntime.liveTensorCountOfThread == before)
  }
}

extension [String] {
  /// After a convolution to four channels, layer 0.
  fileprivate var prefixed: [String] {
    ["[convolutional] filters=4 size=1 activation=leaky"] + self
  }

  /// After convolutions to six and four channels, layers 0 and 1.
  fileprivate var sum: [String] {
    [
      "[convolutional] filters=6 size=1 activation=linear",
      "[convolutional] filters=4 size=1 activation=linear",
    ] + self
  }
}
