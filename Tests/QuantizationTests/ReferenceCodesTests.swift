import Darknet
import Integers
import Networks
import Testing
import Torch
import _TestSupport

@testable import Quantization

/// The cfgs of others, all of them, as wide as they are.
@Suite(.enabled(if: realData != nil, "PARE_REALDATA is not set"), .serialized)
struct ReferenceCodesTests {
  // Quantized as by the command, but for what has nothing to do with whole numbers and takes long.
  @Test(arguments: ReferenceCfgs.files)
  func `reference cfgs have the same codes in every layer`(file: String) throws {
    let network = try Network(
      Configuration(contentsOf: ReferenceCfgs.path(file)), seed: 1)
    let spec = network.spec
    var options = QuantizationOptions.byPictures()
    (options.isEqualized, options.rounding) = (false, .nearest)
    #expect(try QuantizationPlan(spec, options).obstacle(in: spec) == nil)
    let size = try #require(ReferenceCfgs.smallSize(of: spec))
    let images = try Tensor.uniform(
      [1, spec.net.channels, size.height, size.width], low: 0, high: 255.49,
      generator: Generator(seed: 1)
    ).rounded()
    let calibration = try PostTraining(network, options: options)
    try calibration.calibrate(images / 255)
    let integers = try calibration.finished().quantized(network)
    let runner = IntegerRunner(try IntegerProgram(integers), threads: 2)
    let found = try IntegerVerification(integers, runner).firstDifference(
      images.toUInt8s(), width: size.width, height: size.height)
    #expect(found == nil)
  }
}
