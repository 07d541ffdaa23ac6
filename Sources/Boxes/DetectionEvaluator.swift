/// Measures how well detections agree with ground truths, picture by picture.
///
/// ```swift
/// var evaluator = DetectionEvaluator(style: .coco, classCount: names.count)
/// for picture in pictures {
///   evaluator.add(detections: detect(picture), groundTruths: picture.labels)
/// }
/// print(evaluator.evaluate().map50)
/// ```
///
/// Matching happens when a picture is added; what is kept of it is some 24 bytes a detection.
public struct DetectionEvaluator: Sendable {
  /// The rules of matching and of average precision.
  public let style: EvaluationStyle
  /// How many classes there are.
  public let classCount: Int
  /// How many pictures were added.
  public private(set) var imageCount = 0

  /// The judged detections of each class, in the order of the pictures.
  private(set) var judged: [[JudgedDetection]]
  /// How many ground truths of each class count, by picture; pictures without are left out.
  private(set) var positives: [[(image: Int32, counts: SIMD4<Int>)]]

  /// Makes an evaluator that has seen nothing.
  public init(style: EvaluationStyle, classCount: Int) {
    precondition(classCount >= 0, "a negative number of classes")
    self.style = style
    self.classCount = classCount
    judged = Array(repeating: [], count: classCount)
    positives = Array(repeating: [], count: classCount)
  }

  /// Adds one picture.
  ///
  /// Boxes or confidences that are infinite or NaN, and classes outside `0..<classCount`, are left
  /// out. Equal confidences keep their order.
  ///
  /// - Parameters:
  ///   - detections: in any order, boxes in pixels.
  ///   - groundTruths: what is there, boxes in pixels.
  ///   - imageSize: the picture's sides in pixels; `legacy` clips the detections to it when given.
  public mutating func add(
    detections: [Detection], groundTruths: [GroundTruth],
    imageSize: (width: Int, height: Int)? = nil
  ) {
    var detectionsByClass: [Int: [Detection]] = [:]
    for var detection in detections {
      guard (0..<classCount).contains(detection.classIndex), detection.box.isFinite,
        detection.confidence.isFinite
      else { continue }
      if style == .legacy, let (width, height) = imageSize {
        detection.box = detection.box.clipped(width: Float(width), height: Float(height))
      }
      detectionsByClass[detection.classIndex, default: []].append(detection)
    }
    var truthsByClass: [Int: [GroundTruth]] = [:]
    for truth in groundTruths {
      guard (0..<classCount).contains(truth.classIndex), truth.box.isFinite else { continue }
      truthsByClass[truth.classIndex, default: []].append(truth)
    }
    for classIndex in Set(detectionsByClass.keys).union(truthsByClass.keys) {
      let unsorted = detectionsByClass[classIndex] ?? []
      let sorted = unsorted.sortedStably { $0.confidence }
      let truths = truthsByClass[classIndex] ?? []
      let matching =
        style == .coco
        ? Matching.coco(sorted, truths, image: imageCount)
        : Matching.best(sorted, truths, image: imageCount, isStrict: style.isStrict)
      judged[classIndex] += matching.detections
      if matching.positives != .zero {
        positives[classIndex].append((Int32(imageCount), matching.positives))
      }
    }
    imageCount += 1
  }

  /// Computes all figures from the pictures added so far.
  public func evaluate() -> EvaluationResult {
    let sorted = judged.map { $0.sortedStably { $0.confidence } }
    let totals = positives.map { $0.reduce(SIMD4<Int>.zero) { $0 &+ $1.counts } }
    let precisions = zip(sorted, totals).map { averagePrecisions($0, positives: $1) }
    let recalls = zip(sorted, totals).map { averageRecalls($0, positives: $1) }
    /// A mean of average precisions: Darknet's is over every class, found or not.
    func meanPrecision(_ values: [Double]) -> Double {
      guard style == .darknet, totals.contains(where: { $0[0] > 0 }) else { return mean(values) }
      return values.reduce(0) { $0 + max($1, 0) } / Double(values.count)
    }
    let point = style == .legacy ? interpolated(sorted, totals) : best(sorted, totals)

    let classes = (0..<classCount).map { index in
      let ap = precisions[index][0]
      return ClassResult(
        instances: totals[index][0], precision: point.rates[index].precision,
        recall: point.rates[index].recall, f1: point.rates[index].f1, ap50: ap[0], ap75: ap[5],
        ap: mean(ap), averageRecall: recalls[index].all)
    }
    var result = EvaluationResult(
      style: style, images: imageCount, instances: totals.reduce(0) { $0 + $1[0] },
      confidence: point.confidence, precision: mean(classes.map(\.precision)),
      recall: mean(classes.map(\.recall)), f1: mean(classes.map(\.f1)),
      map50: meanPrecision(classes.map(\.ap50)), map75: meanPrecision(classes.map(\.ap75)),
      map: meanPrecision(classes.map(\.ap)), perClass: classes)
    if style == .coco {
      result.coco = COCOSummary(
        apSmall: mean(precisions.map { mean($0[1]) }),
        apMedium: mean(precisions.map { mean($0[2]) }),
        apLarge: mean(precisions.map { mean($0[3]) }),
        ar1: mean(recalls.map(\.one)), ar10: mean(recalls.map(\.ten)),
        ar100: mean(recalls.map(\.all)), arSmall: mean(recalls.map(\.small)),
        arMedium: mean(recalls.map(\.medium)), arLarge: mean(recalls.map(\.large)))
    }
    return result
  }

  /// Average precision by area range and threshold; −1 where the range has no ground truth.
  func averagePrecisions(
    _ detections: [JudgedDetection], positives: SIMD4<Int>
  ) -> [[Double]] {
    var curve = PrecisionRecallCurve()
    return (0..<4).map { area in
      EvaluationStyle.iouThresholds.indices.map { threshold in
        guard positives[area] > 0 else { return -1 }
        curve.reset(positives: positives[area])
        for detection in detections {
          guard let isHit = detection.isHit(threshold: threshold, area: area) else { continue }
          curve.append(isHit: isHit)
        }
        return curve.averagePrecision(style)
      }
    }
  }

  /// Recalls of all detections, mean over the thresholds; −1 where there is no ground truth.
  private func averageRecalls(
    _ detections: [JudgedDetection], positives: SIMD4<Int>
  ) -> (one: Double, ten: Double, all: Double, small: Double, medium: Double, large: Double) {
    func recall(area: Int, most: Int32 = .max) -> Double {
      guard positives[area] > 0 else { return -1 }
      let hits = detections.reduce(0) { sum, detection in
        guard detection.rank < most else { return sum }
        let right = detection.isMatched[area] & ~detection.isIgnored[area]
        return sum + right.nonzeroBitCount
      }
      return Double(hits) / Double(positives[area] * EvaluationStyle.iouThresholds.count)
    }
    return (
      recall(area: 0, most: 1), recall(area: 0, most: 10), recall(area: 0), recall(area: 1),
      recall(area: 2), recall(area: 3)
    )
  }

  /// Precision, recall and F1 of each class at one confidence, IoU 0.5.
  private typealias WorkingPoint = (
    confidence: Double, rates: [(precision: Double, recall: Double, f1: Double)]
  )

  /// The confidence at which the mean F1 is highest; the highest such where several are.
  private func best(_ detections: [[JudgedDetection]], _ totals: [SIMD4<Int>]) -> WorkingPoint {
    struct Event {
      var confidence: Float
      var classIndex: Int
      var isHit: Bool
    }
    var events: [Event] = []
    for (index, list) in detections.enumerated() where totals[index][0] > 0 {
      for detection in list {
        guard let isHit = detection.isHit(threshold: 0) else { continue }
        events.append(Event(confidence: detection.confidence, classIndex: index, isHit: isHit))
      }
    }
    events.sort { $0.confidence > $1.confidence }
    // F1 = 2 · hits / (detections + ground truths); its sum changes in one class at a time.
    var hits = Array(repeating: 0, count: classCount)
    var counts = hits
    func f1(_ index: Int) -> Double {
      2 * Double(hits[index]) / Double(counts[index] + totals[index][0])
    }
    var (sum, bestSum, bestEnd) = (0.0, 0.0, 0)
    for (position, event) in events.enumerated() {
      sum -= f1(event.classIndex)
      counts[event.classIndex] += 1
      if event.isHit { hits[event.classIndex] += 1 }
      sum += f1(event.classIndex)
      let isLast =
        position + 1 == events.count || events[position + 1].confidence < event.confidence
      // Sums drift by rounding: a gain must be above it.
      if isLast, sum > bestSum + 1e-12 { (bestSum, bestEnd) = (sum, position + 1) }
    }
    hits = Array(repeating: 0, count: classCount)
    counts = hits
    for event in events.prefix(bestEnd) {
      counts[event.classIndex] += 1
      if event.isHit { hits[event.classIndex] += 1 }
    }
    let rates = (0..<classCount).map { index in
      let total = totals[index][0]
      guard total > 0 else { return (precision: -1.0, recall: -1.0, f1: -1.0) }
      let precision = counts[index] > 0 ? Double(hits[index]) / Double(counts[index]) : 0
      return (precision, Double(hits[index]) / Double(total), f1(index))
    }
    return (bestEnd > 0 ? Double(events[bestEnd - 1].confidence) : 1, rates)
  }

  /// docs/formulas.md 8.4: the curves over confidence read at 0.1, on the line between the
  /// detections around it, and at the nearest end where all detections are above or below it.
  private func interpolated(
    _ detections: [[JudgedDetection]], _ totals: [SIMD4<Int>]
  ) -> WorkingPoint {
    let confidence = 0.1
    let rates = zip(detections, totals).map { list, total in
      guard total[0] > 0 else { return (precision: -1.0, recall: -1.0, f1: -1.0) }
      guard !list.isEmpty else { return (precision: 0, recall: 0, f1: 0) }
      var hits = 0
      let points = list.enumerated().map { position, detection in
        if detection.isHit(threshold: 0) == true { hits += 1 }
        return (
          confidence: Double(detection.confidence),
          precision: Double(hits) / Double(position + 1), recall: Double(hits) / Double(total[0])
        )
      }
      let above = points.count { $0.confidence >= confidence }
      let (left, right) = (points[max(above - 1, 0)], points[min(above, points.count - 1)])
      let share =
        above == 0 || above == points.count
        ? 0 : (left.confidence - confidence) / (left.confidence - right.confidence)
      let precision = left.precision + share * (right.precision - left.precision)
      let recall = left.recall + share * (right.recall - left.recall)
      return (precision, recall, 2 * precision * recall / (precision + recall + 1e-16))
    }
    return (confidence, rates)
  }

  /// Mean of the figures that exist, −1 where none does.
  private func mean(_ values: [Double]) -> Double {
    let existing = values.filter { $0 > -1 }
    return existing.isEmpty ? -1 : existing.reduce(0, +) / Double(existing.count)
  }
}
