import Darknet

/// Carries the constants of what is dropped into what follows, so that dropping it changes as little
/// as possible.
///
/// A channel that is dropped is taken to have γ = 0 (without batch normalisation: a kernel of
/// zeros), so its convolution emits act(β), or act(bias), everywhere; so do the convolutions of a
/// block that is removed. Every later layer is evaluated on these constants, until a convolution
/// that mixes channels absorbs them into the mean of its batch normalisation, or into its bias.
///
/// A channel that stays lacks a constant where a removed block's branch was added to it; whatever
/// is linear passes that on. What is not (the activation of a shortcut, a gate) loses it, and says
/// so; a `[reorg]` that mixes channels passes on their mean. Zero padding is not counted: near borders a kernel sees less of the constant than is absorbed.
public struct Compensation {
  /// The full-size parameters with the constants absorbed.
  public struct Outcome: Sendable {
    /// The parameters.
    public var parameters: NetworkParameters
    /// Where constants were lost, in the order of the cfg.
    public var lost: [LostConstant]
  }

  /// The network as it was.
  public var spec: NetworkSpec
  /// Its labels.
  public var slots: ChannelSlots
  /// What stays.
  public var mask: KeepMask
  /// What the network makes of pixel values, which decides the slope of `leaky`.
  public var inputScale = InputScale.by255

  /// ε of batch normalisation inside convolutions (docs/formulas.md 1.2).
  static let epsilon = ConvolutionSpec.epsilon

  /// The full-size parameters with all constants absorbed.
  public func callAsFunction(_ parameters: NetworkParameters) -> Outcome {
    var result = Outcome(parameters: parameters, lost: [])
    // What each channel of each layer's output has everywhere, and the masked network's has not.
    var constants: [[Double]] = []
    for index in spec.layers.indices {
      let input =
        constants.last ?? [Double](repeating: 0, count: spec.inChannels(ofLayer: index))
      constants.append(output(of: index, input, constants, &result))
    }
    return result
  }

  private func output(
    of index: Int, _ input: [Double], _ constants: [[Double]], _ result: inout Outcome
  ) -> [Double] {
    let stays = stays(index)
    /// Constants through a layer that passes on those of what stays only where it is linear.
    func passed(_ output: [Double], isLinear: Bool) -> [Double] {
      guard !isLinear else { return output }
      return lose(zip(output, stays).map { $1 ? $0 : 0 }, at: index, &result, keeping: output)
    }
    switch spec.layers[index] {
    case .convolutional(let convolution), .depthwise(let convolution):
      if convolution.isDepthwise(inputChannels: input.count) {
        return depthwise(convolution, input, index, stays, &result.parameters)
      }
      let shift = result.parameters.layers[index][convolution.batchNormalize ? .beta : .bias]
      absorb(input, convolution, &result.parameters.layers[index])
      return stays.enumerated().map { channel, stays in
        stays ? 0 : activated(Double(shift?.values[channel] ?? 0), convolution.activation)
      }
    case .batchNorm(let norm):
      let inputStays = self.stays(index - 1)
      let batchNorm = BatchNorm(
        result.parameters.layers[index], epsilon: Double(norm.epsilon))
      return input.indices.map { channel in
        if stays[channel] {
          result.parameters.layers[index][.mean]?.values[channel] -= Float(input[channel])
          return 0
        }
        let x = inputStays[channel] ? batchNorm.mean(channel) : input[channel]
        return activated(batchNorm(x, channel: channel), norm.activation)
      }
    case .upsample(let upsample):
      return input.map { $0 * Double(upsample.scale) }
    case .route(let route):
      return route.sources.flatMap { source in
        let part = constants[source].count / route.groups
        return constants[source][route.groupID * part..<(route.groupID + 1) * part]
      }
    case .shortcut(let shortcut):
      let summands = [input] + shortcut.sources.map { constants[$0] }
      let total = sum(summands, shortcut, weight: result.parameters.layers[index][.weight])
      return passed(
        zip(total, stays).map { $1 ? $0 : activated($0, shortcut.activation) },
        isLinear: shortcut.activation == .linear)
    case .scaleChannels(let scale):
      let source = constants[scale.source]
      let product = source.indices.map { channel in
        let factor = scale.scalesPlaces ? input[0] : input[channel]
        return stays[channel]
          ? max(abs(source[channel]), abs(factor))
          : activated(source[channel] * factor, scale.activation)
      }
      return passed(product, isLinear: false)
    case .sam(let sam):
      let product = zip(constants[sam.source], input).enumerated().map { channel, factors in
        stays[channel]
          ? max(abs(factors.0), abs(factors.1))
          : activated(factors.0 * factors.1, sam.activation)
      }
      return passed(product, isLinear: false)
    case .squeezeExcitation(let attention):
      guard !stays.contains(true) else { return lose(input, at: index, &result) }
      return gated(input, attention, result.parameters.layers[index])
    case .reorg3d(let reorg):
      return reorg.repeated(input)
    case .reorg(let reorg):
      return reorg.repeated(mixed(input, reorg, at: index, &result))
    case .channelMaxPool:
      _ = lose(input, at: index, &result)
      return stays.map { _ in 0 }
    case .yolo, .gaussianYolo, .region:
      return lose(input, at: index, &result)
    case .maxPool, .localAveragePool, .averagePool, .dropout:
      return input
    }
  }

  /// Whether each channel of a layer's output stays; those of the network's input do.
  private func stays(_ layer: Int) -> [Bool] {
    guard layer >= 0 else { return [Bool](repeating: true, count: spec.net.channels) }
    let isSilent = mask.isSilent(layer)
    return slots.outputs[layer].map { mask.stays[$0] && !isSilent }
  }

  /// Notes constants that a layer does not pass on.
  ///
  /// - Parameter output: what it does pass on beside them.
  private func lose(
    _ constants: [Double], at layer: Int, _ result: inout Outcome, keeping output: [Double]? = nil
  ) -> [Double] {
    if let largest = constants.map(abs).max(), largest > 0 {
      result.lost.append(LostConstant(layer: layer, largest: largest))
    }
    return zip(output ?? constants, constants).map { $1 == 0 ? $0 : 0 }
  }

  /// The constants that a `[reorg]` passes on: its input's, or the mean of each block where an output
  /// channel has places of two input channels.
  private func mixed(
    _ input: [Double], _ reorg: ReorgSpec, at index: Int, _ result: inout Outcome
  ) -> [Double] {
    let height = index > 0 ? spec.shapes[index - 1].height : spec.net.height
    guard !height.isMultiple(of: reorg.blockSize) else { return input }
    let means = input.indices.map { place in
      let start = place - place % reorg.blockSize
      return input[start..<start + reorg.blockSize].reduce(0, +) / Double(reorg.blockSize)
    }
    _ = lose(zip(input, means).map { $0 - $1 }, at: index, &result)
    return means
  }

  private func activated(_ x: Double, _ activation: Activation) -> Double {
    activation(x, leakySlope: inputScale.leakySlope)
  }

  /// What a depthwise convolution makes of its inputs' constants, with its true statistics. What
  /// stays absorbs its own.
  private func depthwise(
    _ convolution: ConvolutionSpec, _ input: [Double], _ index: Int, _ stays: [Bool],
    _ parameters: inout NetworkParameters
  ) -> [Double] {
    let arrays = parameters.layers[index]
    guard let weight = arrays[.weight] else { return stays.map { _ in 0 } }
    let multiplier = convolution.outChannels / input.count
    let taps = weight.values.count / convolution.outChannels
    let batchNorm = convolution.batchNormalize ? BatchNorm(arrays, epsilon: Self.epsilon) : nil
    let inputStays = self.stays(index - 1)
    return (0..<convolution.outChannels).map { channel in
      let kernel = weight.values[channel * taps..<(channel + 1) * taps]
      let x = input[channel / multiplier] * kernel.reduce(0) { $0 + Double($1) }
      if stays[channel] {
        if batchNorm != nil {
          parameters.layers[index][.mean]?.values[channel] -= Float(x)
        } else {
          parameters.layers[index][.bias]?.values[channel] += Float(x)
        }
        return 0
      }
      // In a removed block: what it reads is no constant, so its own γ, or kernel, is taken as 0.
      let isBlind = inputStays[channel / multiplier]
      let normalized =
        batchNorm.map { $0(isBlind ? $0.mean(channel) : x, channel: channel) }
        ?? (isBlind ? 0 : x) + Double(arrays[.bias]?.values[channel] ?? 0)
      return activated(normalized, convolution.activation)
    }
  }

  /// Squeeze and excitation of maps that are constant throughout.
  private func gated(
    _ input: [Double], _ attention: SqueezeExcitationSpec,
    _ parameters: [ParameterRole: ParameterArray]
  ) -> [Double] {
    guard let squeeze = parameters[.squeeze], let excite = parameters[.excite] else { return input }
    let hidden = (0..<attention.hiddenChannels).map { row in
      max(
        input.indices.reduce(0) {
          $0 + Double(squeeze.values[row * input.count + $1]) * input[$1]
        }, 0)
    }
    return input.indices.map { channel in
      let sum = hidden.indices.reduce(0) {
        $0 + Double(excite.values[channel * hidden.count + $1]) * hidden[$1]
      }
      return input[channel] * min(max(sum + 3, 0), 6) / 6
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

  /// A shortcut's weighted sum before its activation; the output is as wide as the first summand.
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
      return total
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

  /// The input of which nothing but β is left.
  func mean(_ channel: Int) -> Double { Double(mean[channel]) }

  func callAsFunction(_ x: Double, channel: Int) -> Double {
    let deviation = (Double(variance[channel]) + epsilon).squareRoot()
    return Double(gamma[channel]) * (x - Double(mean[channel])) / deviation
      + Double(beta[channel])
  }
}

/// A place where constants of what was dropped could not be carried on.
public struct LostConstant: Hashable, Sendable {
  /// The layer that could not, by index in the original cfg.
  public var layer: Int
  /// The largest of them.
  public var largest: Double
}
