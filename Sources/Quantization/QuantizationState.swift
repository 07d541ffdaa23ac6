import Darknet
import Integers
import Networks
import Torch

/// A quantized network without its cfg: codes of its weights and biases, grids of its activations,
/// and the options that say by the plan what belongs where.
///
/// The codes are those of folded weights. A network is folded once, when they are made; who reads
/// them back takes them as they are, so nothing can be folded twice.
public struct QuantizationState {
  /// What decided the quantization.
  public let options: QuantizationOptions
  /// What is quantized where.
  public let plan: QuantizationPlan
  /// Weights and biases by layer; a layer without an entry is float.
  public let kernels: [Int: Kernel]
  /// The grid of each group of ``QuantizationPlan/groups``.
  public let grids: [QuantizationGrid]

  /// Codes of a convolution.
  public struct Kernel {
    /// `[out, in / groups, height, width]`.
    public let weights: EncodedTensor
    /// `[out]`; nil where the bias stays float.
    public let bias: EncodedTensor?

    /// The bias, where it has as many bits as the weights; else it has those of sums, or is float.
    package var biasOfSameBits: EncodedTensor? {
      bias.flatMap { $0.grid.range.bits == weights.grid.range.bits ? $0 : nil }
    }

    /// Codes of weights and bias.
    public init(weights: EncodedTensor, bias: EncodedTensor?) {
      (self.weights, self.bias) = (weights, bias)
    }
  }

  init(
    options: QuantizationOptions, plan: QuantizationPlan, kernels: [Int: Kernel],
    grids: [QuantizationGrid]
  ) {
    (self.options, self.plan) = (options, plan)
    (self.kernels, self.grids) = (kernels, grids)
  }

  /// The grid of a tensor: a layer's output, or −1, the network's input. Nil where it stays float.
  public func grid(of tensor: Int) -> QuantizationGrid? {
    plan.group(of: tensor).map { grids[$0] }
  }

  /// This state with the codes of another's kernels, where both have the same steps: as they were
  /// rounded there.
  public func keepingRounding(of other: QuantizationState) throws -> QuantizationState {
    let kernels = try kernels.reduce(into: kernels) { made, entry in
      let (grid, own) = (other.kernels[entry.key]?.weights.grid, entry.value.weights.grid)
      guard let codes = other.kernels[entry.key]?.weights.codes, let grid,
        grid.range == own.range, try grid.step.toFloats() == own.step.toFloats()
      else { return }
      made[entry.key] = .init(weights: EncodedTensor(codes, own), bias: entry.value.bias)
    }
    return QuantizationState(options: options, plan: plan, kernels: kernels, grids: grids)
  }

  /// Bytes of the weights on codes: those of the codes, as tightly as their bits allow, and 4 for each
  /// number of what stays float, folded (docs/formulas.md 10.8).
  ///
  /// - Parameter spec: the network.
  public func byteCount(_ spec: NetworkSpec) -> Int {
    4 * floatCount(spec) + storedCodes(spec).reduce(0) { $0 + $1.byteCount }
  }

  /// Bytes of the same with 8 bits for each weight, and for each bias that has as many bits as these.
  ///
  /// - Parameters:
  ///   - spec: the network.
  ///   - planned: the network as it was asked for, where it is another: what is on codes there counts
  ///     so, though it is float here.
  public func byteCountOf8Bits(_ spec: NetworkSpec, planned: QuantizationPlan? = nil) -> Int {
    let stored = kernels.filter { spec.layers[$0.key].convolution?.shareIndex == nil }.values
    let bytes = stored.reduce(byteCount(spec)) { bytes, kernel in
      [kernel.weights, kernel.biasOfSameBits].compactMap(\.self).reduce(bytes) {
        $0 - $1.byteCount + $1.codes.count
      }
    }
    let counts = (try? spec.weightCounts) ?? [:]
    let freed = (planned ?? plan).weightBits.keys.filter { kernels[$0] == nil }
    return freed.reduce(bytes) { bytes, layer in
      guard let convolution = spec.layers[layer].convolution else { return bytes }
      // Powers of two have biases of as many bits as the weights.
      return bytes - (convolution.shareIndex == nil ? 3 * (counts[layer] ?? 0) : 0)
        - (options.scheme.hasPowersOfTwo ? 3 * convolution.outChannels : 0)
    }
  }

  /// Bytes of the weights in whole ones, as a program in C has them: for each as many as the codes of
  /// its layer need (``CSource/byteCount(ofWeightsIn:)``). Biases are not counted.
  ///
  /// - Parameter spec: the network.
  public func wholeByteCount(_ spec: NetworkSpec) throws -> Int {
    let needed = spec.neededLayers
    return try kernels.filter { needed.contains($0.key) }.values.reduce(0) { bytes, kernel in
      let codes = kernel.weights.codes
      let range = Int(try codes.amin().item())...Int(try codes.amax().item())
      return bytes + codes.count * CSource.byteCount(ofWeightsIn: range)
    }
  }

  /// Numbers that stay float, folded.
  private func floatCount(_ spec: NetworkSpec) -> Int {
    let folded: Set<ParameterRole> = [.gamma, .mean, .variance]
    var count = 0
    for (layer, entries) in ((try? spec.parameterLayout()) ?? []).enumerated() {
      let convolution = spec.layers[layer].convolution
      guard let kernel = kernels[layer] else {
        // Beta becomes the bias.
        let isFolded = convolution?.batchNormalize == true
        let floats = entries.filter { !(isFolded && folded.contains($0.role)) }
        count += floats.reduce(0) { $0 + $1.count }
        continue
      }
      if kernel.bias == nil { count += convolution?.outChannels ?? 0 }
    }
    return count
  }

  /// Codes of kernels and biases, each once: who uses the kernel of another has none of its own.
  private func storedCodes(_ spec: NetworkSpec) -> [EncodedTensor] {
    kernels.sorted { $0.key < $1.key }.flatMap { layer, kernel in
      let isOwn = spec.layers[layer].convolution?.shareIndex == nil
      return [isOwn ? kernel.weights : nil, kernel.bias].compactMap(\.self)
    }
  }

  /// Bits of the weights that codes stand for: the fewest, the most, and the mean over all weights; nil
  /// where none is on codes.
  public var weightBits: (range: ClosedRange<Int>, mean: Double)? {
    plan.weightBits(weightCounts)
  }

  /// "google, weights of 2 to 8 bits, 4.3 on average, activations of 8 to 16, 3 of 21 convolutions
  /// float".
  public var summary: String { plan.summary(options.scheme, weights: weightCounts) }

  private var weightCounts: [Int: Int] { kernels.mapValues(\.weights.codes.count) }

  /// Layers whose output is put on a grid.
  var producers: Set<Int> { Set(plan.groups.flatMap(\.producers)) }

  /// A folded copy of a float network, on its grids.
  ///
  /// - Throws: ``QuantizationError/alreadyQuantized``.
  public func quantized(_ network: Network) throws -> Network {
    guard !network.layers.contains(where: { $0 is QuantizedLayer }) else {
      throw QuantizationError.alreadyQuantized
    }
    let quantized = try network.isFolded ? network.copy() : network.folded()
    let (spec, producers) = (network.spec, self.producers)
    try quantized.replaceLayers { index, layer in
      let readsInput = index == 0 && grid(of: -1) != nil
      let output = producers.contains(index) ? grid(of: index) : nil
      guard kernels[index] != nil || readsInput || output != nil else { return nil }
      return try QuantizedLayer(
        layer,
        .init(
          index: index, spec: spec.layers[index], scale: network.inputScale,
          inputs: spec.tensorInputs(ofLayer: index).map(grid(of:)), output: output),
        kernel: kernels[index])
    }
    return quantized
  }
}
