import Boxes

/// Which of several networks the figures speak for, and why: the smallest of those that are not
/// behind the best one.
public struct ComparedChoice: Hashable, Sendable {
  /// A network that may be chosen.
  struct Candidate {
    /// What it is called.
    let name: String
    /// Of its weights; nil where that is not known.
    let bytes: Int?
    /// What it is worth; nil where that was not measured.
    let quality: DetectionQuality?
  }

  /// Why it is the one.
  public enum Reason: Hashable, Sendable {
    /// No other has a higher mAP@0.5:0.95; where some are smaller, none is shown to be as good.
    case best(hasSmaller: Bool)
    /// No other has a higher mAP@0.5:0.95. Whether this smaller one is behind, the pictures are too
    /// few to tell.
    case untold(smaller: String)
    /// It is smaller than the best one, and the interval between them holds zero.
    case notBehind(best: String)
    /// It is smaller than the best one and within a point of it; the pictures cannot tell more.
    case withinPoint(best: String)
    /// It is the best one, but too poor to be used, as all are.
    case leastPoor
  }

  /// The place among the networks.
  public let index: Int
  /// Why it is the one.
  public let reason: Reason

  /// Chooses; nil where nothing was measured.
  ///
  /// - Parameter difference: of mAP@0.5:0.95, the second place minus the first; nil where it is not
  ///   known.
  init?(
    _ candidates: [Candidate],
    difference: (_ best: Int, _ other: Int) throws -> BootstrapResult?
  ) rethrows {
    let measured = candidates.indices.filter { candidates[$0].quality != nil }
    func map(_ place: Int) -> Double { candidates[place].quality?.map ?? 0 }
    // Of equal ones the first.
    guard let best = measured.max(by: { (map($0), $1) < (map($1), $0) }) else { return nil }
    guard candidates[best].quality?.isPoor == false else {
      (index, reason) = (best, .leastPoor)
      return
    }
    let largest = candidates[best].bytes ?? 0
    let smaller = measured.filter { candidates[$0].bytes ?? .max < largest }
      .sorted { candidates[$0].bytes ?? .max < candidates[$1].bytes ?? .max }
    let name = candidates[best].name
    var untold: String?
    for place in smaller where candidates[place].quality?.isPoor == false {
      guard let change = try difference(best, place) else { continue }
      switch change.judgement {
      case .gain, .noDifference:
        (index, reason) = (place, .notBehind(best: name))
        return
      case .unclear where change.difference >= -BootstrapResult.smallLoss:
        (index, reason) = (place, .withinPoint(best: name))
        return
      case .unclear: untold = untold ?? candidates[place].name
      case .nothingToLose, .smallLoss, .loss: continue
      }
    }
    index = best
    reason = untold.map { .untold(smaller: $0) } ?? .best(hasSmaller: !smaller.isEmpty)
  }
}
