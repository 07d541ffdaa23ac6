/// How long a run of epochs has still to go, by what those since its start have taken, validation and
/// all else included.
public struct RunTime: Sendable {
  /// Of the whole run.
  public let epochs: Double
  /// What was done, and the time, when the measuring began: a run may go on where it was left.
  private let start: (done: Double, time: Double)

  /// Begins to measure.
  ///
  /// - Parameters:
  ///   - epochs: of the whole run.
  ///   - done: epochs that are done, with the share of the one at work.
  ///   - time: seconds on any clock.
  public init(epochs: Int, done: Double, at time: Double) {
    self.epochs = Double(epochs)
    start = (done, time)
  }

  /// Seconds left; nil while nothing was done since the start.
  public func secondsLeft(done: Double, at time: Double) -> Double? {
    let epochsSince = done - start.done
    guard epochsSince > 0 else { return nil }
    return (time - start.time) / epochsSince * max(epochs - done, 0)
  }
}
