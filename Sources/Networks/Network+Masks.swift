import Torch

extension Network {
  /// Runs the network with every layer's output multiplied, after its activation, by one factor a
  /// channel.
  ///
  /// - Parameters:
  ///   - images: `[N, channels, height, width]`, values in `0...1`.
  ///   - masks: one factor for each channel of each layer's output.
  public func callAsFunction(_ images: Tensor, masks: [[Float]]) throws -> [Tensor] {
    let factors = try masks.map { mask -> Tensor? in
      guard mask.contains(where: { $0 != 1 }) else { return nil }
      return try Tensor(mask, shape: [1, mask.count, 1, 1], device: device)
    }
    let masked = ForwardPass { layer, output in
      try factors[layer].map { try output * $0 } ?? output
    }
    return try callAsFunction(images, masked)
  }
}
