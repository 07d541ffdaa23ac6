import Foundation
import Testing
import _TestSupport

/// Pruning by what is measured, on a trained network and photographs.
@Suite(.enabled(if: Workspace.isBuilt && realData != nil, "PARE_REALDATA is not set"), .serialized)
struct RealPruneTests {
  /// The published network's data set: sample pictures with what OpenCV finds in them as the truth,
  /// and for training photographs of blood cells too, which hold none of its classes.
  private func prepare(_ space: Workspace) throws {
    let root = try #require(realData)
    for folder in ["d/images", "d/labels"] {
      try FileManager.default.createDirectory(
        atPath: space.path(folder), withIntermediateDirectories: true)
    }
    let names = try String(contentsOfFile: "\(root)/yolo-fastest/coco.names", encoding: .utf8)
    try space.write("d/d.names", names)
    let classes = names.split(separator: "\n").map(String.init)
    let file = try Data(contentsOf: URL(filePath: "\(root)/yolo-fastest/detections-320.json"))
    let stored = try #require(JSONSerialization.jsonObject(with: file) as? [String: Any])
    let detections = try #require(stored["detections"] as? [String: [[String: Any]]])
    for (picture, found) in detections {
      try space.write(
        "d/images/" + picture, Data(contentsOf: URL(filePath: "\(root)/samples-320/\(picture)")))
      let lines = try found.map { each in
        let name = try #require(each["name"] as? String)
        let box = try #require(each["box"] as? [Double]).map { $0 / 320 }
        let sides = [
          (box[0] + box[2]) / 2, (box[1] + box[3]) / 2, box[2] - box[0], box[3] - box[1],
        ]
        return try
          ([#require(classes.firstIndex(of: name))].map(String.init)
          + sides.map { "\($0)" }).joined(separator: " ") + "\n"
      }
      try space.write(
        "d/labels/\(picture.replacing(".png", with: ".txt"))", lines.joined())
    }
    try space.write("d/valid.txt", detections.keys.sorted().map { "images/\($0)\n" }.joined())
    let cells = (0..<24).map { "BloodImage_000\($0 < 10 ? "0" : "")\($0)" }
    for name in cells {
      try space.write(
        "d/images/\(name).jpg",
        Data(contentsOf: URL(filePath: "\(root)/bccd/BCCD/JPEGImages/\(name).jpg")))
      try space.write("d/labels/\(name).txt", "")
    }
    try space.write(
      "d/train.txt",
      (detections.keys.sorted() + cells.map { $0 + ".jpg" }).map { "images/\($0)\n" }.joined())
    try space.write(
      "d/d.data", "classes=80\ntrain=train.txt\nvalid=valid.txt\nnames=d.names\n")
  }

  /// Prunes, and reads the result.
  private func prune(_ line: String, _ output: String, in space: Workspace) throws -> [String: Any]
  {
    let pair = try #require(realData) + "/yolo-fastest/yolo-fastest-1.1"
    try space.succeed(
      "prune \(line) --cfg \(pair).cfg --weights \(pair).weights --force --quiet --device cpu "
        + "--output \(output) --json \(output).json")
    return try space.json(output + ".json")
  }

  private func figure(_ result: [String: Any], _ row: String, _ key: String) throws -> Double {
    let row = try #require(result[row] as? [String: Any])
    return try #require((row[key] as? NSNumber)?.doubleValue, "\(key)")
  }

  @Test func `latency decides on widths at the edges of measured steps`() throws {
    try Workspace.with { space in
      let faster = try prune(
        "target --latency 98% --multiple 16 --img-size 160", "fast", in: space)
      // Times of one moment are not those of another; what was removed to reach them is.
      #expect(try figure(faster, "after", "macs") < figure(faster, "before", "macs"))
      #expect(try #require(faster["relativeDifference"] as? Double) <= 1e-4)
      let steps = try #require(faster["staircases"] as? [[String: Any]])
      #expect(steps.count >= 20)
      for each in steps {
        let widths = try #require(each["widths"] as? [Int])
        let edges = try #require(each["edges"] as? [Int])
        #expect(edges.allSatisfy(widths.contains) && edges.last == widths.last)
      }
    }
  }

  @Test func `a loss of mAP that is allowed is measured and kept to`() throws {
    try Workspace.with { space in
      try prepare(space)
      let kept = try prune("target --max-drop 5 --data d/d.data", "kept", in: space)
      let whole = try figure(kept, "before", "map")
      #expect(whole > 0.5, "the network is the one that found the boxes")
      #expect(try figure(kept, "after", "map") >= whole - 0.05)
      let differences = try #require(kept["differences"] as? [[String: Any]])
      #expect(differences.map { $0["metric"] as? String } == ["map50", "map"])
      for each in differences {
        let bounds = try ["lower", "mean", "upper"].map { try #require(each[$0] as? Double) }
        #expect(bounds == bounds.sorted())
      }
    }
  }

  @Test func `ranks of maps on photographs decide`() throws {
    try Workspace.with { space in
      try prepare(space)
      let ranked = try prune(
        "slim --percent 0.3 --score rank --batch-size 8 --img-size 160 --data d/d.data", "rank",
        in: space)
      #expect(
        try figure(ranked, "after", "parameters") < figure(ranked, "before", "parameters"))
      #expect(try #require(ranked["relativeDifference"] as? Double) <= 1e-4)
    }
  }
}
