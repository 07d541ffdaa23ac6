import Darknet
import Testing
import Torch

@testable import Networks

/// Networks in Darknet's own blocks against the networks that they were rewritten from.
@Suite struct StandardNetworkTests {
  /// Runs both with random parameters and compares every output that both have.
  private func expectSameOutputs(_ configuration: Configuration) throws {
    let original = try Network(configuration)
    try original.randomize()
    let standard = try StandardNetwork(original.spec, original.parameters())
    #expect(!standard.rewritten.isEmpty)
    let rewritten = try Network(standard.configuration)
    try rewritten.load(standard.parameters)
    let net = original.spec.net
    let shape = [2, net.channels, net.height, net.width]
    let images = try Tensor(numbers(shape.reduce(1, *), seed: 3), shape: shape)
    let (before, after) = try withoutGrad {
      (try original.outputs(images), try rewritten.outputs(images))
    }
    for (old, new) in standard.newIndices.enumerated() {
      let expected = try before[old].toFloats()
      let found = try after[new].toFloats()
      try #require(expected.count == found.count)
      let scale = expected.map(abs).max() ?? 0
      let difference = zip(expected, found).map { abs($0 - $1) }.max() ?? 0
      #expect(difference <= 1e-5 * max(scale, 1), "layer \(old) of \(configuration.path)")
    }
  }

  @Test(arguments: [
    BuiltInNetwork.yolov3MobileNet, .yolov3TinyMobileNetSmall, .yolov3Ghost,
  ])
  func `built-in networks`(network: BuiltInNetwork) throws {
    try expectSameOutputs(
      network.configuration(classes: 2, width: 64, height: 96, widthMultiple: 0.3))
  }

  @Test(arguments: [
    // Without BN, with a multiplier, strides and bias.
    ["[depthwise] filters=8 size=3 pad=1 stride=2 activation=h_swish"],
    ["[depthwise] batch_normalize=1 filters=4 size=5 pad=1 activation=hard_swish"],
    ["[se] reduction=2", "[se] reduction=1"],
    ["[BatchNorm2d] activation=h_swish", "[batchnorm] activation=h_swish"],
    ["[BatchNorm2d]", "[se]", "[route] layers=0,1", "[se]"],
    [
      "[convolutional] filters=6 size=3 pad=1 activation=h_swish",
      "[convolutional] filters=6 size=3 pad=1 batch_normalize=1 activation=h_swish",
      "[shortcut] from=-2 activation=h_swish", "[route] layers=0,-1",
      "[shortcut] from=0,1 weights_type=per_channel activation=none",
    ],
    // The second convolution uses the first one's weights, and has no h_swish.
    [
      "[convolutional] filters=4 size=3 pad=1 activation=h_swish",
      "[convolutional] share_index=0 filters=4 size=3 pad=1 activation=silu",
      "[convolutional] share_index=0 filters=4 size=3 pad=1 activation=h_swish",
    ],
    [
      "[avgpool]", "[convolutional] filters=5 size=1 activation=h_swish",
      "[convolutional] filters=4 size=1 activation=logistic", "[dropout]",
      "[convolutional] filters=4 size=1 activation=h_swish",
    ],
  ])
  func `blocks by themselves`(blocks: [String]) throws {
    try expectSameOutputs(shortCfg(blocks))
  }

  @Test func `products in all places`() throws {
    try expectSameOutputs(
      shortCfg([
        "[convolutional] filters=4 size=1 activation=h_swish", "[avgpool]",
        "[scale_channels] from=0 activation=h_swish", "[sam] from=0 activation=h_swish",
      ]))
  }
}
