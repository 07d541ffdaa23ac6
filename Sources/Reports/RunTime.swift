/// How long a run of epochs has still to go, by what the last epochs have taken, validation and all
/// else included.
///
/// The first seconds say nothing: pictures are read for the first time, libraries choose how to
/// compute. Until two epochs are done what was done since then counts; after that the median of the
/// last epochs, so that one that was held up changes nothing, and a machine that slows down does.
public struct RunTime: Sendable {
  /// Of the whole run.
  public let epochs: Double
  /// What was done, and the time, when the measuring began: a run may go on where it was left.
  private var start: (done: Double, time: Double)
  /// When the first figures came.
  private let begun: Double
  /// The end of the last epoch.
  private var lastEnd: (done: Double, time: Double)?
  /// Seconds of the last whole epochs, five at most, the newest last.
  private var durations: [Double] = []

  /// Seconds of a run that do not count.
  private static let warmup = 5.0

  /// Begins to measure.
  ///
  /// - Parameters:
  ///   - epochs: of the whole run.
  ///   - done: epochs that are done, with the share of the one at work.
  ///   - time: seconds on any clock.
  public init(epochs: Int, done: Double, at time: Double) {
    self.epochs = Double(epochs)
    start = (done, time)
    begun = time
  }

  /// Takes what is done by now.
  public mutating func progressed(done: Double, at time: Double) {
    if time - begun < Self.warmup { start = (done, time) }
  }

  /// Takes the end of an epoch, its validation included.
  ///
  /// - Parameter done: epochs that are done.
  public mutating func endedEpoch(done: Double, at time: Double) {
    if let lastEnd, done > lastEnd.done {
      durations = (durations + [(time - lastEnd.time) / (done - lastEnd.done)]).suffix(5)
    }
    lastEnd = (done, time)
  }

  /// Seconds an epoch takes; nil while that is not known.
  public func secondsAnEpoch(done: Double, at time: Double) -> Double? {
    if !durations.isEmpty {
      let sorted = durations.sorted()
      return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }
    let since = done - start.done
    // The end of an epoch and its validation, over little of it, would count for many times as
    // much.
    let least = done < start.done.rounded(.down) + 1 ? 0.05 : 0.5
    guard since >= least, time - begun >= Self.warmup else { return nil }
    return (time - start.time) / since
  }

  /// Seconds left; nil while that is not known.
  public func secondsLeft(done: Double, at time: Double) -> Double? {
    secondsAnEpoch(done: done, at: time).map { $0 * max(epochs - done, 0) }
  }
}
