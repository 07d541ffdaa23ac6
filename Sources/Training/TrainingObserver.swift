/// Who watches a run: prints progress, and may ask it to stop.
public protocol TrainingObserver: AnyObject {
  /// Whether figures are wanted after the present batch. Reading them waits for the device, so say
  /// yes every few steps only.
  var wantsFigures: Bool { get }
  /// Whether the run should save a checkpoint and end after the present step.
  var shouldStop: Bool { get }
  /// Takes a line for the log.
  func note(_ line: String)
  /// Takes the figures of a batch.
  func progress(_ progress: TrainingProgress)
  /// Takes the progress of a validation.
  func validated(_ images: Int, of total: Int)
  /// Takes the figures of a finished epoch.
  ///
  /// - Parameter telling: names of ``EpochFigures/techniques``, the most telling first.
  func finished(_ figures: EpochFigures, telling: [String], isBest: Bool)
}

/// Where a run is.
public struct TrainingProgress: Sendable {
  /// From 0.
  public let epoch: Int
  /// Epochs of the run.
  public let epochs: Int
  /// Pictures of the epoch that are done.
  public let imagesDone: Int
  /// Pictures an epoch.
  public let images: Int
  /// Pictures a second in this epoch so far.
  public let imagesPerSecond: Double
  /// Weighted terms of the last batch, as ``DetectionLoss/termNames`` names them.
  public let losses: [Double]
  /// Figures of the techniques.
  public let metrics: [(name: String, value: Double)]
  /// Bytes in use on the device, where it can tell.
  public let memory: Int?
}
