#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Thins out overlapping detections of one picture: the strongest stays, what overlaps it goes.
///
/// Candidates are visited from the most confident down, and the walk ends at
/// ``maximumDetections``, so tens of thousands of candidates cost milliseconds.
public struct NonMaximumSuppression: Hashable, Sendable {
  /// What happens to a detection that overlaps a stronger one.
  public enum Method: String, CaseIterable, Codable, Sendable {
    /// It is dropped when its IoU with a kept detection is above the threshold.
    case greedy
    /// As ``greedy``; then each kept box becomes the mean of all boxes that overlap it, weighted by
    /// confidence. Only done for more than 1 and fewer than 3000 candidates (docs/formulas.md 8.2).
    case merge
    /// It stays, its confidence multiplied by exp(−IoU² / σ) for every stronger one, σ = 0.5; the
    /// threshold is not read. Bodla et al., *Soft-NMS*, ICCV 2017.
    case soft
    /// As ``greedy`` with ``Box/diou(with:beta:)``, which spares neighbours whose centres are
    /// apart. Zheng et al., *Distance-IoU Loss*, AAAI 2020; with another ``beta``, Darknet's
    /// `greedynms`.
    case diou
    /// It is dropped when its IoU with any stronger detection is above the threshold, even with one
    /// that was dropped itself. Bolya et al., *YOLACT*, ICCV 2019.
    case fast
  }

  /// Overlap above which two detections are taken for the same object, in `0...1`.
  public var iouThreshold: Float
  /// What happens to the weaker one.
  public var method: Method
  /// With ``Method/diou``: the exponent of the distance's share, 1 in the paper; above 0.
  public var beta: Float = 1
  /// Whether detections of different classes compete too.
  public var isAgnostic: Bool
  /// How many detections of a picture are returned at most, the strongest of all classes.
  public var maximumDetections: Int

  /// Makes a suppression. 0.45 is Darknet's own threshold; what detects and measures here takes 0.6
  /// unless it is told otherwise.
  public init(
    iouThreshold: Float = 0.45, method: Method = .greedy, isAgnostic: Bool = false,
    maximumDetections: Int = 300
  ) {
    self.iouThreshold = iouThreshold
    self.method = method
    self.isAgnostic = isAgnostic
    self.maximumDetections = maximumDetections
  }

  /// Makes a suppression by a rule.
  public init(_ rule: SuppressionRule, iouThreshold: Float, isAgnostic: Bool = false) {
    self.init(iouThreshold: iouThreshold, method: rule.method, isAgnostic: isAgnostic)
    beta = rule.beta
  }

  /// Returns what stays, the most confident first; equal confidences keep the order they came in.
  ///
  /// Detections with a coordinate or a confidence that is infinite or NaN are dropped.
  public func callAsFunction(_ detections: [Detection]) -> [Detection] {
    let candidates = byConfidence(detections)
    let groups = self.groups(of: candidates)
    switch method {
    case .greedy:
      return greedy(candidates, groups).map { candidates[$0] }
    case .diou:
      return greedy(candidates, groups, overlap: { $0.diou(with: $1, beta: beta) }).map {
        candidates[$0]
      }
    case .fast:
      return greedy(candidates, groups, droppedCount: true).map { candidates[$0] }
    case .merge:
      let kept = greedy(candidates, groups)
      guard 1 < candidates.count, candidates.count < 3000 else {
        return kept.map { candidates[$0] }
      }
      return kept.map { merged($0, candidates, groups) }
    case .soft:
      return soft(candidates, groups)
    }
  }

  /// The usable detections, the most confident first.
  private func byConfidence(_ detections: [Detection]) -> [Detection] {
    detections
      .filter { $0.box.isFinite && $0.confidence.isFinite }
      .sortedStably { $0.confidence }
  }

  /// A number from 0 for each candidate; candidates compete when theirs are equal.
  private func groups(of candidates: [Detection]) -> [Int] {
    guard !isAgnostic else { return Array(repeating: 0, count: candidates.count) }
    var numbers: [Int: Int] = [:]
    return candidates.map { candidate in
      if let number = numbers[candidate.classIndex] { return number }
      let number = numbers.count
      numbers[candidate.classIndex] = number
      return number
    }
  }

  /// Indices of the candidates that no stronger one covers.
  ///
  /// - Parameter droppedCount: whether a dropped candidate can still cover a weaker one.
  private func greedy(
    _ candidates: [Detection], _ groups: [Int], droppedCount: Bool = false,
    overlap: (Box, Box) -> Float = { $0.iou(with: $1) }
  ) -> [Int] {
    var kept: [Int] = []
    var rivals = Array(repeating: [Box](), count: (groups.max() ?? -1) + 1)
    for (index, group) in groups.enumerated() {
      guard kept.count < maximumDetections else { break }
      let box = candidates[index].box
      let isCovered = rivals[group].contains { overlap($0, box) > iouThreshold }
      if !isCovered { kept.append(index) }
      if !isCovered || droppedCount { rivals[group].append(box) }
    }
    return kept
  }

  /// The kept candidate, its box averaged over everything that overlaps it.
  private func merged(_ kept: Int, _ candidates: [Detection], _ groups: [Int]) -> Detection {
    var (x1, y1, x2, y2, total) = (0.0, 0.0, 0.0, 0.0, 0.0)
    for (index, candidate) in candidates.enumerated() where groups[index] == groups[kept] {
      guard candidate.box.iou(with: candidates[kept].box) > iouThreshold else { continue }
      let weight = Double(candidate.confidence)
      x1 += weight * Double(candidate.box.x1)
      y1 += weight * Double(candidate.box.y1)
      x2 += weight * Double(candidate.box.x2)
      y2 += weight * Double(candidate.box.y2)
      total += weight
    }
    var result = candidates[kept]
    guard total > 0 else { return result }
    result.box = Box(
      x1: Float(x1 / total), y1: Float(y1 / total), x2: Float(x2 / total), y2: Float(y2 / total))
    return result
  }

  /// Takes the strongest again and again, weakening what overlaps it, until what is left is below
  /// 0.001, the floor of the paper's own program.
  private func soft(_ candidates: [Detection], _ groups: [Int]) -> [Detection] {
    let (sigma, floor): (Float, Float) = (0.5, 0.001)
    var left = candidates
    var leftGroups = groups
    var kept: [Detection] = []
    while kept.count < maximumDetections {
      var best = -1
      for index in left.indices where left[index].confidence >= floor {
        if best < 0 || left[index].confidence > left[best].confidence { best = index }
      }
      guard best >= 0 else { break }
      let (strongest, group) = (left[best], leftGroups[best])
      kept.append(strongest)
      left.remove(at: best)
      leftGroups.remove(at: best)
      for index in left.indices where leftGroups[index] == group {
        let iou = left[index].box.iou(with: strongest.box)
        if iou > 0 { left[index].confidence *= expf(-iou * iou / sigma) }
      }
    }
    return kept
  }
}

/// How overlapping boxes are told from neighbours, apart from the threshold.
public struct SuppressionRule: Hashable, Codable, Sendable {
  /// What happens to the weaker of two.
  public var method: NonMaximumSuppression.Method
  /// With ``NonMaximumSuppression/Method/diou``, the exponent of the distance's share.
  public var beta: Float

  /// A rule; `beta` counts with DIoU alone.
  public init(_ method: NonMaximumSuppression.Method, beta: Float = 1) {
    self.method = method
    self.beta = method == .diou ? beta : 1
  }

  /// `greedy`, or `diou with beta 0.6`.
  public var description: String {
    method.rawValue + (method == .diou && beta != 1 ? " with beta \(beta)" : "")
  }
}

extension SuppressionRule: CustomStringConvertible {}
