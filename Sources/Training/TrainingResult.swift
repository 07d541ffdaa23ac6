/// What a run came to.
public struct TrainingResult: Sendable {
  /// Finished epochs.
  public let epochs: Int
  /// What the network was worth before its first step; nil where it was not judged.
  public let start: ValidationFigures?
  /// Figures of the epoch with the best validation; ``start`` as that of the epoch −1 where none was
  /// better and it counts (``StartRole/counted``).
  public let best: EpochFigures?
  /// Figures of the last epoch.
  public let last: EpochFigures?
  /// How its mAP has gone.
  public let trend: TrainingTrend
  /// Pictures a second, the median of the epochs; 0 without any.
  public let imagesPerSecond: Double
  /// Seconds that its batches took, validations aside.
  public let trainingSeconds: Double
  /// Whether the run was asked to stop before its end.
  public let wasStopped: Bool
}

/// Pictures a second since it was made.
struct Speed {
  private let start = ContinuousClock.now
  private var images = 0

  mutating func count(_ images: Int) { self.images += images }

  var imagesPerSecond: Double { Double(images) / max((.now - start).seconds, 1e-9) }
}
