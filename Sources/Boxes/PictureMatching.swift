/// One picture's detections beside what is there, at one confidence and an overlap of 0.5: which
/// are right, which are wrong, what was missed.
///
/// Detections of a class take the ground truths of their class first, the surest first, each the
/// one that it overlaps most, as average precision counts them. What is left of the detections is
/// then compared with what is left of the ground truths, whatever their classes: such a pair is an
/// object that was seen and named wrongly. Crowds and difficult ones are neither found nor missed,
/// and a detection of one is not counted.
public struct PictureMatching: Hashable, Sendable {
  /// A detection and a ground truth, by their places in the lists.
  public struct Pair: Hashable, Sendable {
    /// The detection's place.
    public let detection: Int
    /// The ground truth's place.
    public let truth: Int
  }

  /// Objects that were found, with the right class.
  public private(set) var found: [Pair] = []
  /// Objects that were found, with another class.
  public private(set) var confused: [Pair] = []
  /// Detections where there is no object that another one had not taken.
  public private(set) var invented: [Int] = []
  /// Objects without a detection.
  public private(set) var missed: [Int] = []

  /// Compares a picture's detections of at least a confidence with its ground truths.
  public init(
    _ detections: [Detection], _ truths: [GroundTruth], confidence: Float, overlap: Float = 0.5
  ) {
    let order = detections.indices
      .filter { detections[$0].confidence >= confidence && detections[$0].box.isFinite }
      .sortedStably { detections[$0].confidence }
    let isCounted = truths.map { !$0.isCrowd && !$0.isDifficult }
    var isTaken = truths.map { _ in false }
    func best(_ detection: Int, where isCandidate: (Int) -> Bool) -> Int? {
      let overlaps = truths.indices.filter(isCandidate)
        .map { ($0, detections[detection].box.iou(with: truths[$0].box)) }
        .filter { $0.1 >= overlap }
      return overlaps.max { $0.1 < $1.1 }?.0
    }
    var rest: [Int] = []
    for detection in order {
      let classIndex = detections[detection].classIndex
      let own = best(detection) {
        isCounted[$0] && !isTaken[$0] && truths[$0].classIndex == classIndex
      }
      if let own {
        isTaken[own] = true
        found.append(Pair(detection: detection, truth: own))
      } else if best(detection, where: { !isCounted[$0] && truths[$0].classIndex == classIndex })
        == nil
      {
        rest.append(detection)
      }
    }
    for detection in rest {
      let classIndex = detections[detection].classIndex
      let other = best(detection) {
        isCounted[$0] && !isTaken[$0] && truths[$0].classIndex != classIndex
      }
      if let other {
        isTaken[other] = true
        confused.append(Pair(detection: detection, truth: other))
      } else {
        invented.append(detection)
      }
    }
    missed = truths.indices.filter { isCounted[$0] && !isTaken[$0] }
  }

  /// Things that are wrong: a wrong class counts once.
  public var errors: Int { confused.count + invented.count + missed.count }
}
