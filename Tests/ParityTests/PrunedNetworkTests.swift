import Darknet
import Foundation
import Networks
import Pruning
import Testing
import Torch

/// A pruned pair is a Darknet network like any other.
@Suite(.enabled(if: Parity.isEnabled, Parity.reason), .serialized)
struct PrunedNetworkTests {
  /// A network and how it is pruned.
  struct Case: CustomTestStringConvertible {
    let network: BuiltInNetwork
    let method: PruningMethod

    var testDescription: String { "\(network.rawValue), \(method.name) \(method.rounding)" }
  }

  private static let cases: [Case] = [
    (.yolov2, .normal), (.yolov3, .normal), (.yolov4, .normal), (.yolov4CSP, .normal),
    (.yolov4Tiny, .normal), (.yolov3SPP, .regular), (.yolov7Tiny, .regular), (.yolov3, .shortcut),
    (.yolov4, .shortcut), (.yoloFastest, .slim), (.yolov4CSP, .slim), (.yolov3, .layer),
    (.yoloFastest, .layer), (.yolov4, .layerChannel), (.yolov3SPP, .layerChannelRegular),
    (.yolov4, .group), (.yolov2, .group), (.yoloFastest, .eagleEyeNormal),
    (.yolov4Tiny, .eagleEyeSlim), (.yolov3, .eagleEyeRegular), (.yolov7Tiny, .target),
    (.yoloFastest, .target),
  ].map(Case.init)

  @Test(arguments: cases)
  func `OpenCV runs a pruned network and finds what we find`(each: Case) throws {
    // Of many classes none scores high, so that OpenCV's suppression drops nothing that counts.
    var configuration = try each.network.configuration(
      width: 96, height: 64, widthMultiple: 0.25)
    // Trains only, but OpenCV drops scores below it.
    for index in configuration.sections.indices where configuration.sections[index].name == "region"
    {
      configuration.sections[index]["thresh"] = "0.001"
    }
    let parameters = try randomParameters(
      of: Network(configuration), pictures: try Parity.pictures(4, width: 128, height: 128),
      seed: 1)
    let pruner = try Pruner(configuration, parameters, method: each.method)
    var request = PruningRequest(percent: 0.5)
    request.layerKeep = 0.1
    request.multiple = 4
    request.blocks = each.method.removesBlocks ? 2 : 0
    request.ranges = pruner.spec.stages.map { .init(layers: $0, percent: 0.5) }
    request.seed = 2
    let pruned = try pruner.prune(request, force: true)
    let spec = try NetworkSpec(pruned.configuration)
    #expect(spec.parameterCount < pruner.spec.parameterCount)
    #expect(spec.layers.count == pruner.spec.layers.count - pruned.newIndices.count { $0 == nil })
    try withTemporaryFolder { folder in
      let comparison = try Comparison(pruned.configuration, pruned.parameters, in: folder)
      let runs = try [(96, 64), (128, 96)].map { width, height in
        ReferenceRun(
          program: .openCV, images: try Parity.pictures(2, width: width, height: height),
          layers: spec.heads)
      }
      #expect(try comparison(runs) <= Parity.tolerance)
    }
  }
}
