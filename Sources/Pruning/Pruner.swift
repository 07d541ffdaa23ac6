import Darknet

/// Prunes the channels and residual blocks of one network by one method.
///
/// ```swift
/// let pruner = try Pruner(configuration, parameters, method: .normal)
/// print("no layer is emptied up to \(pruner.emptyingPercent)")
/// let result = try pruner.prune(percent: 0.6)
/// ```
///
/// The threshold is the quantile `percent` of what the channels in scope are worth, where channels
/// that go together are worth the same; so `percent` is the share of them that goes. Without ties
/// this is the published rule (docs/formulas.md 7.4).
public struct Pruner: Sendable {
  /// The cfg that is pruned.
  public let configuration: Configuration
  /// The cfg, typed.
  public let spec: NetworkSpec
  /// The parameters that are pruned.
  public let parameters: NetworkParameters
  /// What the network makes of pixel values.
  public let inputScale: InputScale
  /// How channels are judged: a row of ``PruningMethod/all``, or one like it.
  public let method: PruningMethod
  /// Which convolutions may be pruned.
  public let scope: PruningScope
  /// Where its channels come from, and which axes of its parameters count them.
  public let slots: ChannelSlots
  /// Which slots stay or go together; no classes of objects.
  public let classes: SlotClasses
  /// Why each class stays whatever its score; nil for those that may go.
  public let exclusions: [Exclusion?]

  /// The residual blocks that can go as a whole.
  public let blocks: [ResidualBlock]

  private let slotScores: [Float?]
  /// Nil for methods that judge no channel.
  private let selection: ChannelSelection?

  /// The largest share, `0...1`, that leaves every layer a channel of its own: up to it, nothing
  /// has to be kept against the threshold. Zero for methods that judge no channel.
  public var emptyingPercent: Double { selection?.emptyingPercent ?? 0 }

  /// For every layer, how much of the whole scope may go before it has no channel of its own left;
  /// without layers that always keep one.
  public var emptyingPercents: [LayerEmptying] { selection?.emptyingPercents ?? [] }

  /// Finds the channels of a network, those that go together, and what they are worth.
  ///
  /// - Parameters:
  ///   - scores: of every channel by layer. Needed where the method's score is measured on pictures
  ///     (``MeasuredScores``); else its own from the parameters unless given.
  ///   - normalization: what makes the scores of layers comparable.
  ///   - seed: of the score ``ImportanceScore/random``.
  ///   - inputScale: what the network makes of pixel values.
  /// - Throws: ``PruningError`` when the parameters do not fit, are damaged, or leave nothing to
  ///   choose; ``ConfigurationError`` when the cfg makes no sense; ``TorchError`` out of memory.
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
    blocks = method.removesBlocks ? ResidualBlock.all(in: spec, slots) : []
    if scores == nil && method.score.needsPictures {
      throw PruningError.scoresMissing(method.score)
    }
    let byLayer = try scores ?? method.score.values(spec, parameters, seed: seed)
    slotScores = byLayer.normalized(normalization).bySlot(slots)
    selection = ChannelSelection(
      spec, slots, classes, exclusions: exclusions, slotScores: slotScores, method: method)
    let nothingIsJudged = method.judgement == .nothing ? blocks.isEmpty : selection == nil
    if nothingIsJudged {
      if method.judgement == .nothing { throw PruningError.noBlocks }
      let hasScales = spec.layers.contains { $0.convolution?.batchNormalize == true }
      throw method.score.needsScale && !hasScales
        ? PruningError.noScales : PruningError.nothingToPrune(scope)
    }
    let judged = selection?.judgedScores ?? slotScores.compactMap { $0 }
    if let first = judged.first, judged.allSatisfy({ $0 == first }) {
      throw method.score == .scaleMagnitude
        ? PruningError.scalesAllEqual(first) : PruningError.scoresAllEqual(method.score, first)
    }
  }

  /// Prunes.
  ///
  /// - Parameters:
  ///   - percent: the share of the channels in scope that goes, `0..<1`. Channels that are worth as
  ///     much as the threshold stay, so ties can make it less.
  ///   - force: prunes beyond ``emptyingPercent``, where a layer that would lose all its channels
  ///     keeps its best one.
  /// - Throws: ``PruningError`` when `percent` is out of range or, without `force`, would empty a
  ///   layer.
  public func prune(percent: Double, force: Bool = false) throws -> PruningResult {
    try prune(PruningRequest(percent: percent), force: force)
  }

  /// Prunes by a request with more than a share.
  ///
  /// - Throws: ``PruningError`` when a share is out of range or, without `force`, would empty a
  ///   layer.
  public func prune(
    _ request: PruningRequest, force: Bool = false
  ) throws -> PruningResult {
    let mask = try mask(request, force: force)
    return try result(
      mask: mask, threshold: selection?.threshold(percent: request.percent) ?? 0,
      percent: request.percent)
  }

  /// What a request would leave the network to cost.
  ///
  /// - Parameters:
  ///   - width: of the input in pixels; the cfg's own unless given.
  ///   - height: of the input in pixels; the cfg's own unless given.
  /// - Throws: ``PruningError`` when a share is out of range.
  public func cost(
    _ request: PruningRequest, width: Int? = nil, height: Int? = nil
  ) throws -> NetworkCost {
    let mask = try mask(request, force: true)
    let surgery = Surgery(spec: spec, slots: slots, mask: mask)
    // A block goes as a whole: what follows reads what it was added to, which has its shape.
    return try surgery.narrowed().cost(
      width: width ?? spec.net.width, height: height ?? spec.net.height, without: mask.removes)
  }

  /// |γ| of the channels that a request would remove, without those of whole blocks: of a product
  /// (depthwise convolution) the smallest of its factors; infinite where there is no scale.
  ///
  /// - Throws: ``PruningError`` when a share is out of range or there are fewer blocks than asked
  ///   for.
  public func scalesToGo(_ request: PruningRequest) throws -> [Float] {
    let mask = try mask(request, force: true)
    var scales = slots.origins.map { origin -> Float in
      guard let layer = origin.layer, let gamma = parameters.layers[layer][.gamma]?.values else {
        return .infinity
      }
      return abs(gamma[origin.channel])
    }
    // Ties lead from input to output: forth and back reaches all factors of a chain.
    let products = slots.ties.filter { $0.kind == .product }
    for tie in products + products.reversed() {
      let smallest = min(scales[tie.first], scales[tie.second])
      (scales[tie.first], scales[tie.second]) = (smallest, smallest)
    }
    return zip(scales, mask.stays).compactMap { scale, stays in stays ? nil : scale }
  }

  /// Whether a share of a request leaves a layer no channel above the threshold, so that it is pruned by
  /// force alone.
  public func empties(_ request: PruningRequest) -> Bool {
    guard let selection else { return false }
    return request.shares(of: method).contains {
      $0.percent > selection.emptyingPercent(of: $0.layers)
    }
  }

  /// What stays under a request.
  func mask(_ request: PruningRequest, force: Bool) throws -> KeepMask {
    for percent in [request.percent] + request.ranges.map(\.percent) {
      guard percent >= 0, percent < 1 else { throw PruningError.percentOutOfRange(percent) }
    }
    if !force, let selection {
      let shares = request.shares(of: method)
      let emptyings = shares.map { selection.emptyingPercent(of: $0.layers) }
      for ((percent, layers), emptying) in zip(shares, emptyings) where percent > emptying {
        throw PruningError.wouldEmpty(
          percent, emptying: emptying, of: layers.map(ClosedRange.init),
          most: shares.allSatisfy { $0.percent == percent } ? emptyings.min() : nil)
      }
    }
    var mask = selection?.mask(request) ?? KeepMask(stays: slots.origins.map { _ in true })
    if method.removesBlocks { mask.removedBlocks = try worstBlocks(request.blocks, mask) }
    return mask
  }

  /// The blocks that are worth least, none inside another.
  private func worstBlocks(_ count: Int, _ mask: KeepMask) throws -> [ResidualBlock] {
    let ranked = scored(blocks, mask).sorted {
      ($0.worth, $0.block.shortcut) < ($1.worth, $1.block.shortcut)
    }
    var removed: [ResidualBlock] = []
    for block in ranked.map(\.block) where removed.count < count {
      guard !removed.contains(where: { $0.branch.contains(block.shortcut) }) else { continue }
      removed.removeAll { block.branch.contains($0.shortcut) }
      removed.append(block)
    }
    guard removed.count == count else {
      throw PruningError.tooFewBlocks(asked: count, found: removed.count)
    }
    return removed.sorted { $0.shortcut < $1.shortcut }
  }

  /// Blocks with what they are worth, without those that have no score.
  private func scored(_ blocks: [ResidualBlock], _ mask: KeepMask) -> [ScoredBlock] {
    blocks.compactMap { block in
      block.worth(slots, mask: mask, slotScores: slotScores).map {
        ScoredBlock(block: block, worth: $0)
      }
    }
  }

  /// Surgery on the compensated parameters, and the figures.
  func result(mask: KeepMask, threshold: Float, percent: Double) throws -> PruningResult {
    let compensated = Compensation(
      spec: spec, slots: slots, mask: mask, inputScale: inputScale)(parameters)
    var (compact, compactParameters, newIndices) = try Surgery(
      spec: spec, slots: slots, mask: mask)(configuration, compensated.parameters)
    let compactSpec = try NetworkSpec(compact)
    for (old, new) in newIndices.enumerated() {
      guard let new else { continue }
      compact.sections[new + 1].comment = LayerOrigin(
        layer: old, width: spec.outChannels(ofLayer: old),
        comment: configuration.sections[old + 1].comment
      ).keeping(mask.kept(slots.outputs[old], layer: old))
        .comment(width: compactSpec.outChannels(ofLayer: new))
    }
    compact = compact.renumbered()
    let judgedCount = selection?.slotCount ?? 0
    let (width, height) = (spec.net.width, spec.net.height)
    let plan = PruningPlan(
      method: method.name, scope: scope, percent: percent, threshold: threshold,
      emptyingPercent: emptyingPercent,
      removedShare: Double(mask.stays.count { !$0 }) / Double(max(judgedCount, 1)),
      layers: spec.layers.indices.filter { spec.layers[$0].convolution != nil }.map {
        LayerWidth(
          layer: $0, before: spec.outChannels(ofLayer: $0),
          after: newIndices[$0].map(compactSpec.outChannels) ?? 0)
      },
      removedBlocks: scored(mask.removedBlocks, mask), lostConstants: compensated.lost,
      before: try spec.profile(width: width, height: height),
      after: try compactSpec.profile(width: width, height: height))
    return PruningResult(
      configuration: compact, parameters: compactParameters, plan: plan,
      masked: MaskedNetwork(
        configuration: configuration, parameters: compensated.parameters,
        inputScale: inputScale,
        masks: slots.outputs.enumerated().map { mask.factors($1, layer: $0) }),
      keptChannels: slots.outputs.enumerated().map { mask.kept($1, layer: $0) },
      newIndices: newIndices, mask: mask)
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
  try Pruner(configuration, parameters, method: method, scope: scope).prune(
    percent: percent, force: force)
}
