/// What the mAP of a run says about going on: whether the network still gets better, and whether it
/// has settled.
public struct TrainingTrend: Hashable, Sendable {
  /// By how much mAP@0.5 has to rise from one quarter, or half, of the epochs to the next to count.
  static let rise = 0.02
  /// Fewer judged epochs have no quarters.
  private static let leastEpochs = 8

  /// The best mAP@0.5, `0...1`; nil where nothing was measured.
  public let best: Double?
  /// mAP@0.5 of the last epoch that was judged.
  public let last: Double?
  /// The mean of the last quarter of the judged epochs over that of the quarter before; nil with
  /// too few.
  public let gain: Double?
  /// The best of the second half over the best of the first; nil with too few. Of a run that was made
  /// twice as long this is what the second half of it was worth.
  public let halfGain: Double?
  /// The mean of the last eighth over that of the eighth before; nil with too few.
  let lateGain: Double?
  /// Whether the best judged epoch lies in the last quarter.
  let isBestLate: Bool
  /// What a difference of two epochs may be by chance, in mAP@0.5 (``BestEpoch``).
  private let chance: Double

  /// The trend of some epochs, in their order.
  ///
  /// - Parameter objects: to find in the pictures that they were judged on; nil for so many that nothing
  ///   is chance.
  public init(_ figures: [EpochFigures], objects: Int? = nil) {
    let values = figures.compactMap(\.map50)
    (best, last) = (values.max(), values.last)
    func mean(_ values: ArraySlice<Double>) -> Double {
      values.reduce(0, +) / Double(values.count)
    }
    /// How much higher the last of some parts is than the one before.
    func gain(parts: Int) -> Double? {
      guard values.count >= Self.leastEpochs else { return nil }
      let count = max(values.count / parts, 1)
      return mean(values.suffix(count)) - mean(values.suffix(2 * count).prefix(count))
    }
    (self.gain, lateGain) = (gain(parts: 4), gain(parts: 8))
    let (early, late) = (values.prefix(values.count / 2), values.dropFirst(values.count / 2))
    halfGain =
      values.count < Self.leastEpochs ? nil : (late.max() ?? 0) - (early.max() ?? 0)
    chance = objects.map { BestEpoch(objects: $0, start: nil).chance(of: values.max() ?? 0) } ?? 0
    isBestLate = values.suffix(max(values.count / 4, 1)).max() == best
  }

  /// Whether the network still got better at the end: from quarter to quarter, to the best that it ever
  /// was, and without losing half of that again. What falls and comes back, as after a restart of the
  /// learning rate, does not rise; nor what rises by no more than chance.
  public var isRising: Bool {
    seemsRising && !isWithinChance
  }
  /// Whether it seems to get better, but by no more than the highest of several epochs may be by chance.
  public var isWithinChance: Bool { seemsRising && (gain ?? 0) < chance }

  private var seemsRising: Bool {
    guard let gain, let lateGain, !isSettled else { return false }
    return gain >= Self.rise && isBestLate && lateGain > -gain / 2
  }
  /// Whether the second half of the epochs hardly made the best network better. So a run that is made
  /// twice as long, again and again, settles at some time.
  public var isSettled: Bool { halfGain.map { $0 < Self.rise } ?? false }
}
