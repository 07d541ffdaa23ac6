import Foundation
import Testing
import _TestSupport

@Suite(.enabled(if: Workspace.isBuilt && realData != nil, "PARE_REALDATA is not set"))
struct RealWeightsTests {
  // The stored detections are OpenCV's, confirmed by Darknet itself.
  @Test func `a trained network finds what two other programs found`() throws {
    try Workspace.with { space in
      let root = try #require(realData)
      let folder = "\(root)/yolo-fastest"
      try space.succeed(
        "detect --cfg \(folder)/yolo-fastest-1.1.cfg --weights \(folder)/yolo-fastest-1.1.weights "
          + "--names \(folder)/coco.names --source \(root)/samples-320 --resize stretch "
          // The stored ones were thinned out by plain overlap; the cfg asks for beta_nms.
          + "--nms greedy --conf-thres 0.25 --iou-thres 0.45 --device cpu --output f --json f.json --quiet"
      )
      let file = try Data(contentsOf: URL(filePath: folder + "/detections-320.json"))
      let stored = try #require(JSONSerialization.jsonObject(with: file) as? [String: Any])
      let expected = try #require(stored["detections"] as? [String: [[String: Any]]])
      let images = try #require(try space.json("f.json")["images"] as? [[String: Any]])
      #expect(images.count == expected.count)
      for image in images {
        let name = URL(filePath: try #require(image["path"] as? String)).lastPathComponent
        let ours = try #require(image["detections"] as? [[String: Any]]).map(FoundObject.init)
        let theirs = try #require(expected[name]).map(FoundObject.init)
        for one in theirs { #expect(ours.contains { $0.equals(one) }, "\(name): \(one)") }
        for one in ours where one.confidence > 0.3 {
          #expect(theirs.contains { $0.equals(one) }, "\(name): not expected: \(one)")
        }
      }
    }
  }
}
