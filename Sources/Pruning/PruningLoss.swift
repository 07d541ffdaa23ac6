import Reports

/// What a pruning cost, measured on the same pictures before and after.
public struct PruningLoss: Hashable, Sendable {
  /// How much that is.
  public enum Size: Hashable, Sendable {
    /// There was nothing to lose: the network found next to nothing before either.
    case unknowable
    /// Nothing was lost.
    case nothing
    /// No more than ``small``, and no more than a twentieth of what there was.
    case little
    /// More than that, but it may be chance.
    case unclear
    /// More than that.
    case much
  }

  /// mAP@0.5:0.95 of the whole network, `0...1`.
  public var before: Double
  /// mAP@0.5:0.95 of the pruned one, `0...1`.
  public var after: Double
  /// Whether the difference is more than chance: its interval leaves out zero.
  public var isShown: Bool

  /// Points that do not call for fine-tuning: what two trainings of one network differ by.
  public static let small = 1.0
  /// mAP@0.5:0.95 below which a network finds next to nothing.
  private static let meaningful = 0.01

  /// A loss, more than chance unless given.
  public init(before: Double, after: Double, isShown: Bool = true) {
    (self.before, self.after, self.isShown) = (before, after, isShown)
  }

  /// Points of mAP@0.5:0.95 that were lost; below 0 where some were won.
  public var points: Double { 100 * (before - after) }

  /// How much that is.
  public var size: Size {
    if before < Self.meaningful { return .unknowable }
    if points <= 0 { return .nothing }
    if points <= Self.small, after >= 0.95 * before { return .little }
    return isShown ? .much : .unclear
  }

  /// Refuses a pruning that cost more than was allowed.
  ///
  /// - Throws: ``PruningError/losesTooMuch(_:allowed:)``, ``PruningError/nothingToLose(_:)``.
  public func check(allowed: Double) throws(PruningError) {
    guard size != .unknowable else { throw .nothingToLose(self) }
    guard points <= allowed else { throw .losesTooMuch(self, allowed: allowed) }
  }
}

extension PruningLoss: CustomStringConvertible {
  /// "0.6540 → 0.0040 (-65.00 points)".
  public var description: String {
    let sign = points > 0 ? "-" : "+"
    return
      "\(Figures.fixed(before, 4)) → \(Figures.fixed(after, 4)) (\(sign)\(Figures.fixed(abs(points), 2)) points)"
  }
}
