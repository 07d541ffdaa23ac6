import Darknet
import Foundation
import Networks
import Pruning
import Testing
import Torch

/// A pruned pair is a Darknet network like any other.
@Suite(.enabled(if: Parity.isEnabled, Parity.reason), .serialized)
struct PrunedNetworkTests {
  @Test(arguments: ["yolov3-tiny", "yolov4-tiny"])
  func `OpenCV runs a pruned network and finds what we find`(name: String) throws {
    let root = try #require(Parity.realData)
    let configuration = try Configuration(contentsOf: "\(root)/cfg/darknet/\(name).cfg")
    let parameters = try randomParameters(
      of: Network(configuration), pictures: try Parity.pictures(4, width: 128, height: 128),
      seed: 1)
    let pruned = try Pruner(configuration, parameters, method: .normal)(percent: 0.5)
    let spec = try NetworkSpec(pruned.configuration)
    #expect(spec.parameterCount < (try NetworkSpec(configuration).parameterCount) * 3 / 4)
    try withTemporaryFolder { folder in
      let comparison = try Comparison(pruned.configuration, pruned.parameters, in: folder)
      try comparison(
        try [(160, 160), (192, 128)].flatMap { width, height in
          try [1, 4].map { count in
            ReferenceRun(
              program: .openCV, images: try Parity.pictures(count, width: width, height: height),
              layers: spec.heads)
          }
        })
    }
  }
}
