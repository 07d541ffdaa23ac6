/// When work that nobody waits for may be done again, so that all of it together stays under a
/// share of the time: after work of 10 ms at a share of 0.02 not before another 490 ms have passed.
struct Pace {
  /// The greatest share of the time.
  let share: Double
  /// When the work was last begun and ended.
  private var last: (start: ContinuousClock.Instant, end: ContinuousClock.Instant)?

  init(share: Double) {
    precondition(share > 0 && share < 1, "a share of the time")
    self.share = share
  }

  /// Whether the work may be done now; the first time it always may.
  func isDue(at now: ContinuousClock.Instant) -> Bool {
    guard let last else { return true }
    return (last.end - last.start).seconds <= share * (now - last.start).seconds
  }

  /// Takes note of work that was done.
  mutating func worked(from start: ContinuousClock.Instant, to end: ContinuousClock.Instant) {
    last = (start, end)
  }
}
