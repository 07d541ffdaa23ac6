import Boxes

/// How far two detectors disagree about one picture: how sure they are, in sum, of what the other
/// does not find.
public struct Disagreement: Hashable, Sendable {
  /// The picture's place in both sets of predictions.
  public var index: Int
  /// The sum, at least 0.
  public var size: Float

  /// The pictures that differ most, the worst first, without those that do not differ.
  ///
  /// A detection is found by the other detector where that has one of the same class that overlaps
  /// it by half; each counts for one.
  ///
  /// - Parameters:
  ///   - first: pictures of one detector.
  ///   - second: the same pictures, in the same order, of the other one.
  ///   - confidences: what a detection of the first detector, and one of the second, has to have to
  ///     count.
  public static func largest(
    _ count: Int, of first: [StoredPredictions.Image], and second: [StoredPredictions.Image],
    confidences: (Float, Float)
  ) -> [Disagreement] {
    let all = zip(first, second).enumerated().map { index, images in
      Disagreement(
        index: index, size: size(images.0.detections, images.1.detections, confidences))
    }
    // Equal ones in the order of the pictures.
    return Array(
      all.filter { $0.size > 0 }.sorted { ($1.size, $0.index) < ($0.size, $1.index) }
        .prefix(count))
  }

  private static func size(
    _ first: [Detection], _ second: [Detection], _ confidences: (Float, Float)
  ) -> Float {
    let own = first.filter { $0.confidence >= confidences.0 && $0.box.isFinite }
      .sorted { $0.confidence > $1.confidence }
    var others = second.filter { $0.confidence >= confidences.1 && $0.box.isFinite }
    var sum: Float = 0
    for detection in own {
      let place = others.indices
        .filter {
          others[$0].classIndex == detection.classIndex
            && others[$0].box.iou(with: detection.box) >= 0.5
        }
        .max { others[$0].box.iou(with: detection.box) < others[$1].box.iou(with: detection.box) }
      if let place { others.remove(at: place) } else { sum += detection.confidence }
    }
    return others.reduce(sum) { $0 + $1.confidence }
  }
}
