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
}
