/// Precision, recall and F1 of the classes over the confidence from which detections count, and
/// precision over recall; at an overlap of 0.5.
public struct ConfidenceCurves: Hashable, Sendable {
  /// The curves of one class, or of all.
  public struct Curve: Hashable, Sendable {
    /// At each of ``ConfidenceCurves/confidences``; NaN where nothing is as sure as that.
    public var precision: [Double]
    /// At each of ``ConfidenceCurves/confidences``.
    public var recall: [Double]
    /// At each of ``ConfidenceCurves/confidences``.
    public var f1: [Double]
    /// The best precision at each of ``ConfidenceCurves/recalls`` or above; 0 where no confidence
    /// finds as many.
    public var envelope: [Double]
  }

  /// 0, 0.005 … 1.
  public static let confidences = (0...200).map { Double($0) / 200 }
  /// 0, 0.01 … 1, where COCO reads the curve.
  public static let recalls = (0...100).map { Double($0) / 100 }

  /// By class index; nil for classes without ground truth.
  public let classes: [Curve?]
  /// Mean of the classes that have ground truth; nil where none has.
  public let mean: Curve?
}

extension DetectionEvaluator {
  /// The curves of the pictures added so far.
  public func curves() -> ConfidenceCurves {
    let classes = judged.indices.map { index -> ConfidenceCurves.Curve? in
      let total = positives[index].reduce(0) { $0 + $1.counts[0] }
      guard total > 0 else { return nil }
      let list = judged[index].sortedStably { $0.confidence }
        .compactMap { detection in
          detection.isHit(threshold: 0).map { (detection.confidence, $0) }
        }
      return ConfidenceCurves.Curve(list, positives: total)
    }
    return ConfidenceCurves(classes: classes, mean: .mean(classes.compactMap { $0 }))
  }
}

extension ConfidenceCurves.Curve {
  /// - Parameter detections: from the surest down, and whether each is right.
  fileprivate init(_ detections: [(confidence: Float, isHit: Bool)], positives: Int) {
    let confidences = ConfidenceCurves.confidences
    precision = Array(repeating: .nan, count: confidences.count)
    recall = Array(repeating: 0, count: confidences.count)
    f1 = recall
    var (count, hits) = (0, 0)
    var points: [(recall: Double, precision: Double)] = []
    for place in confidences.indices.reversed() {
      while count < detections.count, detections[count].confidence >= Float(confidences[place]) {
        if detections[count].isHit { hits += 1 }
        count += 1
        points.append((Double(hits) / Double(positives), Double(hits) / Double(count)))
      }
      if count > 0 { precision[place] = Double(hits) / Double(count) }
      recall[place] = Double(hits) / Double(positives)
      f1[place] = 2 * Double(hits) / Double(count + positives)
    }
    envelope = Array(repeating: 0, count: ConfidenceCurves.recalls.count)
    var best = 0.0
    for place in ConfidenceCurves.recalls.indices.reversed() {
      while let last = points.last, last.recall >= ConfidenceCurves.recalls[place] {
        best = max(best, last.precision)
        points.removeLast()
      }
      envelope[place] = best
    }
  }

  /// The mean of curves, where they have values.
  fileprivate static func mean(_ curves: [Self]) -> Self? {
    guard !curves.isEmpty else { return nil }
    func mean(_ values: KeyPath<Self, [Double]>) -> [Double] {
      curves[0][keyPath: values].indices.map { place in
        let known = curves.map { $0[keyPath: values][place] }.filter(\.isFinite)
        return known.isEmpty ? .nan : known.reduce(0, +) / Double(known.count)
      }
    }
    var result = curves[0]
    (result.precision, result.recall) = (mean(\.precision), mean(\.recall))
    (result.f1, result.envelope) = (mean(\.f1), mean(\.envelope))
    return result
  }
}
