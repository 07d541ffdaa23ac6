import Darknet
import Torch

extension Tensor {
  /// Darknet's activations by their exact definition (`activations.h`).
  func activated(by activation: Activation) throws(TorchError) -> Tensor {
    switch activation {
    case .linear: return self
    case .leaky: return try leakyReLU(slope: 0.1)
    case .relu: return try relu()
    case .relu6: return try relu6()
    case .mish: return try mish()
    case .swish: return try silu()
    case .logistic: return try sigmoid()
    case .hardSwish: return try hardSwish()
    case .hardMish: return try self * (self + 2).clamped(min: 0, max: 2) * 0.5
    case .elu: return try elu()
    case .selu: return try selu()
    case .gelu: return try gelu()
    case .tanh: return try tanh()
    }
  }
}
