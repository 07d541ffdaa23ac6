import Boxes
import Reports

/// What a pruning cost, measured on the same pictures before and after.
public struct PruningLoss: Hashable, Sendable {
  /// mAP@0.5:0.95 of the whole network and of the pruned one, with the interval of the difference.
  public var change: BootstrapResult

  /// The cost of a change of mAP@0.5:0.95.
  public init(_ change: BootstrapResult) { self.change = change }

  /// Points of mAP@0.5:0.95 that were lost; below 0 where some were won.
  public var points: Double { 100 * (change.baseline - change.candidate) }

  /// What that amounts to.
  public var judgement: DifferenceJudgement { change.judgement }

  /// Whether the network has to be trained before use, or may have to be.
  public var callsForTuning: Bool {
    switch judgement {
    case .loss, .unclear: true
    case .gain, .nothingToLose, .noDifference, .smallLoss: false
    }
  }

  /// Refuses a pruning that cost more than was allowed.
  ///
  /// - Throws: ``PruningError/losesTooMuch(_:allowed:)``, ``PruningError/nothingToLose(_:)``.
  public func check(allowed: Double) throws(PruningError) {
    guard judgement != .nothingToLose else { throw .nothingToLose(self) }
    guard points <= allowed else { throw .losesTooMuch(self, allowed: allowed) }
  }
}

extension PruningLoss: CustomStringConvertible {
  /// "0.6540 → 0.0040 (-65.00 points)".
  public var description: String {
    let sign = points > 0 ? "-" : "+"
    return "\(Figures.fixed(change.baseline, 4)) → \(Figures.fixed(change.candidate, 4)) "
      + "(\(sign)\(Figures.fixed(abs(points), 2)) points)"
  }
}
