import Boxes
import Darknet
import Foundation
import Testing
import Torch

@testable import Networks

@Suite struct NetworkTests {
  /// conv 1×1 (2 filters, BN, leaky) → yolo with one class and one anchor needs 6 channels; the
  /// smallest detector there is.
  static let smallest = """
    [net]
    width=32
    height=32
    channels=3
    [convolutional]
    batch_normalize=1
    filters=2
    size=3
    stride=2
    pad=1
    activation=leaky
    [convolutional]
    filters=6
    size=1
    stride=1
    pad=1
    activation=linear
    [yolo]
    mask=0
    anchors=10,20
    classes=1
    num=1
    """

  @Test func `equal seeds give equal weights, others do not`() throws {
    let cfg = try Configuration(parsing: Self.smallest, path: "smallest.cfg")
    let a = try Network(cfg, seed: 1).parameters()
    #expect(try Network(cfg, seed: 1).parameters() == a)
    #expect(try Network(cfg, seed: 2).parameters() != a)
  }

  @Test func `parameters survive a round trip through another network`() throws {
    let cfg = try Configuration(parsing: Self.smallest, path: "smallest.cfg")
    let a = try Network(cfg, seed: 1)
    let b = try Network(cfg, seed: 2)
    try b.load(a.parameters())
    #expect(try b.parameters() == a.parameters())
  }

  @Test func `parameters of another network are refused and change nothing`() throws {
    let cfg = try Configuration(parsing: Self.smallest, path: "smallest.cfg")
    let network = try Network(cfg, seed: 1)
    let before = try network.parameters()
    var wrong = before
    wrong.layers[1][.bias] = ParameterArray(shape: [2], values: [0, 0])
    wrong.layers[0][.gamma] = ParameterArray(shape: [2], values: [7, 7])
    #expect(
      throws: NetworkError.parametersDoNotFit(
        layer: 1, role: .bias, found: [2], expected: [6])
    ) { try network.load(wrong) }
    #expect(try network.parameters() == before)
  }

  @Test(arguments: [[1, 1, 32, 32], [3, 32, 32], [2, 6, 32, 32]])
  func `pictures of other channels are refused`(shape: [Int]) throws {
    let network = try Network(Configuration(parsing: Self.smallest, path: "smallest.cfg"))
    let error = #expect(throws: NetworkError.wrongInput(found: shape, channels: 3)) {
      try network(Tensor.zeros(shape))
    }
    #expect(error?.description.hasSuffix("expected [pictures, 3, height, width]") == true)
  }

  // One 1×1 kernel of weight 1 per plane: −2 through `leaky`. 1 stays 255/256 over 256; as maxabs
  // it is 2·255/256 − 1, and 0 is −1, which leaky makes −0.25.
  @Test(
    arguments: [
      (InputScale.by255, 0, 1), (.by256, 0, 0.99609375), (.maxabs, -0.25, 0.9921875),
    ] as [(InputScale, Float, Float)])
  func `pixel values are scaled before the first layer`(
    scale: InputScale, black: Float, white: Float
  ) throws {
    let cfg = try shortCfg(
      width: 2, height: 1, channels: 1, ["[convolutional] filters=1 size=1 activation=leaky"])
    let network = try Network(cfg, inputScale: scale)
    var parameters = try network.parameters()
    parameters.layers[0] = [
      .weight: ParameterArray(shape: [1, 1, 1, 1], values: [1]),
      .bias: ParameterArray(shape: [1], values: [0]),
    ]
    try network.load(parameters)
    let images = try Tensor([0, 1] as [Float], shape: [1, 1, 1, 2])
    for network in [network, try network.copy(), try network.folded()] {
      #expect(try network.outputs(images)[0].toFloats() == [black, white])
    }
  }
}
