import Darknet
import Torch

extension Tensor {
  /// Each channel blurred and subsampled; `[N, C, H, W]` in and out.
  package func blurred(by blur: BlurSpec) throws -> Tensor {
    let stride = (blur.strideY, blur.strideX)
    guard blur.size == 3 else { return try avgPool2d(kernel: (2, 2), stride: stride) }
    // 1-2-1 is 1-1 twice.
    return try avgPool2d(kernel: (2, 2), stride: (1, 1), padding: (1, 1))
      .avgPool2d(kernel: (2, 2), stride: stride)
  }
}
