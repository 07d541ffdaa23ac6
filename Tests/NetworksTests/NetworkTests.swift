import Boxes
import Darknet
import Foundation
import Testing

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
}
