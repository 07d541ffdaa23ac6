import Reports

/// The strength of sparse training, steered by validation and by the sparsity that is reached.
///
/// It starts at a tenth of the ceiling and waits while the learning rate rises, which costs mAP of
/// its own: what is left when it has risen is the first best. Then, after each evaluation of a
/// network that finds anything, by the median of the last three, for one alone is noisy:
/// - mAP@0.5 within ``band`` points of the best so far, the network before training included where
///   the rate did not rise: half as much again, up to the ceiling;
/// - below the band: half;
/// - sparsity that had begun to grow stands still for a twentieth of the epochs, three at least,
///   counted in evaluations after which the strength could not rise: half, from then on after every
///   evaluation, so that the large scales recover;
/// - the last tenth of the epochs: the same, so that no run ends with the harm of its last rise.
///
/// A hundredth of the ceiling always stays, as with the other schedules.
public struct SparsityControl: Codable, Hashable, Sendable {
  /// The greatest strength.
  public let ceiling: Double
  /// How far mAP@0.5 may fall below its best, in points (hundredths).
  public let band: Double
  /// The strength that holds until the next evaluation.
  public private(set) var strength: Double
  /// The best median of mAP@0.5 so far, `0...1`.
  private(set) var best = 0.0
  /// mAP@0.5 of the last evaluations, three at most, the newest last.
  private var recent: [Double] = []
  /// The greatest learning rate so far; 0 before the first step.
  private var peakRate = 0.0
  /// Whether the learning rate has risen since the last evaluation.
  private var isWarmingUp = false
  /// The share of small scales before training, `0...1`.
  private(set) var firstShare = 0.0
  /// The share of small scales when it was last found to have grown, `0...1`.
  private(set) var share = 0.0
  /// Epochs for which the sparsity has stood still while the strength could not rise.
  private(set) var stalledEpochs = 0
  /// The last epoch that was judged; -1 before the first.
  private(set) var lastEpoch = -1
  /// Whether the sparsity has reached its plateau.
  private(set) var isDecaying = false

  private static let startFraction = 0.1
  private static let rise = 1.5
  private static let fall = 0.5
  /// The part of the run in which the strength may rise.
  private static let steeredPart = 0.9
  /// Growth of the share of small scales that counts as growth.
  private static let growth = 0.005

  /// The state before training.
  public init(ceiling: Double, band: Double) {
    self.ceiling = ceiling
    self.band = band
    strength = ceiling * Self.startFraction
  }

  /// Takes up the network as it is before training.
  ///
  /// - Parameters:
  ///   - map50: mAP@0.5, `0...1`.
  ///   - share: of the scales that are small, `0...1`.
  public mutating func begin(map50: Double, share: Double) {
    judge(map50)
    (firstShare, self.share) = (share, share)
  }

  /// Takes up the learning rate of a step.
  mutating func step(learningRate: Double) {
    if peakRate > 0 && learningRate > peakRate { isWarmingUp = true }
    peakRate = max(peakRate, learningRate)
  }

  /// Takes up an evaluation's mAP@0.5.
  ///
  /// - Returns: the median of the last three, the lower one of two.
  @discardableResult
  private mutating func judge(_ map50: Double) -> Double {
    recent = (recent + [map50]).suffix(3)
    let median = recent.sorted()[(recent.count - 1) / 2]
    best = max(best, median)
    return median
  }

  /// Takes up an evaluation after an epoch.
  ///
  /// - Parameters:
  ///   - map50: mAP@0.5, `0...1`.
  ///   - share: of the scales that are small, `0...1`.
  ///   - epoch: from 0.
  ///   - epochs: of the whole run.
  /// - Returns: a line for the log where the strength falls out of turn.
  public mutating func update(
    map50: Double, share: Double, epoch: Int, epochs: Int
  ) -> String? {
    let elapsed = epoch - lastEpoch
    lastEpoch = epoch
    if isWarmingUp { (isWarmingUp, best, recent) = (false, 0, []) }
    let isFirst = recent.isEmpty
    let judged = judge(map50)
    if isFirst { return nil }
    let hasGrown = share >= self.share + Self.growth
    if hasGrown { (self.share, stalledEpochs) = (share, 0) }
    let wasDecaying = isDecaying
    if Double(epoch + 1) > Self.steeredPart * Double(epochs) { isDecaying = true }
    let isInside = (best - judged) * 100 <= band
    if isInside && !isDecaying && strength < ceiling {
      // A network that finds nothing yet cannot say when to stop.
      if best > 0 { strength = min(strength * Self.rise, ceiling) }
      return nil
    }
    if !hasGrown && self.share > firstShare { stalledEpochs += elapsed }
    var reason: String?
    if !isInside {
      let points = Figures.fixed((best - judged) * 100, 1)
      reason = "mAP@0.5 is \(points) points below the best"
    } else if !isDecaying && stalledEpochs >= max(3, epochs / 20) {
      isDecaying = true
      reason = "the share of small scales stands still"
    } else if isDecaying && !wasDecaying {
      reason = "the end of the run is near"
    }
    guard !isInside || isDecaying else { return nil }
    let before = strength
    strength = max(strength * Self.fall, ceiling * SparsitySchedule.remainder)
    guard let reason, strength < before else { return nil }
    return "\(reason): sparsity falls from \(Figures.significant(before)) to "
      + Figures.significant(strength)
  }
}
