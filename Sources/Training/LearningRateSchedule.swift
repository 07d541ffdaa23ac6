import Foundation

/// Learning rate, momentum and weight decay over training: half a cosine by epoch, after a linear
/// warm-up by batch (docs/formulas.md 5.6).
public struct LearningRateSchedule: Sendable, Hashable {
  /// Learning rate after the warm-up.
  public var peak: Double
  /// What is left of the peak in the last epoch, `0...1`.
  public var finalFraction: Double
  /// Epochs of the whole run.
  public var epochs: Int
  /// Batches over which the rates rise; 0 for none.
  public var warmupBatches: Int
  /// Momentum after the warm-up.
  public var momentum: Double
  /// Momentum at the first batch.
  public var warmupMomentum: Double
  /// Learning rate of biases at the first batch.
  public var warmupBiasRate: Double
  /// Weight decay of convolution weights after the warm-up.
  public var weightDecay: Double

  /// What biases begin with in a network that is not trained yet.
  public static let usualWarmupBiasRate = 0.1

  /// A schedule with the earlier Python programs' figures where none are given.
  public init(
    peak: Double = 0.01, finalFraction: Double = 0.05, epochs: Int, warmupBatches: Int,
    momentum: Double = 0.937, warmupMomentum: Double = 0.9,
    warmupBiasRate: Double = usualWarmupBiasRate, weightDecay: Double = 5e-4
  ) {
    self.peak = peak
    self.finalFraction = finalFraction
    self.epochs = epochs
    self.warmupBatches = warmupBatches
    self.momentum = momentum
    self.warmupMomentum = warmupMomentum
    self.warmupBiasRate = warmupBiasRate
    self.weightDecay = weightDecay
  }

  /// The values that hold for one batch.
  public struct Values: Sendable, Hashable {
    /// Learning rate of convolution weights and BN scales.
    public var rate: Double
    /// Learning rate of biases, BN shifts included.
    public var biasRate: Double
    /// Momentum of every group.
    public var momentum: Double
    /// Weight decay of convolution weights.
    public var weightDecay: Double
    /// How far the warm-up is, `0...1`.
    public var warmup: Double
  }

  /// The values for a batch.
  ///
  /// - Parameters:
  ///   - epoch: from 0.
  ///   - batch: batches since the start of the run, over all epochs.
  public func callAsFunction(epoch: Int, batch: Int) -> Values {
    let cosine = (1 + cos(.pi * Double(epoch) / Double(max(epochs, 1)))) / 2
    let target = peak * (finalFraction + (1 - finalFraction) * cosine)
    guard warmupBatches > 0, batch < warmupBatches else {
      return Values(
        rate: target, biasRate: target, momentum: momentum, weightDecay: weightDecay, warmup: 1)
    }
    let t = Double(batch) / Double(warmupBatches)
    return Values(
      rate: target * t,
      biasRate: warmupBiasRate + (target - warmupBiasRate) * t,
      momentum: warmupMomentum + (momentum - warmupMomentum) * t,
      weightDecay: weightDecay * t,
      warmup: t)
  }
}
