/// mAP@0.5 at rising shares, and where it breaks off.
public struct PruningCurve: Hashable, Sendable {
  /// One share.
  public struct Point: Hashable, Sendable {
    /// The share of channels that went, `0..<1`.
    public var percent: Double
    /// mAP@0.5 of what it left, `0...1`.
    public var map50: Double

    /// A share and what it left.
    public init(percent: Double, map50: Double) { (self.percent, self.map50) = (percent, map50) }
  }

  /// How much of mAP@0.5 may be lost before it counts as the cliff: 5 points.
  public static let tolerance = 0.05

  /// mAP@0.5 of the whole network.
  public var original: Double
  /// The shares, ascending.
  public var points: [Point]

  /// A measured curve.
  public init(original: Double, points: [Point]) {
    (self.original, self.points) = (original, points)
  }

  /// The largest measured share before the cliff.
  public var reach: Double {
    points.prefix { $0.map50 >= original - Self.tolerance }.last?.percent ?? 0
  }

  /// The smallest measured share that loses more than ``tolerance``; nil when none does.
  public var cliff: Double? {
    points.first { $0.map50 < original - Self.tolerance }?.percent
  }
}
