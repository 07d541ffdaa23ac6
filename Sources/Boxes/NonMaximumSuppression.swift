/// Thins out overlapping detections of one picture: the strongest stays, what overlaps it goes.
public struct NonMaximumSuppression: Sendable {
  /// What happens to a detection that overlaps a stronger one.
  public enum Method: String, CaseIterable, Sendable {
    /// It is dropped when its IoU with a kept detection is above the threshold.
    case greedy
  }

  /// Overlap above which two detections are taken for the same object, in `0...1`.
  public var iouThreshold: Float
  /// What happens to the weaker one.
  public var method: Method
  /// Whether detections of different classes compete too.
  public var isAgnostic: Bool
  /// How many detections of a picture are returned at most, the strongest of all classes.
  public var maximumDetections: Int

  /// Makes a suppression; the defaults are those of `pare detect`.
  public init(
    iouThreshold: Float = 0.45, method: Method = .greedy, isAgnostic: Bool = false,
    maximumDetections: Int = 300
  ) {
    self.iouThreshold = iouThreshold
    self.method = method
    self.isAgnostic = isAgnostic
    self.maximumDetections = maximumDetections
  }

  /// Returns what stays, the most confident first; equal confidences keep the order they came in.
  ///
  /// Detections with a coordinate or a confidence that is infinite or NaN are dropped.
  public func callAsFunction(_ detections: [Detection]) -> [Detection] {
    let order = detections.indices
      .filter { detections[$0].box.isFinite && detections[$0].confidence.isFinite }
      .sorted {
        let (a, b) = (detections[$0].confidence, detections[$1].confidence)
        return a == b ? $0 < $1 : a > b
      }
    var kept: [Detection] = []
    var keptBoxes: [Int: [Box]] = [:]
    for index in order {
      guard kept.count < maximumDetections else { break }
      let candidate = detections[index]
      let group = isAgnostic ? 0 : candidate.classIndex
      let isCovered = keptBoxes[group, default: []].contains {
        $0.iou(with: candidate.box) > iouThreshold
      }
      guard !isCovered else { continue }
      keptBoxes[group, default: []].append(candidate.box)
      kept.append(candidate)
    }
    return kept
  }
}
