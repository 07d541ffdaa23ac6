import Darknet
import Torch

/// `[reorg3d]`: squares of stride × stride places become channels, the offset within the square
/// changing slower than the channel: output channel (y·stride + x)·C + c is input channel c at
/// offset (y, x).
final class SpaceToDepth: Layer {
  let spec: ReorgSpec

  init(_ spec: ReorgSpec) { self.spec = spec }

  func callAsFunction(_ input: Tensor, _ context: LayerContext) throws -> Tensor {
    try input.spaceToDepth(spec.stride)
  }
}

/// `[reorg]`: what Darknet's `reorg_cpu` does, which is not space to depth. The input's memory is
/// read as a map of C/stride² channels with sides `stride` times as long; that one goes from space
/// to depth, and the result's memory is read as C·stride² channels of the smaller grid.
final class Reorg: Layer {
  let spec: ReorgSpec

  init(_ spec: ReorgSpec) { self.spec = spec }

  func callAsFunction(_ input: Tensor, _ context: LayerContext) throws -> Tensor {
    let stride = spec.stride
    let (batch, channels) = (input.shape[0], input.shape[1])
    let (height, width) = (input.shape[2], input.shape[3])
    return try input.reshaped([
      batch, channels / (stride * stride), height * stride, width * stride,
    ]).spaceToDepth(stride).reshaped([
      batch, channels * stride * stride, height / stride, width / stride,
    ])
  }
}

extension Tensor {
  /// `[N, C, H·s, W·s]` to `[N, s²·C, H, W]`, the offset before the channel.
  fileprivate func spaceToDepth(_ stride: Int) throws -> Tensor {
    let cells = try pixelUnshuffled(stride)
    let (batch, channels) = (shape[0], shape[1])
    let (height, width) = (cells.shape[2], cells.shape[3])
    return try cells.reshaped([batch, channels, stride * stride, height, width])
      .transposed(1, 2).reshaped([batch, stride * stride * channels, height, width])
  }
}
