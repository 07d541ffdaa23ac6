import Darknet

/// Which convolutions are sparsified and pruned (docs/formulas.md 6.2).
///
/// All but ``all`` are the rules of the earlier Python programs: they name convolutions with batch
/// normalisation one by one and leave out what the old code could not see past.
public enum PruningScope: String, Hashable, Codable, Sendable, CaseIterable {
  /// Rule A: convolutions that no shortcut adds.
  case normal
  /// Rule B: as `normal`, and the convolutions that shortcuts add.
  case shortcut
  /// The convolutions right before a shortcut, by which whole residual blocks are judged.
  case layer
  /// Whatever the channel algebra can prune.
  case all

  /// The convolutions in scope, ascending; all have batch normalisation.
  ///
  /// - Throws: ``ConfigurationError`` when the network is too large.
  public func selectedLayers(_ spec: NetworkSpec) throws(ConfigurationError) -> [Int] {
    let exclusions = try exclusions(spec)
    return spec.layers.indices.filter {
      spec.layers[$0].convolution != nil && exclusions[$0] == nil
    }
  }

  /// Why each of the other convolutions is out of scope.
  ///
  /// - Throws: ``ConfigurationError`` when the network is too large.
  public func exclusions(_ spec: NetworkSpec) throws(ConfigurationError) -> [Int: Exclusion] {
    var exclusions: [Int: Exclusion] = [:]
    for (index, layer) in spec.layers.enumerated() {
      guard let convolution = layer.convolution, !convolution.batchNormalize else { continue }
      exclusions[index] = .noBatchNormalization(layer: index)
    }
    let byRule: [Int: Exclusion]
    switch self {
    case .normal: byRule = blindSpots(spec).merging(shortcutMembers(spec)) { first, _ in first }
    case .shortcut: byRule = blindSpots(spec)
    case .layer: byRule = notBeforeShortcut(spec)
    case .all: byRule = try frozenLayers(spec)
    }
    return exclusions.merging(byRule) { first, _ in first }
  }

  /// What the old code could not see past, in rules A and B.
  private func blindSpots(_ spec: NetworkSpec) -> [Int: Exclusion] {
    var exclusions: [Int: Exclusion] = [:]
    for (index, layer) in spec.layers.enumerated() {
      guard layer.convolution != nil else { continue }
      if case .depthwise = layer { exclusions[index] = .beforeDepthwise(layer: index) }
      guard index + 1 < spec.layers.count else { continue }
      switch spec.layers[index + 1] {
      case .maxPool:
        guard index + 2 < spec.layers.count, case .route = spec.layers[index + 2] else { continue }
        exclusions[index] = .beforeSpatialPyramid
      case .route(let route) where route.groups > 1:
        exclusions[index] = .beforeGroupedRoute(layer: index + 1)
      case .depthwise: exclusions[index] = .beforeDepthwise(layer: index + 1)
      case .upsample: exclusions[index] = .beforeUpsample(layer: index + 1)
      default: continue
      }
    }
    return exclusions
  }

  /// The convolutions that shortcuts add: the one before, and the source or, where the source is a
  /// shortcut itself, the one before that.
  private func shortcutMembers(_ spec: NetworkSpec) -> [Int: Exclusion] {
    var exclusions: [Int: Exclusion] = [:]
    for (index, layer) in spec.layers.enumerated() {
      guard case .shortcut(let shortcut) = layer else { continue }
      exclusions[index - 1] = .inShortcut(layer: index)
      for source in shortcut.sources {
        if case .shortcut = spec.layers[source] {
          exclusions[source - 1] = .inShortcut(layer: index)
        } else {
          exclusions[source] = .inShortcut(layer: index)
        }
      }
    }
    return exclusions
  }

  private func notBeforeShortcut(_ spec: NetworkSpec) -> [Int: Exclusion] {
    var exclusions: [Int: Exclusion] = [:]
    for (index, layer) in spec.layers.enumerated() where layer.convolution != nil {
      if index + 1 < spec.layers.count, case .shortcut = spec.layers[index + 1] { continue }
      exclusions[index] = .notBeforeShortcut
    }
    return exclusions
  }

  /// The convolutions of which no channel may go.
  private func frozenLayers(_ spec: NetworkSpec) throws(ConfigurationError) -> [Int: Exclusion] {
    let slots = try ChannelSlots(spec)
    let classes = SlotClasses(slots)
    let reasons = classes.exclusions(slots, spec: spec, excludedLayers: [:], needsScale: true)
    var exclusions: [Int: Exclusion] = [:]
    for (index, layer) in spec.layers.enumerated() where layer.convolution != nil {
      let own = slots.made(by: index).map { reasons[classes.classOfSlot[$0]] }
      if let first = own.first, !own.contains(nil) { exclusions[index] = first }
    }
    return exclusions
  }
}

extension SlotClasses {
  /// Why each class stays whatever its scores; nil for those that may go.
  ///
  /// - Parameters:
  ///   - excludedLayers: convolutions out of scope; a class goes as a whole or not at all.
  ///   - needsScale: whether the score reads γ. What is made without one stays, unless it is only a
  ///     factor of channels that have one, as a depthwise kernel or the gate of a
  ///     `[scale_channels]` is.
  func exclusions(
    _ slots: ChannelSlots, spec: NetworkSpec, excludedLayers: [Int: Exclusion], needsScale: Bool
  ) -> [Exclusion?] {
    let hasScale = slots.origins.map { origin in
      origin.layer.map { spec.layers[$0].convolution?.batchNormalize == true } ?? false
    }
    // Which classes can be judged at all does not depend on what the scores are.
    let flow = ScoreFlow(spec, slots, self, slotScores: hasScale.map { $0 ? 1 : nil })
    return zip(classes, flow.summands).map { each, summands in
      if let frozen = each.frozen { return frozen }
      for slot in each.members where hasScale[slot] {
        guard let layer = slots.origins[slot].layer, let reason = excludedLayers[layer] else {
          continue
        }
        return each.members.count == 1 ? reason : .outsideScope(layer: layer)
      }
      guard needsScale, summands == nil else { return nil }
      let unjudged = each.members.first { !hasScale[$0] }
      return unjudged.flatMap { slots.origins[$0].layer }.map {
        .noBatchNormalization(layer: $0)
      }
    }
  }
}
