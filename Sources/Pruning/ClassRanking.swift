import Darknet

/// The classes of a network by their worth to a method, and what follows from it. Every channel is
/// worth what its class is (``ScoreFlow``).
struct ClassRanking: Sendable {
  private let method: PruningMethod
  private let classOfSlot: [Int]
  /// The slots that each producing layer makes, in the order of the cfg.
  private let made: [[Int]]
  /// The worth of each class; nil where it stays.
  private let scores: [Float?]
  /// The worth of every channel that may go, ascending.
  let worths: [Float]
  /// Slots that may go; those without a score of their own go with others.
  let slotCount: Int
  /// The largest share that leaves every layer a channel of its own.
  let safePercent: Double

  /// Ranks the classes that no exclusion keeps.
  ///
  /// - Parameter slotScores: the score of every slot; nil where there is none.
  init?(
    _ spec: NetworkSpec, _ slots: ChannelSlots, _ classes: SlotClasses,
    exclusions: [Exclusion?], slotScores: [Float?], method: PruningMethod
  ) {
    self.method = method
    classOfSlot = classes.classOfSlot
    var made: [Int: [Int]] = [:]
    for (slot, origin) in slots.origins.enumerated() {
      if let layer = origin.layer { made[layer, default: []].append(slot) }
    }
    self.made = made.sorted { $0.key < $1.key }.map(\.value)

    var scores: [Float?] = []
    var worths: [Float] = []
    var slotCount = 0
    let flow = ScoreFlow(
      spec, slots, classes, slotScores: slotScores, merge: method.parallelMerge)
    for (index, each) in classes.classes.enumerated() {
      guard exclusions[index] == nil, let worth = flow.worths[index] else {
        scores.append(nil)
        continue
      }
      scores.append(worth)
      let judged = each.members.count { slotScores[$0] != nil }
      worths += [Float](repeating: worth, count: judged)
      slotCount += each.members.count
    }
    guard !worths.isEmpty else { return nil }
    worths.sort()
    self.scores = scores
    self.worths = worths
    self.slotCount = slotCount

    // The smallest of the layers' largest: a threshold up to it empties no layer.
    let height = self.made.map { own in
      own.map { scores[classes.classOfSlot[$0]] ?? .infinity }.max() ?? .infinity
    }.min()
    safePercent = Double(worths.count { $0 < height ?? .infinity }) / Double(worths.count)
  }

  /// The quantile `percent` of the worths: the share of the channels below it is `percent`, or as
  /// near as ties allow.
  func threshold(percent: Double) -> Float {
    worths[min(Int(Double(worths.count) * percent), worths.count - 1)]
  }

  /// What stays at a threshold: the classes that pass, and of every layer at least its best.
  ///
  /// Chunks hold the same places of a layer, so one that keeps a slot keeps one a chunk.
  func mask(threshold: Float) -> KeepMask {
    var stays = scores.map { score in
      score.map { method.comparison.keeps($0, threshold: threshold) } ?? true
    }
    for own in made.map({ slots in slots.map { classOfSlot[$0] } })
    where !own.contains(where: { stays[$0] }) {
      let best = own.max { (scores[$0] ?? .infinity) < (scores[$1] ?? .infinity) }
      if let best { stays[best] = true }
    }
    return KeepMask(stays: classOfSlot.map { stays[$0] })
  }
}
