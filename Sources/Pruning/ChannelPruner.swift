import Darknet

/// Prunes the channels of one network by one method.
///
/// ```swift
/// let pruner = try ChannelPruner(configuration, parameters, method: .normal)
/// print("safe up to \(pruner.safePercent)")
/// let result = try pruner(percent: 0.6)
/// ```
///
/// Every channel in scope is worth the score of its class (``SlotClasses``): the smallest of its
/// product partners, each of which is what the method's merge makes of the channels that are added
/// together. The threshold is the quantile `percent` of these worths, so that `percent` is the
/// share of the channels in scope that go. Without ties this is the published rule.
public struct ChannelPruner: Sendable {
  /// The cfg that is pruned.
  public let configuration: Configuration
  /// The cfg, typed.
  public let spec: NetworkSpec
  /// The parameters that are pruned.
  public let parameters: NetworkParameters
  /// The row of the table.
  public let method: PruningMethod
  /// Which convolutions may be pruned.
  public let scope: PruningScope
  /// The labels of the network.
  public let slots: ChannelSlots
  /// Which slots stay or go together.
  public let classes: SlotClasses
  /// Why each class stays whatever its score; nil for those that may go.
  public let exclusions: [Exclusion?]
  /// The largest share that leaves every layer a channel of its own: below it, nothing has to be
  /// kept against the threshold.
  public let safePercent: Double

  /// The score of each class; nil where it stays.
  private let scores: [Float?]
  /// The worth of every channel in scope, ascending.
  private let worths: [Float]

  /// Labels and scores a network.
  ///
  /// - Throws: ``PruningError`` when the parameters do not fit, are damaged, or leave nothing to
  ///   choose; ``ConfigurationError`` when the cfg makes no sense.
  public init(
    _ configuration: Configuration, _ parameters: NetworkParameters,
    method: PruningMethod = .normal, scope: PruningScope = .all
  ) throws {
    self.configuration = configuration
    self.parameters = parameters
    self.method = method
    self.scope = scope
    spec = try NetworkSpec(configuration)
    try parameters.check(against: spec)
    slots = try ChannelSlots(spec)
    classes = SlotClasses(slots)
    exclusions = classes.exclusions(
      slots, spec: spec, excludedLayers: try scope.exclusions(spec),
      needsScale: method.score.needsScale)

    let slotScores = method.score.values(slots, parameters)
    var scores: [Float?] = []
    var worths: [Float] = []
    var voting: [Float] = []
    for (each, exclusion) in zip(classes.classes, exclusions) {
      // A group without scores has no vote; what is added together is judged as one; what is
      // multiplied dies with its weakest part.
      let groups = each.groups.map { group in group.compactMap { slotScores[$0] } }
      let score = groups.compactMap { method.parallelMerge.score($0) }.min()
      guard exclusion == nil, let score else {
        scores.append(nil)
        continue
      }
      scores.append(score)
      voting += groups.joined()
      worths += [Float](repeating: score, count: groups.reduce(0) { $0 + $1.count })
    }
    guard let first = voting.first else { throw PruningError.nothingToPrune(scope) }
    guard voting.contains(where: { $0 != first }) else {
      throw PruningError.scalesAllEqual(first)
    }
    worths.sort()
    self.scores = scores
    self.worths = worths
    safePercent = Self.safePercent(
      slots: slots, classes: classes, scores: scores, worths: worths)
  }

  /// Prunes.
  ///
  /// - Parameters:
  ///   - percent: the share of the channels in scope that goes, `0..<1`.
  ///   - force: prunes beyond ``safePercent``, where a layer that would lose all its channels keeps
  ///     its best one.
  /// - Throws: ``PruningError`` when `percent` is out of range or, without `force`, not safe.
  public func callAsFunction(percent: Double, force: Bool = false) throws -> PruningResult {
    guard percent >= 0, percent < 1 else { throw PruningError.percentOutOfRange(percent) }
    guard force || percent <= safePercent else {
      throw PruningError.beyondSafePercent(percent, safe: safePercent)
    }
    let threshold = worths[min(Int(Double(worths.count) * percent), worths.count - 1)]
    return try result(mask: mask(threshold: threshold), threshold: threshold, percent: percent)
  }

  /// What stays at a threshold: the classes whose scores pass, and of every layer at least one.
  func mask(threshold: Float) -> KeepMask {
    var stays = scores.map { score in
      score.map { method.comparison.keeps($0, threshold: threshold) } ?? true
    }
    // Chunks hold the same places, so a layer that keeps one slot keeps one a chunk.
    for made in madeSlots() {
      let own = made.map { classes.classOfSlot[$0] }
      guard !own.contains(where: { stays[$0] }) else { continue }
      let best = own.max { (scores[$0] ?? .infinity) < (scores[$1] ?? .infinity) }
      if let best { stays[best] = true }
    }
    return KeepMask(stays: classes.classOfSlot.map { stays[$0] })
  }

  /// Surgery on the compensated parameters, and the figures.
  func result(mask: KeepMask, threshold: Float, percent: Double) throws -> PruningResult {
    let compensated = Compensation(spec: spec, slots: slots, mask: mask)(parameters)
    let surgery = Surgery(spec: spec, slots: slots, mask: mask)
    let compact = surgery.pruned(configuration)
    let compactSpec = try NetworkSpec(compact)
    let compactParameters = surgery.pruned(compensated)
    if let misfit = compactParameters.misfit(with: compactSpec) {
      throw PruningError.surgeryFailed(misfit)
    }
    let plan = PruningPlan(
      method: method.name, scope: scope, percent: percent, threshold: threshold,
      safePercent: safePercent,
      removedShare: Double(mask.stays.count { !$0 }) / Double(max(scopeSlotCount, 1)),
      layers: spec.layers.indices.filter { spec.layers[$0].convolution != nil }.map {
        LayerWidth(
          layer: $0, before: spec.outChannels(ofLayer: $0),
          after: compactSpec.outChannels(ofLayer: $0))
      },
      before: NetworkCost(spec), after: NetworkCost(compactSpec))
    return PruningResult(
      configuration: compact, parameters: compactParameters, plan: plan,
      masked: MaskedNetwork(
        configuration: configuration, parameters: compensated,
        masks: slots.outputs.map(mask.factors)),
      keptChannels: slots.outputs.map(mask.kept))
  }

  /// Slots that may go.
  private var scopeSlotCount: Int {
    zip(classes.classes, scores).reduce(0) { $0 + ($1.1 == nil ? 0 : $1.0.members.count) }
  }

  /// The slots of each producing layer.
  private func madeSlots() -> [[Int]] { Self.madeSlots(slots) }

  private static func madeSlots(_ slots: ChannelSlots) -> [[Int]] {
    var made: [Int: [Int]] = [:]
    for (slot, origin) in slots.origins.enumerated() {
      if let layer = origin.layer { made[layer, default: []].append(slot) }
    }
    return made.sorted { $0.key < $1.key }.map(\.value)
  }

  /// The share of worths below the smallest of the layers' largest.
  private static func safePercent(
    slots: ChannelSlots, classes: SlotClasses, scores: [Float?], worths: [Float]
  ) -> Double {
    var height = Float.infinity
    for made in madeSlots(slots) {
      let largest = made.map { scores[classes.classOfSlot[$0]] ?? .infinity }.max()
      height = min(height, largest ?? .infinity)
    }
    return Double(worths.count { $0 < height }) / Double(worths.count)
  }
}

/// Prunes a network in one call; see ``ChannelPruner``.
///
/// - Throws: ``PruningError``, or ``ConfigurationError`` when the cfg makes no sense.
public func prune(
  _ configuration: Configuration, _ parameters: NetworkParameters,
  method: PruningMethod = .normal, percent: Double, scope: PruningScope = .all,
  force: Bool = false
) throws -> PruningResult {
  try ChannelPruner(configuration, parameters, method: method, scope: scope)(
    percent: percent, force: force)
}
