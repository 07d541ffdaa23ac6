import CTorch

// Layers of a network as functions of their input. Pairs are (height, width).

private func pair(_ sizes: (Int, Int)) -> ct_pair { ct_pair(height: sizes.0, width: sizes.1) }

// MARK: - Convolution and products

extension Tensor {
  /// Cross-correlates `[N, C, H, W]` with `weight` `[O, C / groups, kH, kW]`, and adds `bias`
  /// `[O]`.
  public func conv2d(
    _ weight: Tensor, bias: Tensor? = nil, stride: (Int, Int) = (1, 1),
    padding: (Int, Int) = (0, 0), dilation: (Int, Int) = (1, 1), groups: Int = 1
  ) throws(TorchError) -> Tensor {
    try .make {
      ct_conv2d(
        handle, weight.handle, bias?.handle, pair(stride), pair(padding), pair(dilation), groups,
        $0)
    }
  }

  /// `[…, in]` by `weight` `[out, in]`, plus `bias` `[out]`.
  public func linear(_ weight: Tensor, bias: Tensor? = nil) throws(TorchError) -> Tensor {
    try .make { ct_linear(handle, weight.handle, bias?.handle, $0) }
  }

  /// The matrix product of the last two dimensions.
  public func matmul(_ other: Tensor) throws(TorchError) -> Tensor {
    try .make { ct_matmul(handle, other.handle, $0) }
  }
}

// MARK: - Normalisation and dropout

extension Tensor {
  /// Normalises each channel of `[N, C, …]` to mean 0 and variance 1, then scales by `weight` and
  /// adds `bias`, both `[C]`.
  ///
  /// - Parameters:
  ///   - training: normalises by the batch, and moves the running statistics in place by
  ///     `momentum` towards it (the variance unbiased); otherwise normalises by the running ones.
  ///   - momentum: the weight of the new batch, PyTorch's way round; Darknet's momentum is 1 −
  ///     this.
  ///   - epsilon: added to the variance under the root.
  public func batchNorm(
    weight: Tensor?, bias: Tensor?, runningMean: Tensor?, runningVariance: Tensor?,
    training: Bool, momentum: Double = 0.1, epsilon: Double = 1e-5
  ) throws(TorchError) -> Tensor {
    try .make {
      ct_batch_norm(
        handle, weight?.handle, bias?.handle, runningMean?.handle, runningVariance?.handle,
        training, momentum, epsilon, $0)
    }
  }

  /// Sets elements to zero with the given probability and scales up the rest by 1 / (1 − p).
  ///
  /// - Parameter generator: draws which, on the tensor's device; nil: libtorch's default one
  ///   (``TorchRuntime/seed(_:)``), which the whole process shares.
  public func dropout(
    probability: Double, generator: Generator? = nil
  ) throws(TorchError) -> Tensor {
    try .make { ct_dropout(handle, probability, generator?.handle, $0) }
  }
}

// MARK: - Pooling and resizing

extension Tensor {
  /// How values between pixels are found.
  public enum Interpolation: Sendable {
    case nearest, bilinear, bicubic
  }

  /// The largest element of each window of `[N, C, H, W]`; `padding`, at most half the kernel,
  /// counts as −∞.
  public func maxPool2d(
    kernel: (Int, Int), stride: (Int, Int), padding: (Int, Int) = (0, 0)
  ) throws(TorchError) -> Tensor {
    try .make { ct_max_pool2d(handle, pair(kernel), pair(stride), pair(padding), $0) }
  }

  /// The mean of each window of `[N, C, H, W]`.
  ///
  /// - Parameter countsPadding: whether the zeros of the padding are part of the mean.
  public func avgPool2d(
    kernel: (Int, Int), stride: (Int, Int), padding: (Int, Int) = (0, 0),
    countsPadding: Bool = true
  ) throws(TorchError) -> Tensor {
    try .make {
      ct_avg_pool2d(handle, pair(kernel), pair(stride), pair(padding), countsPadding, $0)
    }
  }

  /// Every pixel of `[N, C, H, W]` as a block of `scale` × `scale`.
  public func upsampledNearest(scale: Int) throws(TorchError) -> Tensor {
    let (h, w) = (try size(-2), try size(-1))
    let (height, tall) = h.multipliedReportingOverflow(by: scale)
    let (width, wide) = w.multipliedReportingOverflow(by: scale)
    guard !tall, !wide else { throw .libtorch("cannot scale \(shape) by \(scale)") }
    return try resized(height: height, width: width, .nearest)
  }

  /// `[N, C, H, W]` resized to a height and width.
  ///
  /// - Parameters:
  ///   - alignCorners: whether the centres of corner pixels stay where they are, not the edges.
  ///   - antialias: whether shrinking weighs all pixels that an output pixel covers.
  public func resized(
    height: Int, width: Int, _ interpolation: Interpolation = .bilinear,
    alignCorners: Bool = false, antialias: Bool = false
  ) throws(TorchError) -> Tensor {
    let size = pair((height, width))
    return switch interpolation {
    case .nearest: try .make { ct_upsample_nearest(handle, size, $0) }
    case .bilinear: try .make { ct_upsample_bilinear(handle, size, alignCorners, antialias, $0) }
    case .bicubic: try .make { ct_upsample_bicubic(handle, size, alignCorners, antialias, $0) }
    }
  }

  /// `[N, C, H · f, W · f]` to `[N, C · f², H, W]`; channel `c · f² + y · f + x` holds offset (y,
  /// x).
  public func pixelUnshuffled(_ factor: Int) throws(TorchError) -> Tensor {
    try .make { ct_pixel_unshuffle(handle, factor, $0) }
  }
}

// MARK: - Activations

extension Tensor {
  /// x where positive, else `slope` · x.
  public func leakyReLU(slope: Double) throws(TorchError) -> Tensor {
    try .make { ct_leaky_relu(handle, slope, $0) }
  }

  /// x where positive, else 0.
  public func relu() throws(TorchError) -> Tensor { try .make { ct_relu(handle, $0) } }

  /// x moved into 0...6.
  public func relu6() throws(TorchError) -> Tensor { try .make { ct_relu6(handle, $0) } }

  /// x · tanh(softplus(x)) (Misra, 2019).
  public func mish() throws(TorchError) -> Tensor { try .make { ct_mish(handle, $0) } }

  /// x · sigmoid(x), also called swish.
  public func silu() throws(TorchError) -> Tensor { try .make { ct_silu(handle, $0) } }

  /// x · relu6(x + 3) / 6.
  public func hardSwish() throws(TorchError) -> Tensor { try .make { ct_hardswish(handle, $0) } }

  /// relu6(x + 3) / 6.
  public func hardSigmoid() throws(TorchError) -> Tensor {
    try .make { ct_hardsigmoid(handle, $0) }
  }

  /// The self-normalising ELU (Klambauer and others, 2017).
  public func selu() throws(TorchError) -> Tensor { try .make { ct_selu(handle, $0) } }

  /// log(1 + exp(x)).
  public func softplus() throws(TorchError) -> Tensor { try .make { ct_softplus(handle, $0) } }

  /// x · Φ(x), with the exact normal distribution.
  public func gelu() throws(TorchError) -> Tensor { try .make { ct_gelu(handle, $0) } }

  /// x where positive, else `alpha` · (exp(x) − 1).
  public func elu(alpha: Double = 1) throws(TorchError) -> Tensor {
    try .make { ct_elu(handle, alpha, $0) }
  }
}

// MARK: - Fake quantization

extension Tensor {
}
