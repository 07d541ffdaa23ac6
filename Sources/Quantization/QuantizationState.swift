import Darknet
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

  /// Bytes of the float kernels and biases that codes stand for.
  public var floatBytes: Int {
    kernels.values.reduce(0) { $0 + 4 * ($1.weights.codes.count + ($1.bias?.codes.count ?? 0)) }
  }

  /// Bytes of the weights on codes: those of the codes, as tightly as their bits allow, and 4 for each
  /// number of what stays float, folded (docs/formulas.md 10.8).
  ///
  /// - Parameter spec: the network.
  public func byteCount(_ spec: NetworkSpec) -> Int {
    let folded: Set<ParameterRole> = [.gamma, .mean, .variance]
    var bytes = 0
    for (layer, entries) in ((try? spec.parameterLayout()) ?? []).enumerated() {
      guard let kernel = kernels[layer] else {
        // Beta becomes the bias.
        let isFolded = spec.layers[layer].convolution?.batchNormalize == true
        let floats = entries.filter { !(isFolded && folded.contains($0.role)) }
        bytes += 4 * floats.reduce(0) { $0 + $1.count }
        continue
      }
      let encoded = [kernel.weights, kernel.bias].compactMap(\.self)
      bytes += encoded.reduce(0) { $0 + ($1.codes.count * $1.grid.range.bits + 7) / 8 }
      if kernel.bias == nil { bytes += 4 * (spec.layers[layer].convolution?.outChannels ?? 0) }
    }
    return bytes
  }

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
    try quantized.move(to: network.device, memoryFormat: network.memoryFormat)
    return quantized
  }
}
