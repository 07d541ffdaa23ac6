import Darknet
import Torch

extension Network {
  /// Re-estimates the running statistics of every batch normalisation on pictures (adaptive batch
  /// normalisation, arXiv 2007.02491): they become the means of the batches' own.
  ///
  /// - Parameter next: `[N, channels, height, width]` on the network's device; nil at the end.
  /// - Returns: batches seen; without one nothing changes.
  @discardableResult
  public func recalibrate(_ next: () throws -> Tensor?) throws -> Int {
    try withoutGrad {
      let statistics = try tensors.filter { $0.role == .mean || $0.role == .variance }
      var sums: [Tensor] = []
      var count = 0
      while let images = try next() {
        if sums.isEmpty {
          sums = try statistics.map { try .zeros($0.tensor.shape, device: $0.tensor.device) }
        }
        // From zero, one step of the running average leaves momentum times the batch's own.
        try ForEach.zero(statistics.map(\.tensor))
        _ = try self(images, .training)
        try ForEach.add(sums, statistics.map { try $0.tensor.detach() }, scale: 1)
        count += 1
      }
      for (entry, sum) in zip(statistics, sums) {
        let alone = layers[entry.layer] as? BatchNormalization
        let momentum = alone.map { Double($0.spec.momentum) } ?? Convolution.momentum
        _ = try entry.tensor.copyInPlace(sum * (1 / (momentum * Double(count))))
      }
      return count
    }
  }
}
