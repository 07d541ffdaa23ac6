import Boxes
import Reports
import Training

/// What a pruning cost, measured on the same pictures before and after.
public struct PruningLoss: Hashable, Sendable {
  /// mAP@0.5:0.95 of the whole network and of the pruned one, with the interval of the difference.
  public let change: BootstrapResult
  /// The change of the figure that lost the most.
  public let worst: BootstrapResult
  /// What all that was measured amounts to.
  public let judgement: DifferenceJudgement

  /// The cost of a change of mAP@0.5:0.95.
  public init(_ change: BootstrapResult) {
    (self.change, worst, judgement) = (change, change, change.judgement)
  }

  /// The cost of the changes of all figures; nil without one of mAP@0.5:0.95.
  public init?(_ differences: [BootstrapResult]) {
    guard let change = differences.first(where: { $0.metric == .map }),
      let worst = differences.worst, let judgement = differences.judgement
    else { return nil }
    (self.change, self.worst, self.judgement) = (change, worst, judgement)
  }

  /// Points of mAP@0.5:0.95 that were lost; below 0 where some were won.
  public var points: Double { 100 * (change.baseline - change.candidate) }
  /// Points of the figure that lost the most, mAP@0.5 or mAP@0.5:0.95.
  public var greatestPoints: Double { 100 * (worst.baseline - worst.candidate) }

  /// Whether the network has to be trained before use, or may have to be.
  public var callsForTuning: Bool {
    switch judgement {
    case .loss, .unclear: true
    case .gain, .nothingToLose, .noDifference, .smallLoss: false
    }
  }

  /// Refuses a pruning that cost more than was allowed, of either figure.
  ///
  /// - Throws: ``PruningError/losesTooMuch(_:allowed:)``, ``PruningError/nothingToLose(_:)``.
  public func check(allowed: Double) throws(PruningError) {
    guard judgement != .nothingToLose else { throw .nothingToLose(self) }
    guard greatestPoints <= allowed else { throw .losesTooMuch(self, allowed: allowed) }
  }
}

extension PruningLoss: CustomStringConvertible {
  /// "0.6540 → 0.0040 (-65.00 points)".
  public var description: String { change.change }
}
