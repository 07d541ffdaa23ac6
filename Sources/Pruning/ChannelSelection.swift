import Boxes
import Darknet

/// Decides which channels of one network stay, by the columns of a ``PruningMethod``.
///
/// In this order: scores and thresholds, a verdict on every channel, the floor of every layer, the
/// merge of channels that go together, the best channel of every layer, rounding.
struct ChannelSelection: Sendable {
  private let method: PruningMethod
  private let classOfSlot: [Int]
  private let layerOfSlot: [Int?]
  /// The slots that each producing layer makes, in the order of the cfg.
  private let made: [[Int]]
  /// The judged slots of each producing layer, best first; equal scores in the order of the
  /// channels.
  private let ranked: [[Int]]
  /// The classes of each producing layer, with how many of its channels each holds.
  private let layerPlaces: [[(index: Int, count: Int)]]
  /// The score of every slot that is judged; nil for those that stay and those without one.
  private let scores: [Float?]
  /// Whether each class stays whatever its score.
  private let isExcluded: [Bool]
  /// What each class is worth by the merged scores of its channels; nil where it stays.
  private let worths: [Float?]
  /// What verdicts have to flow through.
  private let flow: @Sendable ([Float?]) -> ScoreFlow
  /// What thresholds are quantiles of, ascending, each with its layer.
  private let pool: [(score: Float, layer: Int)]
  /// Slots that may go; those without a score of their own go with others.
  let slotCount: Int
  /// The layers that make slots, and the largest worth of their channels: a threshold above it
  /// empties the layer. Infinite where a channel stays whatever its score.
  private let largestWorths: [(layer: Int, worth: Float)]

  /// Ranks what no exclusion keeps; nil when that is nothing.
  ///
  /// - Parameter slotScores: the score of every slot; nil where there is none.
  init?(
    _ spec: NetworkSpec, _ slots: ChannelSlots, _ classes: SlotClasses,
    exclusions: [Exclusion?], slotScores: [Float?], method: PruningMethod
  ) {
    self.method = method
    classOfSlot = classes.classOfSlot
    layerOfSlot = slots.origins.map(\.layer)
    var made: [Int: [Int]] = [:]
    for (slot, origin) in slots.origins.enumerated() {
      if let layer = origin.layer { made[layer, default: []].append(slot) }
    }
    self.made = made.sorted { $0.key < $1.key }.map(\.value)
    layerPlaces = self.made.map { own in
      var counts: [Int: Int] = [:]
      var order: [Int] = []
      for slot in own {
        let index = classes.classOfSlot[slot]
        if counts[index] == nil { order.append(index) }
        counts[index, default: 0] += 1
      }
      return order.map { ($0, counts[$0] ?? 0) }
    }
    flow = { ScoreFlow(spec, slots, classes, slotScores: $0) }

    let raw = flow(slotScores)
    let merged = raw.worths { summands in
      switch method.parallelMerge {
      case .union, .vote, .least: summands.map(\.score).max()
      case .leader: summands.min { $0.slot < $1.slot }?.score
      case .sum: summands.reduce(0) { $0 + $1.score }
      }
    }
    let isExcluded = zip(exclusions, merged).map { $0 != nil || $1 == nil }
    self.isExcluded = isExcluded
    worths = zip(isExcluded, merged).map { $0 ? nil : $1 }
    let scores = slotScores.indices.map {
      isExcluded[classes.classOfSlot[$0]] ? nil : slotScores[$0]
    }
    self.scores = scores
    ranked = self.made.map { own in
      // Sorting is stable, so equal scores stay in the order of the channels.
      own.filter { scores[$0] != nil }.sorted { (scores[$0] ?? 0, $1) > (scores[$1] ?? 0, $0) }
    }
    slotCount = zip(classes.classes, isExcluded).reduce(0) { $0 + ($1.1 ? 0 : $1.0.members.count) }

    var pool: [(score: Float, layer: Int)] = []
    for (index, each) in classes.classes.enumerated() {
      guard let worth = worths[index] else { continue }
      let judged = each.members.filter { slotScores[$0] != nil }
      switch method.judgement {
      case .classes:
        pool += judged.map { (worth, slots.origins[$0].layer ?? 0) }
      case .channels, .ranges, .random:
        pool += judged.map { (slotScores[$0] ?? 0, slots.origins[$0].layer ?? 0) }
      case .leaders:
        if let leader = judged.first { pool.append((worth, slots.origins[leader].layer ?? 0)) }
      case .nothing: break
      }
    }
    guard !pool.isEmpty else { return nil }
    pool.sort { $0.score < $1.score }
    self.pool = pool

    let worths = worths
    largestWorths = self.made.map { own in
      let largest = own.map { worths[classes.classOfSlot[$0]] ?? .infinity }.max()
      return (own.first.flatMap { slots.origins[$0].layer } ?? 0, largest ?? .infinity)
    }
  }

  /// The scores of all channels that are judged.
  var judgedScores: [Float] { scores.compactMap { $0 } }

  /// The largest share that leaves every layer a channel of its own.
  var emptyingPercent: Double { emptyingPercent(of: nil) }

  /// For every layer, the largest share that leaves it a channel of its own; without layers that
  /// lose none at any.
  var emptyingPercents: [LayerEmptying] {
    largestWorths.compactMap { layer, largest in
      guard largest < .infinity else { return nil }
      return LayerEmptying(
        layer: layer, percent: Double(pool.count { $0.score < largest }) / Double(pool.count))
    }
  }

  /// The largest share of some layers that leaves each of them a channel of its own.
  func emptyingPercent(of layers: Range<Int>?) -> Double {
    let isOwn = { (layer: Int) in layers?.contains(layer) ?? true }
    // The smallest of the layers' largest: a threshold up to it empties no layer.
    let limit = largestWorths.filter { isOwn($0.layer) }.map(\.worth).min() ?? .infinity
    let own = pool.filter { isOwn($0.layer) }
    return Double(own.count { $0.score < limit }) / Double(max(own.count, 1))
  }

  /// The quantile `percent` of the judged scores, of all layers or of some: the share below it is
  /// `percent`, or as near as ties allow; nil without scores.
  func threshold(percent: Double, layers: Range<Int>? = nil) -> Float? {
    let own = layers.map { range in pool.filter { range.contains($0.layer) } } ?? pool
    guard !own.isEmpty else { return nil }
    return own[min(Int(Double(own.count) * percent), own.count - 1)].score
  }

  /// What stays.
  func mask(_ request: PruningRequest) -> KeepMask {
    var stays: [Bool]
    var votes = [Float](repeating: 0, count: worths.count)
    switch method.judgement {
    case .nothing:
      stays = worths.map { _ in true }
    case .classes, .leaders:
      let threshold = threshold(percent: request.percent) ?? 0
      stays = worths.map { worth in
        worth.map { method.comparison.keeps($0, threshold: threshold) } ?? true
      }
    case .channels, .ranges, .random:
      let verdicts = verdicts(request)
      let merged = flow(verdicts.map { $0.map { $0 ? 1 : 0 } })
      let widths = widths(verdicts)
      let shares = merged.worths { merge($0, widths: widths) }
      stays = isExcluded.indices.map { isExcluded[$0] || shares[$0] ?? 1 >= 0.5 }
      votes = merged.worths { summands in summands.reduce(0) { $0 + $1.score } }.map { $0 ?? 0 }
    }
    let places = layerPlaces
    let isBetter = { (a: Int, b: Int) in
      (votes[a], worths[a] ?? .infinity) > (votes[b], worths[b] ?? .infinity)
    }
    keepBest(&stays, places, isBetter)
    round(&stays, places, request, isBetter)
    return KeepMask(stays: classOfSlot.map { stays[$0] })
  }

  // MARK: - Verdicts

  /// Whether each judged channel would stay by itself, floors of the layers included.
  private func verdicts(_ request: PruningRequest) -> [Bool?] {
    var verdicts = [Bool?](repeating: nil, count: scores.count)
    var generator = SeededGenerator(seed: request.seed)
    var thresholds: [Range<Int>?: Float] = [:]
    for (own, ranked) in zip(made, ranked) {
      guard let layer = ranked.first.flatMap({ layerOfSlot[$0] }) else { continue }
      var kept = 0
      if method.judgement == .random {
        let share = request.largestShare * generator.uniform()
        kept = max(Int(Double(own.count) * (1 - share)), 1)
        if method.rounding == .nearest { kept = request.nearestMultiple(of: kept) }
      } else {
        let range = request.ranges.first { $0.layers.contains(layer) && usesRanges }
        let limit =
          thresholds[range?.layers]
          ?? threshold(percent: range?.percent ?? request.percent, layers: range?.layers)
          ?? 0
        thresholds[range?.layers] = limit
        for slot in ranked {
          verdicts[slot] = scores[slot].map { method.comparison.keeps($0, threshold: limit) }
        }
      }
      if case .share(let fallback) = method.floor {
        let share = Int(Double(own.count) * request.layerKeep)
        kept = share > 0 ? share : min(fallback, own.count)
      }
      for (place, slot) in ranked.enumerated() {
        verdicts[slot] = verdicts[slot] == true || place < kept
      }
    }
    return verdicts
  }

  private var usesRanges: Bool { method.judgement == .ranges }

  /// How many channels each layer would keep.
  private func widths(_ verdicts: [Bool?]) -> [Int: Int] {
    var widths: [Int: Int] = [:]
    for (slot, verdict) in verdicts.enumerated() where verdict == true {
      if let layer = layerOfSlot[slot] { widths[layer, default: 0] += 1 }
    }
    return widths
  }

  /// One verdict of many, `0...1`; what is at least one half stays.
  private func merge(_ summands: [ScoreFlow.Summand], widths: [Int: Int]) -> Float? {
    switch method.parallelMerge {
    case .union, .sum: summands.map(\.score).max()
    case .leader: summands.min { $0.slot < $1.slot }?.score
    case .vote: summands.reduce(0) { $0 + $1.score } / Float(summands.count)
    case .least:
      summands.min { first, second in
        let width = { (slot: Int) in layerOfSlot[slot].flatMap { widths[$0] } ?? 0 }
        return (width(first.slot), first.slot) < (width(second.slot), second.slot)
      }?.score
    }
  }

  // MARK: - Floors and rounding

  /// The layers that make slots, in the order of ``made``.
  private var producers: [Int] { made.compactMap { $0.first.flatMap { layerOfSlot[$0] } } }

  /// Of every layer at least its best class stays. Where a layer is cut into chunks, the slots of
  /// one place in all chunks are one class, so no chunk is empty then.
  private func keepBest(
    _ stays: inout [Bool], _ places: [[(index: Int, count: Int)]], _ isBetter: (Int, Int) -> Bool
  ) {
    for own in places where !own.contains(where: { stays[$0.index] }) {
      if let best = own.min(by: { isBetter($0.index, $1.index) }) { stays[best.index] = true }
    }
  }

  /// Brings widths to multiples, or to the edges of a staircase, layer by layer; what one layer
  /// adds, layers that share its classes gain too, so this goes on until nothing changes.
  private func round(
    _ stays: inout [Bool], _ places: [[(index: Int, count: Int)]], _ request: PruningRequest,
    _ isBetter: (Int, Int) -> Bool
  ) {
    let multiple = method.rounding == .none ? 1 : request.multiple
    guard multiple > 1 || !request.staircases.isEmpty else { return }
    if method.rounding == .nearest {
      var isSettled = isExcluded
      for own in places where own.contains(where: { !isExcluded[$0.index] }) {
        let width = own.reduce(0) { $0 + (stays[$1.index] ? $1.count : 0) }
        var excess = width - request.nearestMultiple(of: width)
        let removable = own.filter { stays[$0.index] && !isSettled[$0.index] }
          .sorted { isBetter($1.index, $0.index) }
        for place in removable where place.count <= excess {
          stays[place.index] = false
          excess -= place.count
        }
        for place in own { isSettled[place.index] = true }
      }
    }
    var hasChanged = true
    while hasChanged {
      hasChanged = false
      for (layer, own) in zip(producers, places)
      where own.contains(where: { !isExcluded[$0.index] }) {
        let width = own.reduce(0) { $0 + (stays[$1.index] ? $1.count : 0) }
        let all = own.reduce(0) { $0 + $1.count }
        let rounded =
          request.staircases[layer]?.edge(of: width)
          ?? (width + multiple - 1) / multiple * multiple
        var missing = min(rounded, all) - width
        guard missing > 0 else { continue }
        for place in own.filter({ !stays[$0.index] }).sorted(by: { isBetter($0.index, $1.index) })
        where missing > 0 {
          stays[place.index] = true
          missing -= place.count
          hasChanged = true
        }
      }
    }
  }
}
