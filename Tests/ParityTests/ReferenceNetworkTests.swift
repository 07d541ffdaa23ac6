import Darknet
import Foundation
import Networks
import Testing
import Torch

/// Every reference network, under random weights and on real pictures, beside other programs.
@Suite(.enabled(if: Parity.isEnabled, Parity.reason), .serialized)
struct ReferenceNetworkTests {
  // OpenCV refuses the others: extension blocks and activations, reorg3d, heads that share maps.
  @Test(arguments: [
    "darknet/yolov2", "darknet/yolov2-tiny", "darknet/yolov3", "darknet/yolov3-spp",
    "darknet/yolov3-tiny", "darknet/yolov3-tiny_3l", "darknet/yolov3_5l", "darknet/yolov4",
    "darknet/yolov4-csp", "darknet/yolov4-csp-swish", "darknet/yolov4-tiny",
    "darknet/yolov4-tiny-3l", "darknet/yolov4x-mish", "darknet/yolov7-tiny", "darknet/enet-coco",
    "extended/yolo-fastest-1.1", "extended/yolov3-spp3", "extended/yolov3-tiny3",
    "extended/yolov3tiny-efficientnetB0", "extended/yolov4-relu",
  ])
  func `OpenCV and NumPy find the same`(name: String) throws {
    try compare(name) { spec in
      // OpenCV's scale_channels takes one picture.
      let isSingle = spec.layers.contains { if case .scaleChannels = $0 { true } else { false } }
      let runs = try [(160, 160), (192, 128)].flatMap { width, height in
        try [1, 4].map { count in
          ReferenceRun(
            program: .openCV, images: try Parity.pictures(count, width: width, height: height),
            layers: spec.heads, isSingle: isSingle)
        }
      }
      let every = ReferenceRun(
        program: .numPy, images: try Parity.pictures(1, width: 96, height: 64),
        layers: Array(spec.layers.indices))
      return runs + [every]
    }
  }

  @Test(arguments: [
    "extended/yolov3-asff", "extended/yolov3-ghost-coco", "extended/yolov3-mobilenet-coco",
    "extended/yolov3-spp-matrix", "extended/yolov3-spp-pan-scale",
    "extended/yolov3tiny-mobilenet-small-coco",
  ])
  func `NumPy finds the same`(name: String) throws {
    try compare(name) { spec in
      try [(64, 64), (96, 64)].flatMap { width, height in
        try [1, 4].map { count in
          ReferenceRun(
            program: .numPy, images: try Parity.pictures(count, width: width, height: height),
            layers: Array(spec.layers.indices))
        }
      }
    }
  }

  private func compare(_ name: String, runs: (NetworkSpec) throws -> [ReferenceRun]) throws {
    let root = try #require(Parity.realData)
    var configuration = try Configuration(contentsOf: "\(root)/cfg/\(name).cfg")
    // Trains only, but OpenCV drops scores below it.
    for index in configuration.sections.indices where configuration.sections[index].name == "region"
    {
      configuration.sections[index]["thresh"] = "0.001"
    }
    let network = try Network(configuration)
    let parameters = try randomParameters(
      of: network, pictures: try Parity.pictures(4, width: 128, height: 128), seed: 1)
    try withTemporaryFolder { folder in
      let comparison = try Comparison(configuration, parameters, in: folder)
      #expect(try comparison(runs(network.spec)) <= Parity.tolerance)
    }
  }
}
