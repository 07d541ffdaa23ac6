/// How well anchors fit the objects of a data set.
public struct AnchorFit: Hashable, Sendable {
  /// The anchors that were judged.
  public let anchors: [BoxSize]
  /// Share of the objects that some anchor fits, in `0...1`, see
  /// ``AnchorClustering/bestPossibleRecall(of:anchors:threshold:)``.
  public let bestPossibleRecall: Double
  /// Mean IoU of the objects with their best anchor, in `0...1`.
  public let meanIoU: Double
  /// By anchor: how many objects it is the best one for; of equally good ones, the first.
  public let counts: [Int]
  /// By anchor: the mean IoU with those objects; 0 where there are none.
  public let meanIoUs: [Double]

  /// Judges anchors on objects of the given sizes.
  ///
  /// - Parameter threshold: the IoU above which an anchor fits (docs/formulas.md 5.1).
  public init(_ anchors: [BoxSize], to sizes: [BoxSize], threshold: Float = 0.20) {
    var counts = [Int](repeating: 0, count: anchors.count)
    var sums = [Double](repeating: 0, count: anchors.count)
    var fitting = 0
    for size in sizes {
      var (best, overlap) = (-1, Float(0))
      for (index, anchor) in anchors.enumerated() {
        let iou = anchor.iou(with: size)
        if best < 0 || iou > overlap { (best, overlap) = (index, iou) }
      }
      guard best >= 0 else { continue }
      counts[best] += 1
      sums[best] += Double(overlap)
      if overlap > threshold { fitting += 1 }
    }
    let total = Double(max(sizes.count, 1))
    self.anchors = anchors
    self.counts = counts
    bestPossibleRecall = Double(fitting) / total
    meanIoU = sums.reduce(0, +) / total
    meanIoUs = zip(sums, counts).map { $1 > 0 ? $0 / Double($1) : 0 }
  }
}

extension AnchorFit {
  /// Anchors with at most two decimals, as they are printed.
  public static func rounded(_ anchors: [BoxSize]) -> [BoxSize] {
    anchors.map {
      BoxSize(
        width: max(($0.width * 100).rounded() / 100, 0.01),
        height: max(($0.height * 100).rounded() / 100, 0.01))
    }
  }
}

/// Whether other anchors than those that a network has are worth taking.
public struct AnchorVerdict: Hashable, Sendable {
  /// How well the network's own do.
  public let own: AnchorFit
  /// How well the others do.
  public let others: AnchorFit

  /// The gain in mean IoU from which on others are worth taking.
  public static let leastGainOfMeanIoU = 0.05
  /// The gain in best possible recall from which on they are.
  public static let leastGainOfRecall = 0.01

  /// Holds the two side by side.
  public init(own: AnchorFit, others: AnchorFit) { (self.own, self.others) = (own, others) }

  /// Mean IoU of the others minus that of the own.
  public var gainOfMeanIoU: Double { others.meanIoU - own.meanIoU }
  /// Best possible recall of the others minus that of the own.
  public var gainOfRecall: Double { others.bestPossibleRecall - own.bestPossibleRecall }

  /// Whether the others are worth taking.
  public var isWorthwhile: Bool {
    gainOfMeanIoU >= Self.leastGainOfMeanIoU || gainOfRecall >= Self.leastGainOfRecall
  }
}
