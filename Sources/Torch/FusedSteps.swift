import CTorch

/// A learning rate: a number, or a tensor of one float that stays on the device, so that a captured
/// graph reads its current value.
public enum LearningRate: Sendable, ExpressibleByFloatLiteral,
  ExpressibleByIntegerLiteral
{
  case value(Double)
  case tensor(Tensor)

  /// A number.
  public init(floatLiteral value: Double) { self = .value(value) }

  /// A number.
  public init(integerLiteral value: Int) { self = .value(Double(value)) }

  var number: Double {
    if case .value(let number) = self { return number }
    return 0
  }

  var handle: ct_tensor? {
    if case .tensor(let tensor) = self { return tensor.handle }
    return nil
  }
}

/// Loss scaling as the fused steps take it, both tensors of one float32 on the parameters' device.
public struct GradientScaling: Sendable {
  /// What the gradients were multiplied by, where they still have to be divided by it.
  public var scale: Tensor?
  /// 1 where a gradient was not finite: the step is then left out.
  public var foundInfinity: Tensor?

  /// Loss scaling with what the step has to know.
  public init(scale: Tensor? = nil, foundInfinity: Tensor? = nil) {
    self.scale = scale
    self.foundInfinity = foundInfinity
  }
}

/// One step of stochastic gradient descent for all parameters in a few device calls:
/// `g += weightDecay · x; m = momentum · m + (1 − dampening) · g; x −= rate · m`, or with
/// `nesterov` `x −= rate · (g + momentum · m)`.
///
/// The arrays run in parallel, on one device and of one type. Gradients may lie in memory in
/// another order than their parameters; buffers may not.
///
/// - Parameters:
///   - momentumBuffers: changed in place; empty when `momentum` is 0. Made with `zerosLike()`, also
///     where a checkpoint's values are then copied into them.
///   - isFirstStep: whether the buffers hold nothing yet, and take over the gradient. Buffers that
///     start as zeros with `false` give the same while `dampening` is 0.
public func fusedSGD(
  parameters: [Tensor], gradients: [Tensor], momentumBuffers: [Tensor],
  learningRate: LearningRate, momentum: Double = 0, weightDecay: Double = 0,
  dampening: Double = 0, nesterov: Bool = false, isFirstStep: Bool = false,
  scaling: GradientScaling = GradientScaling()
) throws(TorchError) {
  guard !parameters.isEmpty || !gradients.isEmpty else { return }
  let status = parameters.withHandles { x, n in
    gradients.withHandles { g, m in
      momentumBuffers.withHandles { b, k in
        ct_fused_sgd_(
          x, n, g, m, b, k, learningRate.number, learningRate.handle, momentum, weightDecay,
          dampening, nesterov, false, isFirstStep, scaling.scale?.handle,
          scaling.foundInfinity?.handle)
      }
    }
  }
  withExtendedLifetime((learningRate, scaling)) {}
  try check(status)
}

/// One step of Adam for all parameters in a few device calls, or of AdamW when `decoupled`
/// (Loshchilov and Hutter, 2019: the decay is not part of the gradient).
///
/// The arrays run in parallel, on one device and of one type, with the layout rules of `fusedSGD`.
///
/// - Parameters:
///   - averages: running means of the gradients, changed in place.
///   - squares: running means of their squares, changed in place.
///   - steps: one float32 of rank 0 a parameter: the number of this step, from 1.
public func fusedAdam(
  parameters: [Tensor], gradients: [Tensor], averages: [Tensor], squares: [Tensor],
  steps: [Tensor], learningRate: LearningRate, beta1: Double = 0.9, beta2: Double = 0.999,
  weightDecay: Double = 0, epsilon: Double = 1e-8, decoupled: Bool = false,
  scaling: GradientScaling = GradientScaling()
) throws(TorchError) {
  guard !parameters.isEmpty || !gradients.isEmpty else { return }
  let status = parameters.withHandles { x, n in
    gradients.withHandles { g, gn in
      averages.withHandles { a, an in
        squares.withHandles { s, sn in
          steps.withHandles { t, tn in
            ct_fused_adam_(
              x, n, g, gn, a, an, s, sn, t, tn, learningRate.number, learningRate.handle, beta1,
              beta2, weightDecay, epsilon, decoupled, false, scaling.scale?.handle,
              scaling.foundInfinity?.handle)
          }
        }
      }
    }
  }
  withExtendedLifetime((learningRate, scaling)) {}
  try check(status)
}

/// Multiplies gradients by `inverseScale` in place, and sets `foundInfinity` to 1 where one is not
/// finite. Both are tensors of one float32 on the gradients' device.
public func unscaleGradients(
  _ gradients: [Tensor], foundInfinity: Tensor, inverseScale: Tensor
) throws(TorchError) {
  guard !gradients.isEmpty else { return }
  try check(
    gradients.withHandles {
      ct_unscale_gradients_($0, $1, foundInfinity.handle, inverseScale.handle)
    })
}

/// Changes the loss scale in place: backs off after an infinity, grows after `interval` steps
/// without one.
///
/// - Parameters:
///   - scale: one float32.
///   - growthTracker: one int32: steps since the last change.
///   - foundInfinity: one float32, not 0 after an infinity.
public func updateGradientScale(
  _ scale: Tensor, growthTracker: Tensor, foundInfinity: Tensor, growthFactor: Double = 2,
  backoffFactor: Double = 0.5, interval: Int = 2000
) throws(TorchError) {
  try check(
    ct_update_gradient_scale_(
      scale.handle, growthTracker.handle, foundInfinity.handle, growthFactor, backoffFactor,
      interval))
}
