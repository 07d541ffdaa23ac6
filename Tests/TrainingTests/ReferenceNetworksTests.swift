import Darknet
import Loading
import Networks
import Testing
import Torch
import _TestSupport

@testable import Training

/// Every reference cfg that the real inputs hold runs, and takes a step.
@Suite(.enabled(if: realData != nil, "PARE_REALDATA is not set"), .serialized)
struct ReferenceNetworksTests {
  @Test(arguments: ReferenceCfgs.files)
  func `each runs and takes a step`(file: String) throws {
    let configuration = try Configuration(contentsOf: ReferenceCfgs.path(file))
    let network = try Network(configuration)
    let spec = network.spec
    let size = try #require(ReferenceCfgs.smallSize(of: spec), "\(file)")
    let heads = try spec.headStrides(width: size.0, height: size.1)
    let images = try Tensor.uniform(
      [1, spec.net.channels, size.1, size.0], generator: Generator(seed: 1))

    try withoutGrad {
      let outputs = try network.folded()(images)
      #expect(
        outputs.map { Array($0.shape.suffix(2)) }
          == heads.map { [$0.shape.height, $0.shape.width] })
      let boxes = try network.decode(outputs, inputWidth: size.0, inputHeight: size.1)
      let cells = zip(network.heads, heads).reduce(0) {
        $0 + $1.0.anchorCount * $1.1.shape.height * $1.1.shape.width
      }
      #expect(boxes.shape == [1, cells, 5 + network.classCount])
      #expect(try boxes.allFinite())
    }

    let optimizer = try Optimizer(network.allParameters)
    let targets = [
      BatchTarget(
        imageIndex: 0, classIndex: 0, centerX: 0.4, centerY: 0.6, width: 0.5, height: 0.7)
    ]
    let value = try DetectionLoss()(
      network(images, .training), heads: network.heads, targets: targets,
      inputWidth: size.0, inputHeight: size.1, overlapShare: 1)
    #expect(try value.terms.allFinite())
    #expect(value.matches > 0)
    try value.total.backward()
    let first = try #require(try network.learnableTensors.first).tensor
    let before = try first.toFloats()
    #expect(try optimizer.parameters.allSatisfy { try $0.value.grad?.allFinite() ?? true })
    try optimizer.step(
      LearningRateSchedule.Values(
        rate: 0.01, biasRate: 0.01, momentum: 0.9, weightDecay: 5e-4, warmup: 1))
    #expect(try first.toFloats() != before)
    #expect(try network.tensors.allSatisfy { try $0.tensor.allFinite() })
  }

  @Test func `none of them is missing`() { #expect(ReferenceCfgs.files.count >= 27) }
}
