import Darknet

/// Prunes the channels of one network by one method.
///
/// ```swift
/// let pruner = try Pruner(configuration, parameters, method: .normal)
/// print("safe up to \(pruner.safePercent)")
/// let result = try pruner(percent: 0.6)
/// ```
///
/// The threshold is the quantile `percent` of what the channels in scope are worth, where channels
/// that go together are worth the same; so `percent` is the share of them that goes. Without ties
/// this is the published rule (SPEC section 5.2).
public struct Pruner: Sendable {
  /// The cfg that is pruned.
  public let configuration: Configuration
  /// The cfg, typed.
  public let spec: NetworkSpec
  /// The parameters that are pruned.
  public let parameters: NetworkParameters
  /// What the network makes of pixel values.
  public let inputScale: InputScale
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

  private let selection: ChannelSelection

  /// The largest share that leaves every layer a channel of its own: up to it, nothing has to be
  /// kept against the threshold.
  public var safePercent: Double { selection.safePercent }

  /// Labels and scores a network.
  ///
  /// - Parameters:
  ///   - scores: of every channel by layer, for methods whose score is measured on pictures or
  ///     replaced by another; those of the method's own score from the parameters unless given.
  ///   - normalization: what makes the scores of layers comparable.
  /// - Throws: ``PruningError`` when the parameters do not fit, are damaged, or leave nothing to
  ///   choose; ``ConfigurationError`` when the cfg makes no sense.
  public init(
    _ configuration: Configuration, _ parameters: NetworkParameters,
    method: PruningMethod = .normal, scope: PruningScope = .all, scores: [[Float]]? = nil,
    normalization: ImportanceScore.Normalization = .none, seed: UInt64 = 0,
    inputScale: InputScale = .by255
  ) throws {
    self.configuration = configuration
    self.inputScale = inputScale
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
    let byLayer = scores ?? method.score.values(spec, parameters, seed: seed)
    guard
      let selection = ChannelSelection(
        spec, slots, classes, exclusions: exclusions,
        slotScores: byLayer.normalized(normalization).bySlot(slots), method: method)
    else { throw PruningError.nothingToPrune(scope) }
    self.selection = selection
    if let score = selection.uniformScore { throw PruningError.scalesAllEqual(score) }
  }

  /// Prunes.
  ///
  /// - Parameters:
  ///   - percent: the share of the channels in scope that goes, `0..<1`. Channels that are worth as
  ///     much as the threshold stay, so ties can make it less.
  ///   - force: prunes beyond ``safePercent``, where a layer that would lose all its channels keeps
  ///     its best one.
  /// - Throws: ``PruningError`` when `percent` is out of range or, without `force`, not safe.
  public func callAsFunction(percent: Double, force: Bool = false) throws -> PruningResult {
    try self(PruningRequest(percent: percent), force: force)
  }

  /// Prunes by a request with more than a share.
  ///
  /// - Throws: ``PruningError`` when a share is out of range or, without `force`, not safe.
  public func callAsFunction(
    _ request: PruningRequest, force: Bool = false
  ) throws -> PruningResult {
    for percent in [request.percent] + request.ranges.map(\.percent) {
      guard percent >= 0, percent < 1 else { throw PruningError.percentOutOfRange(percent) }
    }
    guard force || method.judgement == .random || request.percent <= safePercent else {
      throw PruningError.beyondSafePercent(request.percent, safe: safePercent)
    }
    return try result(
      mask: selection.mask(request),
      threshold: selection.threshold(percent: request.percent) ?? 0, percent: request.percent)
  }

  /// Surgery on the compensated parameters, and the figures.
  func result(mask: KeepMask, threshold: Float, percent: Double) throws -> PruningResult {
    let compensated = Compensation(
      spec: spec, slots: slots, mask: mask, inputScale: inputScale)(parameters)
    let surgery = Surgery(spec: spec, slots: slots, mask: mask)
    let compact = surgery.pruned(configuration)
    let compactSpec = try NetworkSpec(compact)
    let compactParameters = surgery.pruned(compensated)
    if let misfit = compactParameters.misfit(with: compactSpec) {
      throw PruningError.surgeryFailed(misfit)
    }
    let (width, height) = (spec.net.width, spec.net.height)
    let plan = PruningPlan(
      method: method.name, scope: scope, percent: percent, threshold: threshold,
      safePercent: safePercent,
      removedShare: Double(mask.stays.count { !$0 }) / Double(selection.slotCount),
      layers: spec.layers.indices.filter { spec.layers[$0].convolution != nil }.map {
        LayerWidth(
          layer: $0, before: spec.outChannels(ofLayer: $0),
          after: compactSpec.outChannels(ofLayer: $0))
      },
      before: try spec.profile(width: width, height: height),
      after: try compactSpec.profile(width: width, height: height))
    return PruningResult(
      configuration: compact, parameters: compactParameters, plan: plan,
      masked: MaskedNetwork(
        configuration: configuration, parameters: compensated, inputScale: inputScale,
        masks: slots.outputs.map(mask.factors)),
      keptChannels: slots.outputs.map(mask.kept))
  }
}

/// Prunes a network in one call; see ``Pruner``.
///
/// - Throws: ``PruningError``, or ``ConfigurationError`` when the cfg makes no sense.
public func prune(
  _ configuration: Configuration, _ parameters: NetworkParameters,
  method: PruningMethod = .normal, percent: Double, scope: PruningScope = .all,
  force: Bool = false
) throws -> PruningResult {
  try Pruner(configuration, parameters, method: method, scope: scope)(
    percent: percent, force: force)
}
