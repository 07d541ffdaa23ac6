/// Where a training is.
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
