import Boxes
import Commands
import Runs
import Terminal
import Vision

extension SourceDetections {
  /// "a.jpg: 2 × person, 1 × dog"; in the order of the classes.
  func line(_ names: [String]) -> String {
    let counts = counts.sorted { $0.key < $1.key }.map { "\($0.value) × \(names[$0.key])" }
    return "\(source)".escaped + ": "
      + (video.map { "\(counted($0.frames, "frame")), " } ?? "")
      + (counts.isEmpty ? "nothing" : counts.joined(separator: ", "))
      + (video == nil ? "" : drawing.map { ", \($0)" } ?? "")
  }

  /// For programs.
  func json(_ names: [String]) -> JSONValue {
    let detections = JSONValue.array(
      found.map { Self.json($0, names, rate: video?.framesPerSecond) })
    let (drawing, labels) = (drawing.map(absolute), labels.map(absolute))
    guard let video else {
      return .members([
        "path": source.fullName, "width": width, "height": height,
        "detections": detections, "output": drawing, "labels": labels,
      ])
    }
    return .members([
      "path": source.fullName, "width": width, "height": height,
      "frames": video.frames, "framesPromised": video.framesPromised,
      "framesPerSecond": video.framesPerSecond, "complete": video.isComplete,
      "detections": detections, "output": drawing, "labels": labels,
    ])
  }

  private static func json(
    _ found: Found, _ names: [String], rate: Double?
  ) -> JSONValue {
    let (detection, box) = (found.detection, found.detection.box)
    var members: [JSONValue.Member] = []
    if let frame = found.frame, let rate {
      members = [
        .init("frame", .integer(frame)), .init("seconds", .number(Double(frame - 1) / rate)),
      ]
    }
    members += [
      .init("class", .integer(detection.classIndex)),
      .init("name", .string(names[detection.classIndex])),
      .init("confidence", detection.confidence.json),
      .init("box", [box.x1, box.y1, box.x2, box.y2].json),
    ]
    return .object(members)
  }
}
