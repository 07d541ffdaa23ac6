import Darknet
import Torch

extension Tensor {
  /// Darknet's activations by their exact definition (`activations.h`).
  ///
  /// - Parameter leakySlope: the slope of `leaky` below zero.
  func activated(by activation: Activation, leakySlope: Double = 0.1) throws(TorchError) -> Tensor {
    switch activation {
    case .linear: return self
    case .leaky: return try leakyReLU(slope: leakySlope)
    case .relu: return try relu()
    case .relu6: return try relu6()
    case .mish: return try mish()
    case .swish: return try silu()
    case .logistic: return try sigmoid()
    case .hardSwish: return try hardSwish()
    case .hardMish: return try self * (self + 2).clamped(min: 0, max: 2) * 0.5
    case .elu: return try elu()
    case .selu: return try elu(alpha: 1.6732) * 1.0507
    case .gelu:
      let cubed = try self * self.squared()
      return try self * ((self * 0.797885 + cubed * 0.035677).tanh() + 1) * 0.5
    case .tanh: return try tanh()
    }
  }
}
