import Darknet
import Integers
import Networks
import Testing
import Torch
import _TestSupport

@testable import Quantization
@testable import Training

/// Grids of a training on codes that whole numbers can compute with, whatever was learned.
extension QuantizationTechniqueTests {
  private static let small = """
    [net]
    width=16
    height=16
    channels=3
    [convolutional]
    batch_normalize=1
    filters=8
    size=3
    pad=1
    activation=leaky
    [convolutional]
    batch_normalize=1
    filters=8
    size=3
    pad=1
    activation=relu
    \(handHead)
    """

  // Pictures of no more than 51 of 255: bytes have themselves for codes all the same, of powers of
  // two the steps of 1 / 128, where 255 has the last code.
  @Test(arguments: QuantizationScheme.allCases)
  func `the input's grid is that of all bytes, however dark the pictures`(
    scheme: QuantizationScheme
  ) throws {
    let network = try handNetwork(Self.small, seed: 3)
    var options = options(scheme, bits: 8)
    options.ends = .eightBits
    let technique = QuantizationTechnique(options)
    try technique.attach(to: network, epochs: epochs(3))
    _ = try train(network, technique, steps: 3, brightness: 0.2)
    let grid = try #require(try QuantizationState(trained: network, options).grid(of: -1))
    let bytes = try Tensor((0...255).map { Float($0) / 255 })
    let codes = try grid.codes(of: bytes).toFloats()
    let expected =
      scheme.hasPowersOfTwo
      ? (0...255).map { min(Float(Double($0) / 255 * 128).rounded(.toNearestOrEven), 127) }
      : (0...255).map { Float($0) }
    #expect(codes == expected)
  }
}
