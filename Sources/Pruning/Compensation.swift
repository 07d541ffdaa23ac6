import Darknet

/// Carries the constants of dropped channels into what follows, so that dropping them changes as
/// little as possible.
///
/// A channel that is dropped is taken to have γ = 0 (without batch normalisation: a kernel of
/// zeros), so its convolution emits act(β), or act(bias), everywhere. Every later layer is evaluated on these constants, until a convolution that mixes channels absorbs
/// them into the mean of its batch normalisation, or into its bias. Zero padding is not counted:
/// near borders a kernel sees less of the constant than is absorbed.
public struct Compensation {
  /// The network as it was.
  public var spec: NetworkSpec
  /// Its labels.
  public var slots: ChannelSlots
  /// What stays.
  public var mask: KeepMask
  /// What the network makes of pixel values, which decides the slope of `leaky`.
  public var inputScale = InputScale.by255

  /// ε of batch normalisation inside convolutions (SPEC M14).
  static let epsilon = 1e-5

  /// The full-size parameters with all constants absorbed.
  public func callAsFunction(_ parameters: NetworkParameters) -> NetworkParameters {
    var result = parameters
    // What each channel of each layer's output emits everywhere; zero for channels that stay.
    var constants: [[Double]] = []
    for (index, layer) in spec.layers.enumerated() {
      let input =
        constants.last ?? [Double](repeating: 0, count: spec.inChannels(ofLayer: index))
      var output = input
      switch layer {
      case .convolutional(let convolution), .depthwise(let convolution):
        if convolution.isDepthwise(inputChannels: input.count) {
          output = depthwise(convolution, input, result.layers[index])
        } else {
          let shift = result.layers[index][convolution.batchNormalize ? .beta : .bias]
          output = (shift?.values ?? []).map { activated(Double($0), convolution.activation) }
          absorb(input, convolution, &result.layers[index])
        }
      case .batchNorm(let norm):
        let batchNorm = BatchNorm(result.layers[index], epsilon: Double(norm.epsilon))
        output = input.enumerated().map { activated(batchNorm($1, channel: $0), norm.activation) }
      case .upsample(let upsample):
        output = input.map { $0 * Double(upsample.scale) }
      case .route(let route):
        output = route.sources.flatMap { source in
          let part = constants[source].count / route.groups
          return constants[source][route.groupID * part..<(route.groupID + 1) * part]
        }
      case .shortcut(let shortcut):
        let summands = [input] + shortcut.sources.map { constants[$0] }
        output = sum(summands, shortcut, weight: result.layers[index][.weight])
      case .scaleChannels(let scale):
        output = zip(constants[scale.source], input).map { activated($0 * $1, scale.activation) }
      case .sam(let sam):
        output = zip(constants[sam.source], input).map { activated($0 * $1, sam.activation) }
      case .reorg3d(let reorg):
        output = (0..<reorg.stride * reorg.stride).flatMap { _ in input }
      case .reorg, .channelMaxPool:
        // Their channels all stay.
        output = [Double](repeating: 0, count: spec.outChannels(ofLayer: index))
      case .maxPool, .localAveragePool, .averagePool, .dropout, .squeezeExcitation, .yolo,
        .gaussianYolo, .region:
        break
      }
      if output.isEmpty { output = slots.outputs[index].map { _ in 0 } }
      for (channel, slot) in slots.outputs[index].enumerated() where mask.stays[slot] {
        output[channel] = 0
      }
      constants.append(output)
    }
    return result
  }

  private func activated(_ x: Double, _ activation: Activation) -> Double {
    activation(x, leakySlope: inputScale.leakySlope)
  }

  /// What a depthwise convolution makes of its inputs' constants, with its true statistics.
  private func depthwise(
    _ convolution: ConvolutionSpec, _ input: [Double],
    _ parameters: [ParameterRole: ParameterArray]
  ) -> [Double] {
    guard let weight = parameters[.weight] else { return [] }
    let multiplier = convolution.outChannels / input.count
    let taps = weight.values.count / convolution.outChannels
    let batchNorm = convolution.batchNormalize ? BatchNorm(parameters, epsilon: Self.epsilon) : nil
    return (0..<convolution.outChannels).map { channel in
      let kernel = weight.values[channel * taps..<(channel + 1) * taps]
      let x = input[channel / multiplier] * kernel.reduce(0) { $0 + Double($1) }
      let normalized =
        batchNorm.map { $0(x, channel: channel) }
        ?? x + Double(parameters[.bias]?.values[channel] ?? 0)
      return activated(normalized, convolution.activation)
    }
  }

  /// Moves what the constants add to each output channel into its mean or bias.
  private func absorb(
    _ input: [Double], _ convolution: ConvolutionSpec,
    _ parameters: inout [ParameterRole: ParameterArray]
  ) {
    let emitting = input.indices.filter { input[$0] != 0 }
    guard !emitting.isEmpty, let weight = parameters[.weight] else { return }
    let width = input.count / convolution.groups
    let outputsPerGroup = convolution.outChannels / convolution.groups
    let taps = convolution.kernelHeight * convolution.kernelWidth
    let offsets = weight.values.withUnsafeBufferPointer { kernel in
      (0..<convolution.outChannels).map { output in
        let first = output / outputsPerGroup * width
        var offset = 0.0
        for channel in emitting where channel >= first && channel < first + width {
          let start = (output * width + channel - first) * taps
          var sum = 0.0
          for tap in start..<start + taps { sum += Double(kernel[tap]) }
          offset += sum * input[channel]
        }
        return offset
      }
    }
    // γ·(Wx − μ)/σ + β: what W no longer adds, μ no longer takes away.
    let (role, sign): (ParameterRole, Double) =
      convolution.batchNormalize ? (.mean, -1) : (.bias, 1)
    guard var shift = parameters.removeValue(forKey: role) else { return }
    for (output, offset) in offsets.enumerated() {
      shift.values[output] = Float(Double(shift.values[output]) + sign * offset)
    }
    parameters[role] = shift
  }

  /// A shortcut's weighted sum; the output is as wide as the first summand.
  private func sum(
    _ summands: [[Double]], _ shortcut: ShortcutSpec, weight: ParameterArray?
  ) -> [Double] {
    let width = summands[0].count
    return (0..<width).map { channel in
      let factors = summands.indices.map { summand -> Double in
        guard let weight else { return 1 }
        let perChannel = shortcut.weights == .perChannel
        return Double(weight.values[perChannel ? summand * width + channel : summand])
      }
      let normalized = shortcut.normalized(factors)
      var total = 0.0
      for (summand, factor) in zip(summands, normalized) where channel < summand.count {
        total += factor * summand[channel]
      }
      return activated(total, shortcut.activation)
    }
  }
}

extension ShortcutSpec {
  /// The factors of the summands of one channel, as Darknet's `shortcut_multilayer_cpu` makes them.
  func normalized(_ factors: [Double]) -> [Double] {
    guard weights != .none else { return factors }
    switch normalization {
    case .none: return factors
    case .relu:
      let rectified = factors.map { max($0, 0) }
      let sum = rectified.reduce(Self.sumEpsilon, +)
      return rectified.map { $0 / sum }
    case .softmax:
      let peak = factors.max() ?? 0
      let exponentials = factors.map { exponential($0 - peak) }
      let sum = exponentials.reduce(Self.sumEpsilon, +)
      return exponentials.map { $0 / sum }
    }
  }
}

/// Batch normalisation with running statistics.
private struct BatchNorm {
  private let gamma: [Float]
  private let beta: [Float]
  private let mean: [Float]
  private let variance: [Float]
  private let epsilon: Double

  init(_ parameters: [ParameterRole: ParameterArray], epsilon: Double) {
    gamma = parameters[.gamma]?.values ?? []
    beta = parameters[.beta]?.values ?? []
    mean = parameters[.mean]?.values ?? []
    variance = parameters[.variance]?.values ?? []
    self.epsilon = epsilon
  }

  func callAsFunction(_ x: Double, channel: Int) -> Double {
    let deviation = (Double(variance[channel]) + epsilon).squareRoot()
    return Double(gamma[channel]) * (x - Double(mean[channel])) / deviation
      + Double(beta[channel])
  }
}
