import Darknet
import Torch

/// Maximum over windows; what lies outside the picture counts as −∞ (Darknet, `maxpool_layer.c`).
/// Then a blur where the cfg asks for antialiasing.
final class MaxPool: Layer {
  let spec: PoolSpec

  init(_ spec: PoolSpec) { self.spec = spec }

  func callAsFunction(_ input: Tensor, _ context: LayerContext) throws -> Tensor {
    let maxima = try input.maxima(spec)
    return try spec.blur.map { try maxima.blurred(by: $0) } ?? maxima
  }
}

extension Tensor {
  /// Maxima over windows of each channel, before a blur; `[N, C, H, W]` in and out.
  package func maxima(_ spec: PoolSpec) throws -> Tensor {
    let (kernel, stride) = ((spec.size, spec.size), (spec.poolStride.y, spec.poolStride.x))
    let (before, after) = (spec.leadingPadding, spec.trailingPadding)
    if before == after, before <= spec.size / 2 {
      return try maxPool2d(kernel: kernel, stride: stride, padding: (before, before))
    }
    // Padding copies the whole map, so only what some window reaches: none for 2/2 on even sides.
    func reached(_ length: Int, stride: Int) -> Int {
      let windows = (length + before + after - spec.size) / stride + 1
      return Swift.max((windows - 1) * stride + spec.size - before - length, 0)
    }
    let right = reached(shape[3], stride: stride.1)
    let bottom = reached(shape[2], stride: stride.0)
    let padded =
      before + right + bottom == 0
      ? self : try self.padded([before, right, before, bottom], value: -.infinity)
    return try padded.maxPool2d(kernel: kernel, stride: stride)
  }
}

/// `[maxpool]` with `maxpool_depth`: the maximum over every n-th channel at each place.
final class ChannelMaxPool: Layer {
  let spec: ChannelPoolSpec

  init(_ spec: ChannelPoolSpec) { self.spec = spec }

  func callAsFunction(_ input: Tensor, _ context: LayerContext) throws -> Tensor {
    let (batch, channels) = (input.shape[0], input.shape[1])
    let (height, width) = (input.shape[2], input.shape[3])
    let rounds = (channels + spec.outChannels - 1) / spec.outChannels
    let missing = rounds * spec.outChannels - channels
    let whole =
      missing == 0 ? input : try input.padded([0, 0, 0, 0, 0, missing], value: -.infinity)
    return try whole.reshaped([batch, rounds, spec.outChannels, height, width]).max(dim: 1).values
  }
}

/// `[local_avgpool]`: mean over windows; what lies outside the picture does not count.
final class LocalAveragePool: Layer {
  let spec: PoolSpec

  init(_ spec: PoolSpec) { self.spec = spec }

  func callAsFunction(_ input: Tensor, _ context: LayerContext) throws -> Tensor {
    let means = try padded(input)
    guard spec.padding > 0 else { return means }
    let inside = try withoutGrad {
      try padded(Tensor.ones([1, 1] + input.shape.suffix(2), device: input.device))
    }
    return try means / inside
  }

  /// Means in which zeros outside the picture count.
  private func padded(_ x: Tensor) throws -> Tensor {
    let (before, after) = (spec.leadingPadding, spec.trailingPadding)
    return try x.padded([before, after, before, after])
      .avgPool2d(kernel: (spec.size, spec.size), stride: (spec.strideY, spec.strideX))
  }
}

/// `[avgpool]`: the mean over the whole grid, `[N, C, 1, 1]`.
final class AveragePool: Layer {

  func callAsFunction(_ input: Tensor, _ context: LayerContext) throws -> Tensor {
    try input.mean(dims: [2, 3], keepDim: true)
  }
}
