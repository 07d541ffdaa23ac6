/// The optimizer steps of a run, known before the first.
public struct TrainingCourse: Sendable {
  /// One optimizer step.
  public struct Step: Hashable, Sendable {
    /// From 0.
    public var epoch: Int
    /// Learning rate of convolution weights and BN scales.
    public var learningRate: Double
    /// Momentum of every group, for methods that use it.
    public var momentum: Double
  }

  /// How parameters follow gradients.
  public let method: Optimizer.Method
  /// In their order.
  public let steps: [Step]

  /// - Parameters:
  ///   - batchesPerEpoch: at least 1; the last batch of an epoch always ends a step.
  ///   - batchesPerStep: after the warm-up.
  init(
    _ schedule: LearningRateSchedule, method: Optimizer.Method, batchesPerEpoch: Int,
    batchesPerStep: Int
  ) {
    self.method = method
    var steps: [Step] = []
    for epoch in 0..<schedule.epochs {
      var pending = 0
      for batch in 0..<batchesPerEpoch {
        let values = schedule(epoch: epoch, batch: epoch * batchesPerEpoch + batch)
        pending += 1
        guard pending >= values.batchesPerStep(batchesPerStep) || batch + 1 == batchesPerEpoch
        else { continue }
        pending = 0
        steps.append(Step(epoch: epoch, learningRate: values.rate, momentum: values.momentum))
      }
    }
    self.steps = steps
  }

  /// The steps of a run that is still to be begun.
  ///
  /// - Parameter pictures: to train on.
  public init(_ options: TrainingOptions, pictures: Int) {
    let batches = options.batchesPerEpoch(pictures: pictures)
    self.init(
      options.schedule(batchesPerEpoch: batches), method: options.method,
      batchesPerEpoch: batches, batchesPerStep: options.accumulationSteps)
  }
}

extension LearningRateSchedule.Values {
  /// Batches of the present step: from 1 at the start of the warm-up to the number asked for.
  func batchesPerStep(_ full: Int) -> Int {
    max(1, Int((1 + (Double(full) - 1) * warmup).rounded()))
  }
}
