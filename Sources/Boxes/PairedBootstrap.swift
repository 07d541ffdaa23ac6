/// Tells whether one detector is better than another on the same pictures, or only luckier.
///
/// The pictures are drawn again with replacement, as many as there are, and both detectors are
/// evaluated on each draw; the spread of the differences is the interval. Because both are measured
/// on the same draw, what is hard in a picture cancels out. Efron and Tibshirani, *An Introduction
/// to the Bootstrap*, 1993, chapter 13 (percentile interval).
///
/// Detections are matched once; a draw only walks the sorted lists again, each picture counted as
/// often as it was drawn.
public struct PairedBootstrap: Hashable, Sendable {
  /// The figure that is compared.
  public enum Metric: String, CaseIterable, Sendable {
    /// Mean average precision at IoU 0.5.
    case map50
    /// Mean average precision over IoU 0.5 to 0.95.
    case map
  }

  /// The figure that is compared.
  public var metric: Metric
  /// How often the pictures are drawn; above 0.
  public var resamples: Int
  /// The share of the differences inside the interval, in `0...1`.
  public var level: Double
  /// The draws are the same for the same seed.
  public var seed: UInt64

  /// Makes a comparison.
  public init(
    metric: Metric = .map50, resamples: Int = 2000, level: Double = 0.95, seed: UInt64 = 0
  ) {
    precondition(resamples > 0 && (0...1).contains(level))
    self.metric = metric
    self.resamples = resamples
    self.level = level
    self.seed = seed
  }

  /// Compares two evaluations of the same pictures, added in the same order.
  ///
  /// - Throws: ``BoxesError`` when styles, classes, pictures or ground truths differ, or when there
  ///   is no ground truth at all.
  public func callAsFunction(
    baseline: DetectionEvaluator, candidate: DetectionEvaluator
  ) throws(BoxesError) -> BootstrapResult {
    guard baseline.style == candidate.style, baseline.classCount == candidate.classCount else {
      throw .differentRules
    }
    guard baseline.imageCount == candidate.imageCount else {
      throw .differentImageCounts(baseline.imageCount, candidate.imageCount)
    }
    var old = ResampledPrecision(baseline, metric: metric)
    var new = ResampledPrecision(candidate, metric: metric)
    guard old.hasSameGroundTruths(as: new) else { throw .differentGroundTruths(image: nil) }

    let imageCount = baseline.imageCount
    let once = Array(repeating: 1, count: imageCount)
    guard let oldValue = old.mean(counts: once), let newValue = new.mean(counts: once) else {
      throw .nothingToFind
    }
    var generator = SeededGenerator(seed: seed)
    var differences: [Double] = []
    while differences.count < resamples {
      var counts = Array(repeating: 0, count: imageCount)
      for _ in 0..<imageCount { counts[generator.index(below: imageCount)] += 1 }
      // A draw of nothing but empty pictures has no figure: another is drawn instead.
      guard let a = old.mean(counts: counts), let b = new.mean(counts: counts) else { continue }
      differences.append(b - a)
    }
    let mean = differences.reduce(0, +) / Double(resamples)
    differences.sort()
    return BootstrapResult(
      metric: metric, images: imageCount, imagesWithObjects: old.imagesWithObjects,
      resamples: resamples, level: level, baseline: oldValue, candidate: newValue,
      meanDifference: mean,
      lower: quantile((1 - level) / 2, of: differences),
      upper: quantile((1 + level) / 2, of: differences))
  }

  /// Compares two detectors' stored predictions of the same pictures, in whatever order.
  ///
  /// - Throws: ``BoxesError`` when classes, pictures or ground truths differ, or when there is no
  ///   ground truth at all.
  public func callAsFunction(
    baseline: StoredPredictions, candidate: StoredPredictions, style: EvaluationStyle
  ) throws(BoxesError) -> BootstrapResult {
    let paired = try candidate.paired(with: baseline)
    return try self(
      baseline: baseline.evaluator(style: style), candidate: paired.evaluator(style: style))
  }

  /// The value below which a share of the sorted values lies, on the line between its neighbours.
  private func quantile(_ share: Double, of sorted: [Double]) -> Double {
    let position = share * Double(sorted.count - 1)
    let index = min(Int(position), sorted.count - 1)
    let next = min(index + 1, sorted.count - 1)
    return sorted[index] + (position - Double(index)) * (sorted[next] - sorted[index])
  }
}

/// What a paired bootstrap found. Differences are candidate minus baseline: positive is better.
public struct BootstrapResult: Hashable, Sendable {
  /// The figure that was compared.
  public var metric: PairedBootstrap.Metric
  /// How many pictures there are.
  public var images: Int
  /// How many of them have an object to find.
  public var imagesWithObjects: Int
  /// How often they were drawn.
  public var resamples: Int
  /// The share of the differences between ``lower`` and ``upper``.
  public var level: Double
  /// The baseline's figure on the pictures as they are, in `0...1`.
  public var baseline: Double
  /// The candidate's figure on the pictures as they are, in `0...1`.
  public var candidate: Double
  /// Mean of the differences over the draws.
  public var meanDifference: Double
  /// Lower end of the interval of the differences.
  public var lower: Double
  /// Upper end of the interval of the differences.
  public var upper: Double

  /// The figures of a comparison.
  ///
  /// - Parameter imagesWithObjects: all of the pictures unless given.
  public init(
    metric: PairedBootstrap.Metric, images: Int, imagesWithObjects: Int? = nil, resamples: Int,
    level: Double, baseline: Double, candidate: Double, meanDifference: Double, lower: Double,
    upper: Double
  ) {
    (self.metric, self.images, self.resamples, self.level) = (metric, images, resamples, level)
    self.imagesWithObjects = imagesWithObjects ?? images
    (self.baseline, self.candidate, self.meanDifference) = (baseline, candidate, meanDifference)
    (self.lower, self.upper) = (lower, upper)
  }

  /// Candidate minus baseline on the pictures as they are.
  public var difference: Double { candidate - baseline }

  /// The interval around ``difference``: draws have pictures twice, so theirs may lie to one side
  /// of it; it then reaches to it.
  public var interval: ClosedRange<Double> { min(lower, difference)...max(upper, difference) }

  /// Whether the interval leaves out zero, on pictures that are enough to tell.
  public var showsDifference: Bool { canShowDifference && !interval.contains(0) }

  /// Whether the pictures are enough for an interval to tell anything: draws of very few are too
  /// much alike.
  public var canShowDifference: Bool { imagesWithObjects >= fewestImages }

  /// From how many pictures with objects on it is no chance that all favour one detector: 6 for a
  /// level of 0.95. By the sign test (docs/formulas.md 8.6).
  public var fewestImages: Int {
    // That all of `count` fall to the same side, whichever.
    var (count, chance) = (1, 1.0)
    while chance > 1 - level, count < 64 { (count, chance) = (count + 1, chance / 2) }
    return count
  }
}

/// Mean average precision of one detector when each picture counts a given number of times.
struct ResampledPrecision {
  /// A detection that counts: twice the picture's number, and 1 more if it is right.
  private typealias Event = Int32

  private let style: EvaluationStyle
  /// By class, then by threshold: from the most confident down.
  private let events: [[[Event]]]
  /// Ground truths to find, by class: the pictures that have some, and how many.
  private let positives: [[(image: Int32, count: Int)]]
  private var curve = PrecisionRecallCurve()

  init(_ evaluator: DetectionEvaluator, metric: PairedBootstrap.Metric) {
    style = evaluator.style
    let thresholds = metric == .map50 ? 0..<1 : EvaluationStyle.iouThresholds.indices
    positives = evaluator.positives.map { list in
      list.filter { $0.counts[0] > 0 }.map { ($0.image, $0.counts[0]) }
    }
    events = evaluator.judged.map { list in
      let sorted = list.sortedStably { $0.confidence }
      return thresholds.map { threshold in
        sorted.compactMap { detection in
          detection.isHit(threshold: threshold).map { detection.image << 1 | ($0 ? 1 : 0) }
        }
      }
    }
  }

  /// How many pictures have a ground truth to find.
  var imagesWithObjects: Int { Set(positives.joined().map(\.image)).count }

  /// Whether as many ground truths are to be found in each picture.
  func hasSameGroundTruths(as other: ResampledPrecision) -> Bool {
    positives.elementsEqual(other.positives) { $0.elementsEqual($1, by: ==) }
  }

  /// The mean over classes and thresholds, or nil where no counted picture has a ground truth.
  ///
  /// - Parameter counts: how often each picture counts, by picture.
  mutating func mean(counts: [Int]) -> Double? {
    var (sum, number) = (0.0, 0)
    for (classIndex, list) in positives.enumerated() {
      let total = list.reduce(0) { $0 + counts[Int($1.image)] * $1.count }
      guard total > 0 else { continue }
      for sequence in events[classIndex] {
        curve.reset(positives: total)
        for event in sequence {
          let count = counts[Int(event >> 1)]
          if count > 0 { curve.append(isHit: event & 1 == 1, count: count) }
        }
        sum += curve.averagePrecision(style)
        number += 1
      }
    }
    guard number > 0 else { return nil }
    let all = events.reduce(0) { $0 + $1.count }
    return sum / Double(style == .darknet ? all : number)
  }
}

extension PairedBootstrap {
  /// The differences of mAP@0.5 and mAP@0.5:0.95, with intervals.
  ///
  /// - Throws: ``BoxesError`` when the two are of other pictures or classes.
  public static func differences(
    _ baseline: StoredPredictions, _ candidate: StoredPredictions, style: EvaluationStyle,
    resamples: Int, level: Double = 0.95, seed: UInt64
  ) throws(BoxesError) -> [BootstrapResult] {
    try [Metric.map50, .map].map { (metric) throws(BoxesError) in
      try PairedBootstrap(metric: metric, resamples: resamples, level: level, seed: seed)(
        baseline: baseline, candidate: candidate, style: style)
    }
  }
}
