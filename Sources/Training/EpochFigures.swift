/// Figures of one epoch.
public struct EpochFigures: Codable, Equatable, Sendable {
  /// From 0; −1 is before the first.
  public var epoch: Int
  /// Mean weighted box, objectness and class terms and their sum.
  public var losses: [Double]
  /// Learning rate of the epoch's last batch.
  public var learningRate: Double
  /// Pictures per second of training.
  public var imagesPerSecond: Double
  /// Validation, where it took place.
  public var precision: Double?
  /// Share of objects found at ``precision``'s threshold.
  public var recall: Double?
  /// Harmonic mean of precision and recall.
  public var f1: Double?
  /// mAP at an overlap of 0.5.
  public var map50: Double?
  /// mAP over overlaps of 0.5 to 0.95.
  public var map: Double?
  /// Losses and figures of the techniques, each under its technique's name: `sparsity/gamma50`.
  public var techniques: [String: Double] = [:]

  /// The figures of an epoch without validation.
  public init(epoch: Int, losses: [Double], learningRate: Double, imagesPerSecond: Double) {
    (self.epoch, self.losses) = (epoch, losses)
    (self.learningRate, self.imagesPerSecond) = (learningRate, imagesPerSecond)
  }

  /// The figures before the first epoch.
  init(before start: ValidationFigures) {
    self.init(epoch: -1, losses: [], learningRate: 0, imagesPerSecond: 0)
    (precision, recall, f1) = (start.precision, start.recall, start.f1)
    (map50, map) = (start.map50, start.map)
  }
}

extension [EpochFigures] {
  /// Pictures a second, the median of the epochs; nil without any.
  var medianSpeed: Double? {
    let speeds = map(\.imagesPerSecond).sorted()
    guard !speeds.isEmpty else { return nil }
    return (speeds[(speeds.count - 1) / 2] + speeds[speeds.count / 2]) / 2
  }
}
