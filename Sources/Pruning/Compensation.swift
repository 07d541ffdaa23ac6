import Darknet

/// Carries the constants of what is dropped into what follows, so that dropping it changes as
/// little as possible.
///
/// A channel that is dropped is taken to have γ = 0 (without batch normalisation: a kernel of
/// zeros), so its convolution emits act(β), or act(bias), everywhere; so do the convolutions of a
/// block that is removed. Every later layer is evaluated on these constants, until a convolution
/// that mixes channels absorbs them into the mean of its batch normalisation, or into its bias.
///
/// A channel that stays lacks a constant where a removed block's branch was added to it; whatever
/// is linear passes that on. What is not (the activation of a shortcut, a gate) loses it, and says
/// so; a `[reorg]` that mixes channels passes on their mean. Zero padding is not counted: near
/// borders a kernel sees less of the constant than is absorbed.
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
  /// Its channels.
  public var slots: ChannelSlots
  /// What stays.
  public var mask: KeepMask
  /// What the network makes of pixel values, which decides the slope of `leaky`.
  public var inputScale = InputScale.by255

  /// ε of batch normalisation inside convolutions (docs/formulas.md 1.2).
  static let epsilon = ConvolutionSpec.epsilon

  /// The full-size parameters with all constants absorbed.
  public func callAsFunction(_ parameters: NetworkParameters) -> Outcome {
    var flow = ConstantFlow(self, parameters)
    _ = flow.walk(spec)
    return flow.outcome
  }
}

/// How a channel of the whole network differs from the same channel of the masked one, where the
/// channels that go are zero.
private struct Emission {
  /// What the masked network's lacks: one number, the same at every place of the map.
  var constant = 0.0
  /// Whether the channel has more than this number, which differs from place to place: it stays, or
  /// it is computed from channels that stay, inside a block that goes.
  var varies: Bool
}

/// Follows the constants through the network, and absorbs them where a layer can.
private struct ConstantFlow: ChannelAlgebra {
  private(set) var outcome: Compensation.Outcome
  private let compensation: Compensation

  init(_ compensation: Compensation, _ parameters: NetworkParameters) {
    self.compensation = compensation
    outcome = Compensation.Outcome(parameters: parameters, lost: [])
  }

  /// Of a layer, with what is absorbed so far.
  private func parameters(_ layer: Int) -> [ParameterRole: ParameterArray] {
    outcome.parameters.layers[layer]
  }

  mutating func input(_ count: Int) -> [Emission] {
    [Emission](repeating: Emission(varies: true), count: count)
  }

  mutating func made(
    by convolution: ConvolutionSpec, from input: [Emission], at layer: Int
  ) -> [Emission] {
    let shift = parameters(layer)[convolution.batchNormalize ? .beta : .bias]
    absorb(input.map(\.constant), convolution, &outcome.parameters.layers[layer])
    return stays(layer).enumerated().map { channel, stays in
      stays
        ? Emission(varies: true)
        : emitted(Double(shift?.values[channel] ?? 0), convolution.activation)
    }
  }

  /// What a depthwise convolution makes of its inputs' constants, with its true statistics. What
  /// stays absorbs its own.
  mutating func filtered(
    _ input: [Emission], by convolution: ConvolutionSpec, at layer: Int
  ) -> [Emission] {
    let stays = stays(layer)
    let arrays = parameters(layer)
    guard let weight = arrays[.weight] else { return stays.map { Emission(varies: $0) } }
    let multiplier = convolution.outChannels / input.count
    let taps = weight.values.count / convolution.outChannels
    let batchNorm =
      convolution.batchNormalize ? BatchNorm(arrays, epsilon: Compensation.epsilon) : nil
    return (0..<convolution.outChannels).map { channel in
      let kernel = weight.values[channel * taps..<(channel + 1) * taps]
      let read = input[channel / multiplier]
      let x = read.constant * kernel.reduce(0) { $0 + Double($1) }
      if stays[channel] {
        if batchNorm != nil {
          outcome.parameters.layers[layer][.mean]?.values[channel] -= Float(x)
        } else {
          outcome.parameters.layers[layer][.bias]?.values[channel] += Float(x)
        }
        return Emission(varies: true)
      }
      // In a removed block: what it reads is no constant, so its own γ, or kernel, is taken as 0.
      let normalized =
        batchNorm.map { $0(read.varies ? $0.mean(channel) : x, channel: channel) }
        ?? (read.varies ? 0 : x) + Double(arrays[.bias]?.values[channel] ?? 0)
      return emitted(normalized, convolution.activation)
    }
  }

  mutating func normalized(
    _ input: [Emission], by norm: BatchNormSpec, at layer: Int
  ) -> [Emission] {
    let stays = stays(layer)
    let batchNorm = BatchNorm(parameters(layer), epsilon: Double(norm.epsilon))
    return input.indices.map { channel in
      let (x, varies) = (input[channel].constant, input[channel].varies)
      if stays[channel] {
        outcome.parameters.layers[layer][.mean]?.values[channel] -= Float(x)
        return Emission(varies: true)
      }
      return emitted(
        batchNorm(varies ? batchNorm.mean(channel) : x, channel: channel), norm.activation)
    }
  }

  mutating func summed(
    _ summands: [[Emission]], by shortcut: ShortcutSpec, at layer: Int
  ) -> [Emission] {
    let constants = summands.map { $0.map(\.constant) }
    let total = sum(constants, shortcut, weight: parameters(layer)[.weight])
    let stays = stays(layer)
    let output = total.indices.map { channel in
      Emission(
        constant: stays[channel]
          ? total[channel] : activated(total[channel], shortcut.activation),
        varies: summands.contains { $0.indices.contains(channel) && $0[channel].varies })
    }
    return shortcut.activation == .linear ? output : passedWhereDropped(output, at: layer)
  }

  mutating func multiplied(
    _ channels: [Emission], by factors: [Emission], _ activation: Activation, at layer: Int
  ) -> [Emission] {
    let stays = stays(layer)
    let product = zip(channels, factors).enumerated().map { channel, pair in
      let (x, factor) = (pair.0.constant, pair.1.constant)
      return Emission(
        constant: stays[channel] ? max(abs(x), abs(factor)) : activated(x * factor, activation),
        varies: pair.0.varies || pair.1.varies)
    }
    return passedWhereDropped(product, at: layer)
  }

  mutating func multiplied(
    _ channels: [Emission], byPlaces factor: Emission, _ activation: Activation, at layer: Int
  ) -> [Emission] {
    multiplied(channels, by: channels.map { _ in factor }, activation, at: layer)
  }

  /// Squeeze and excitation of maps that are constant throughout.
  mutating func gated(
    _ input: [Emission], by attention: SqueezeExcitationSpec, at layer: Int
  ) -> [Emission] {
    guard !stays(layer).contains(true) else { return lose(input, at: layer) }
    let parameters = parameters(layer)
    guard let squeeze = parameters[.squeeze], let excite = parameters[.excite] else { return input }
    let hidden = (0..<attention.hiddenChannels).map { row in
      max(
        input.indices.reduce(0) {
          $0 + Double(squeeze.values[row * input.count + $1]) * input[$1].constant
        }, 0)
    }
    let varies = input.contains(where: \.varies)
    return input.indices.map { channel in
      let sum = hidden.indices.reduce(0) {
        $0 + Double(excite.values[channel * hidden.count + $1]) * hidden[$1]
      }
      return Emission(
        constant: input[channel].constant * min(max(sum + 3, 0), 6) / 6, varies: varies)
    }
  }

  mutating func mixed(
    _ input: [Emission], by pool: ChannelPoolSpec, at layer: Int
  ) -> [Emission] {
    _ = lose(input, at: layer)
    return [Emission](
      repeating: Emission(varies: input.contains(where: \.varies)), count: pool.outChannels)
  }

  /// The constants that a `[reorg]` passes on: its input's, or the mean of each block where an
  /// output channel has places of two input channels.
  mutating func rearranged(
    _ input: [Emission], by reorg: ReorgSpec, at layer: Int
  ) -> [Emission] {
    let spec = compensation.spec
    let height = layer > 0 ? spec.shapes[layer - 1].height : spec.net.height
    guard !height.isMultiple(of: reorg.blockSize) else { return input }
    let means = input.indices.map { place in
      let block = input[(place - place % reorg.blockSize)...].prefix(reorg.blockSize)
      return Emission(
        constant: block.reduce(0) { $0 + $1.constant } / Double(reorg.blockSize),
        varies: block.contains(where: \.varies))
    }
    lose(zip(input, means).map { $0.constant - $1.constant }, at: layer)
    return means
  }

  mutating func upsampled(
    _ input: [Emission], by upsample: UpsampleSpec, at layer: Int
  ) -> [Emission] {
    input.map { Emission(constant: $0.constant * Double(upsample.scale), varies: $0.varies) }
  }

  mutating func cut(_ channels: [Emission], into count: Int, at layer: Int) {}

  mutating func read(
    _ input: [Emission], fusedWith others: [[Emission]], at layer: Int
  ) -> [Emission] {
    lose(input, at: layer)
  }

  /// Whether each channel of a layer's output stays; those of the network's input do.
  private func stays(_ layer: Int) -> [Bool] {
    let mask = compensation.mask
    guard layer >= 0 else {
      return [Bool](repeating: true, count: compensation.spec.net.channels)
    }
    let isSilent = mask.isSilent(layer)
    return compensation.slots.outputs[layer].map { mask.stays[$0] && !isSilent }
  }

  /// Constants through a layer that is not linear: it passes on those of what is dropped, and loses
  /// those of what stays.
  private mutating func passedWhereDropped(_ output: [Emission], at layer: Int) -> [Emission] {
    let stays = stays(layer)
    lose(zip(output, stays).map { $1 ? $0.constant : 0 }, at: layer)
    return zip(output, stays).map { $1 ? Emission(varies: $0.varies) : $0 }
  }

  /// Notes the constants of a layer that passes on none.
  private mutating func lose(_ input: [Emission], at layer: Int) -> [Emission] {
    lose(input.map(\.constant), at: layer)
    return input.map { Emission(varies: $0.varies) }
  }

  /// Notes constants that a layer does not pass on.
  private mutating func lose(_ constants: [Double], at layer: Int) {
    if let largest = constants.map(abs).max(), largest > 0 {
      outcome.lost.append(LostConstant(layer: layer, largest: largest))
    }
  }

  private func activated(_ x: Double, _ activation: Activation) -> Double {
    activation(x, leakySlope: compensation.inputScale.leakySlope)
  }

  /// What is left of a channel that is dropped: its activated shift.
  private func emitted(_ x: Double, _ activation: Activation) -> Emission {
    Emission(constant: activated(x, activation), varies: false)
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
