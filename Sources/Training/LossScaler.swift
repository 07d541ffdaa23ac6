import Torch

/// Keeps fp16 gradients from vanishing: multiplies the loss by a factor that halves when a gradient
/// overflows and doubles after 2,000 steps without (arXiv 1710.03740). Nothing here waits for the
/// device: a step with an overflow is skipped by the optimizer's kernel.
final class LossScaler {
  private let factor: Tensor
  private let growthTracker: Tensor
  private let foundInfinity: Tensor

  init(device: Device) throws {
    factor = try .full([1], 65536.0, device: device)
    growthTracker = try .zeros([1], dtype: .int32, device: device)
    foundInfinity = try .zeros([1], device: device)
  }

  /// The loss to differentiate instead of `loss`.
  func scale(_ loss: Tensor) throws -> Tensor { try loss * factor.squeezed(0) }

  /// Divides gradients by the factor, in place.
  ///
  /// - Returns: a device scalar that is 1 where some gradient is not finite.
  func unscale(_ gradients: [Tensor]) throws -> Tensor {
    try withoutGrad {
      _ = try foundInfinity.zeroInPlace()
      try unscaleGradients(
        gradients, foundInfinity: foundInfinity, inverseScale: factor.reciprocal())
      return foundInfinity
    }
  }

  /// Adjusts the factor; call once after each step.
  func update() throws {
    try withoutGrad {
      try updateGradientScale(
        factor, growthTracker: growthTracker, foundInfinity: foundInfinity)
    }
  }

  var state: [(name: String, tensor: Tensor)] {
    [("scaler.factor", factor), ("scaler.growth", growthTracker)]
  }

  func load(_ tensors: (String) throws -> Tensor) throws {
    try withoutGrad {
      for entry in state { _ = try entry.tensor.copyInPlace(tensors(entry.name)) }
    }
  }
}
