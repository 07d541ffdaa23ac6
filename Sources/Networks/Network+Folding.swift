import Darknet
import Torch

extension Network {
  /// The same network for inference: batch normalisation folded into each convolution's weight and
  /// bias, w′ = w·γ/√(σ² + ε) and b′ = β − μ·γ/√(σ² + ε).
  ///
  /// The folded network shares nothing with this one and cannot be trained or saved as Darknet
  /// weights.
  public func folded() throws -> Network {
    try Network(copying: self) { layer in
      guard let convolution = layer as? Convolution else { return layer }
      return try convolution.folded()
    }
  }
}

extension Convolution {
  /// This convolution without its batch normalisation.
  func folded() throws -> Convolution {
    try withoutGrad {
      guard spec.batchNormalize && !isFolded else {
        return try copy()
      }
      let scale = try parameter(.gamma) / (parameter(.variance) + Self.epsilon).sqrt()
      let weight = try parameter(.weight) * scale.view([-1, 1, 1, 1])
      let bias = try parameter(.beta) - parameter(.mean) * scale
      return Convolution(spec, parameters: [.weight: weight, .bias: bias], isFolded: true)
    }
  }
}

extension Network {
  /// The same network over tensors of its own, none of which wants a gradient.
  public func copy() throws -> Network {
    try Network(copying: self) { layer in
      guard let convolution = layer as? Convolution else { return layer }
      return try convolution.copy()
    }
  }
}

extension Convolution {
  fileprivate func copy() throws -> Convolution {
    try withoutGrad {
      Convolution(
        spec, parameters: try parameters.mapValues { try $0.detach().clone() },
        isFolded: isFolded)
    }
  }
}
