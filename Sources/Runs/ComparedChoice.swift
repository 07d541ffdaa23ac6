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
  /// A network is never chosen where another that is no larger has a higher mAP@0.5:0.95.
  ///
  /// - Parameter differences: of mAP@0.5 and mAP@0.5:0.95, the second place minus the first; nil where
  ///   they are not known.
  init?(
    _ candidates: [Candidate],
    differences: (_ best: Int, _ other: Int) throws -> [BootstrapResult]?
  ) rethrows {
    let measured = candidates.indices.filter { candidates[$0].quality != nil }
    func map(_ place: Int) -> Double { candidates[place].quality?.map ?? 0 }
    func bytes(_ place: Int) -> Int { candidates[place].bytes ?? .max }
    // Of equal ones the first.
    guard let best = measured.max(by: { (map($0), $1) < (map($1), $0) }) else { return nil }
    guard candidates[best].quality?.isPoor == false else {
      (index, reason) = (best, .leastPoor)
      return
    }
    let largest = candidates[best].bytes ?? 0
    // Of equal sizes the first of the highest.
    let smaller = measured.filter { bytes($0) < largest }
      .sorted { (bytes($0), map($1), $0) < (bytes($1), map($0), $1) }
    let name = candidates[best].name
    var untold: String?
    var highest = -1.0
    for place in smaller where candidates[place].quality?.isPoor == false {
      guard map(place) > highest else { continue }
      highest = map(place)
      guard let changes = try differences(best, place), let worst = changes.worst else { continue }
      switch changes.judgement {
      case nil: continue
      case .gain, .noDifference:
        (index, reason) = (place, .notBehind(best: name))
        return
      case .unclear where worst.difference >= -BootstrapResult.smallLoss:
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
