import Testing

/// A detection of the JSON of `detect`.
struct FoundObject {
  let name: String
  let confidence: Double
  let box: [Double]

  init(_ value: [String: Any]) throws {
    name = try #require(value["name"] as? String)
    confidence = try #require(value["confidence"] as? Double)
    box = try #require(value["box"] as? [Double])
  }

  /// Whether both are one but for the rounding of two programs.
  func equals(_ other: FoundObject) -> Bool {
    matches(other, overlap: 0.9) && abs(confidence - other.confidence) <= 0.02
  }

  /// Whether both are of one object.
  func matches(_ other: FoundObject, overlap: Double = 0.5) -> Bool {
    name == other.name && iou(other) >= overlap
  }

  private func iou(_ other: FoundObject) -> Double {
    let (a, b) = (box, other.box)
    let width = max(0, min(a[2], b[2]) - max(a[0], b[0]))
    let height = max(0, min(a[3], b[3]) - max(a[1], b[1]))
    let areas = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1])
    return width * height / (areas - width * height)
  }
}
