import Darknet
import Networks
import Torch

/// What it does to a network when one of its layers alone is on codes: its weights, wherever they are
/// used, and what it reads. Who uses the weights of another has none of its own.
public final class LayerSensitivity {
  private let float: Network
  private let state: QuantizationState
  private let mixed: Network
  private let plain: [any Layer]

  /// Prepares measurements.
  ///
  /// - Parameters:
  ///   - float: what was quantized: ``PostTraining/network``.
  ///   - state: what came of it.
  public init(_ float: Network, _ state: QuantizationState) throws {
    (self.float, self.state) = (float, state)
    mixed = try float.copy()
    plain = mixed.layers
  }

  /// The layers that can be asked about: those with weights on codes, or that compute with what is.
  public var layers: [Int] {
    let spec = float.spec
    return spec.layers.indices.filter { index in
      state.plan.weightBits[index] != nil
        || spec.layers[index].computes && !groups(readBy: index).isEmpty
    }
  }

  /// The float network with one layer on codes; until the next call.
  public func network(quantizing layer: Int) throws -> Network {
    let isOwn = float.spec.layers[layer].convolution?.shareIndex == nil
    try install(
      layer, weight: isOwn ? state.kernels[layer]?.weights.values : nil, readsGrid: true)
    return mixed
  }

  /// How far the heads move where one layer is on codes: Σ (x − q)² / Σ x², the mean over heads.
  ///
  /// - Parameters:
  ///   - images: `[N, channels, height, width]`, values in `0...1`.
  ///   - expected: what the heads of the float network give for them.
  public func error(
    quantizing layer: Int, _ images: Tensor, _ expected: [Tensor]
  ) throws -> Double {
    try error(network(quantizing: layer), images, expected)
  }

  /// The same where only the weights of a layer are on codes, of so many bits.
  public func error(
    ofWeights layer: Int, bits: Int, _ images: Tensor, _ expected: [Tensor]
  ) throws -> Double {
    guard let kernel = try float.layers[layer].convolution?.weight else { return 0 }
    let weight = try withoutGrad {
      try WeightEncoding(options: state.options, bits: bits).weights(kernel.detach()).values
    }
    try install(layer, weight: weight, readsGrid: false)
    return try error(mixed, images, expected)
  }

  /// What the heads of the float network give.
  public func heads(_ images: Tensor) throws -> [Tensor] { try withoutGrad { try float(images) } }

  private func error(
    _ network: Network, _ images: Tensor, _ expected: [Tensor]
  ) throws -> Double {
    try withoutGrad {
      let found = try network(images)
      let errors = try zip(expected, found).map { x, q in
        let size = try x.squared().sum().item()
        return size > 0 ? try (x - q).squared().sum().item() / size : 0
      }
      return errors.reduce(0, +) / Double(max(errors.count, 1))
    }
  }

  private func groups(readBy layer: Int) -> Set<Int> {
    Set(float.spec.tensorInputs(ofLayer: layer).compactMap(state.plan.group(of:)))
  }

  private func install(_ layer: Int, weight: Tensor?, readsGrid: Bool) throws {
    var grids: [Int: QuantizationGrid] = [:]
    for group in readsGrid ? groups(readBy: layer) : [] {
      let grid = try state.grids[group].to(float.device)
      for producer in state.plan.groups[group].producers { grids[producer] = grid }
    }
    let users = weight == nil ? [] : float.spec.uses(ofKernel: layer)
    try mixed.replaceLayers { index, _ in
      let output = grids[index]
      let input = index == 0 ? grids[-1] : nil
      let weight = users.contains(index) ? try weight?.to(float.device) : nil
      guard weight != nil || output != nil || input != nil else { return plain[index] }
      return GridLayer(
        plain[index], weight: weight, bias: nil,
        input: input, output: output)
    }
  }
}
