import Torch

extension Tensor {
  /// Bytes of pictures as networks read them: float32 in `0...1`, in row-major order.
  package func asUnitRange() throws(TorchError) -> Tensor {
    try contiguous().to(.float32) / 255
  }
}
