/// What a difference of two detectors on the same pictures amounts to.
///
/// Pruning, quantizing and comparing all judge by this, so that like differences are told in like
/// words.
public enum DifferenceJudgement: String, CaseIterable, Codable, Hashable, Sendable {
  /// The interval lies above zero.
  case gain
  /// The first detector finds next to nothing, so the second has nothing to lose.
  case nothingToLose = "nothing-to-lose"
  /// The interval holds zero, and reaches no further than ``BootstrapResult/widestReach``.
  case noDifference = "no-difference"
  /// The interval holds zero and reaches further, or is of too few pictures: a loss may hide in it.
  case unclear
  /// The interval lies below zero; a point at most was lost, and a twentieth of what there was.
  case smallLoss = "small-loss"
  /// The interval lies below zero, and more than that was lost.
  case loss
}

extension BootstrapResult {
  /// Half of an interval, in mAP, from which on it says little.
  public static let widestReach = 0.03
  /// A loss that does not call for more training: what two trainings of one network differ by.
  public static let smallLoss = 0.01
  /// A figure below which a detector finds next to nothing.
  private static let meaningful = 0.01
  /// A figure that, where next to nothing is left of it, is a loss on however few pictures.
  private static let plain = 0.1

  /// What ``reach`` comes to on pictures with so many objects, as a rule, before there are networks:
  /// docs/formulas.md 8.6. For two that disagree about an eighth of the objects.
  public static func usualReach(objects: Int) -> Double {
    1.96 * (0.125 / Double(max(objects, 1))).squareRoot()
  }

  /// How much may be lost, as far as the interval tells, `0...1`.
  public var possibleLoss: Double { max(-interval.lowerBound, 0) }

  /// Half of the interval.
  public var reach: Double { (interval.upperBound - interval.lowerBound) / 2 }

  /// A difference smaller than that can hardly be shown, by an interval as wide as this one: how far it
  /// reaches from ``difference`` to the farther end. Never below a difference that was not shown.
  public var leastShown: Double {
    max(interval.upperBound - difference, difference - interval.lowerBound)
  }

  /// Whether next to nothing is found after the change.
  public var findsNothing: Bool { candidate < Self.meaningful }

  /// What the difference amounts to.
  public var judgement: DifferenceJudgement {
    if showsDifference, difference > 0 { return .gain }
    if baseline < Self.meaningful { return .nothingToLose }
    // Nobody needs a statistic for that.
    if findsNothing, baseline >= Self.plain { return .loss }
    guard showsDifference else {
      return reach > Self.widestReach || !canShowDifference ? .unclear : .noDifference
    }
    return difference >= -Self.smallLoss && candidate >= 0.95 * baseline ? .smallLoss : .loss
  }
}

extension [BootstrapResult] {
  /// What the differences of all figures of two detectors amount to: that of mAP@0.5:0.95, but a loss
  /// where another figure shows one, and unclear where another fell by more than
  /// ``BootstrapResult/smallLoss`` on pictures that are too few to tell. Nil where there is none.
  public var judgement: DifferenceJudgement? {
    guard let main = first(where: { $0.metric == .map }) ?? first else { return nil }
    guard main.judgement != .nothingToLose else { return .nothingToLose }
    if contains(where: { $0.judgement == .loss }) { return .loss }
    let mayHideLoss = contains {
      $0.judgement == .unclear && $0.difference < -BootstrapResult.smallLoss
    }
    return mayHideLoss ? .unclear : main.judgement
  }

  /// The figure that lost the most; of equal ones the first. Nil where there is none.
  public var worst: BootstrapResult? { self.min { $0.difference < $1.difference } }
}
