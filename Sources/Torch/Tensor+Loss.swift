import CTorch

/// What a loss gives: every element's, their mean or their sum.
public enum Reduction: Sendable {
  case none, mean, sum

  var code: ct_reduction {
    switch self {
    case .none: CT_REDUCE_NONE
    case .mean: CT_REDUCE_MEAN
    case .sum: CT_REDUCE_SUM
    }
  }
}

extension Tensor {
  /// Binary cross entropy of probabilities against targets in 0...1 of the same shape. Logarithms
  /// are held at −100.
  public func binaryCrossEntropy(
    _ target: Tensor, weight: Tensor? = nil, reduction: Reduction = .mean
  ) throws(TorchError) -> Tensor {
    try .make { ct_bce(handle, target.handle, weight?.handle, reduction.code, $0) }
  }

  /// Binary cross entropy of logits against targets in 0...1 of the same shape.
  ///
  /// - Parameters:
  ///   - weight: multiplies each element's loss; broadcast.
  ///   - positiveWeight: multiplies the part of the target that is 1; broadcast.
  public func binaryCrossEntropyWithLogits(
    _ target: Tensor, weight: Tensor? = nil, positiveWeight: Tensor? = nil,
    reduction: Reduction = .mean
  ) throws(TorchError) -> Tensor {
    try .make {
      ct_bce_with_logits(
        handle, target.handle, weight?.handle, positiveWeight?.handle, reduction.code, $0)
    }
  }

  /// Cross entropy of logits `[N, classes, …]` against int64 classes `[N, …]` (−100 is left out),
  /// or against probabilities of the logits' shape.
  public func crossEntropy(
    _ target: Tensor, labelSmoothing: Double = 0, reduction: Reduction = .mean
  ) throws(TorchError) -> Tensor {
    try .make { ct_cross_entropy(handle, target.handle, labelSmoothing, reduction.code, $0) }
  }

  /// target · (log target − x) for log-probabilities x. The mean is over elements, not over rows.
  public func klDivergence(
    _ target: Tensor, targetIsLog: Bool = false, reduction: Reduction = .mean
  ) throws(TorchError) -> Tensor {
    try .make { ct_kl_div(handle, target.handle, targetIsLog, reduction.code, $0) }
  }

  /// The squared difference.
  public func meanSquaredError(
    _ target: Tensor, reduction: Reduction = .mean
  ) throws(TorchError) -> Tensor {
    try .make { ct_mse(handle, target.handle, reduction.code, $0) }
  }

  /// The absolute difference.
  public func absoluteError(
    _ target: Tensor, reduction: Reduction = .mean
  ) throws(TorchError) -> Tensor {
    try .make { ct_l1(handle, target.handle, reduction.code, $0) }
  }

  /// d² / (2 · beta) for differences d below `beta`, |d| − beta / 2 above.
  public func smoothAbsoluteError(
    _ target: Tensor, beta: Double = 1, reduction: Reduction = .mean
  ) throws(TorchError) -> Tensor {
    try .make { ct_smooth_l1(handle, target.handle, beta, reduction.code, $0) }
  }

  /// d² / 2 for differences d below `delta`, delta · (|d| − delta / 2) above.
  public func huberLoss(
    _ target: Tensor, delta: Double = 1, reduction: Reduction = .mean
  ) throws(TorchError) -> Tensor {
    try .make { ct_huber(handle, target.handle, delta, reduction.code, $0) }
  }
}
