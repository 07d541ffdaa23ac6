import Darknet
import Networks
import Torch

/// Moves the biases of a quantized network so that its layers give again what they give in the float
/// network: rounding kernels and activations shifts the sums of a channel, and a bias can take a shift
/// back (Nagel and others, arXiv 1906.04721, section 4.2; docs/formulas.md 10.11).
///
/// A shift counts where the activation lets it through: by the square of its slope. Most places of a
/// feature map hold no object, and most values there lie where the slope is small; their mean alone
/// would move what objects make of a channel to where it was not.
///
/// Layers are corrected in the order in which they run, each behind those that are corrected
/// already.
public final class BiasCorrection {
  private let float: Network
  private let quantized: Network
  private let state: QuantizationState
  /// Layers with a bias on codes.
  private let layers: [Int]
  private let wanted = Wanted()
  private let shifts = Shifts()

  /// What the layer that runs has in the float network: its sums, and the square of the activation's
  /// slope at each.
  private final class Wanted { var sums: (values: Tensor, importance: Tensor)? }

  /// By layer, importance·(float − quantized) and importance, summed up for each channel.
  private final class Shifts {
    var sums: [Int: (shift: Tensor, importance: Tensor)] = [:]

    func add(_ shift: Tensor, _ importance: Tensor, of layer: Int) throws {
      let before = sums[layer]
      sums[layer] = (
        try before.map { try $0.shift + shift } ?? shift,
        try before.map { try $0.importance + importance } ?? importance
      )
    }
  }

  /// Prepares a correction.
  ///
  /// - Parameters:
  ///   - float: what was quantized: ``PostTraining/network``.
  ///   - state: what came of it.
  public init(_ float: Network, _ state: QuantizationState) throws {
    self.state = state
    layers = state.kernels.filter { $0.value.bias != nil }.map(\.key).sorted()
    self.float = try float.copy()
    quantized = try state.quantized(float)
    let (chosen, wanted, shifts) = (Set(layers), wanted, shifts)
    try self.float.replaceLayers { index, layer in
      guard chosen.contains(index), let convolution = layer.convolution else { return nil }
      return SumsLayer(layer) { x, context in
        let sums = try convolution.convolved(
          x, weight: convolution.weight, bias: convolution.bias)
        let slope = try sums.slope(of: convolution.spec.activation, context)
        wanted.sums = (sums, try slope.squared())
        return try convolution.activated(sums, context)
      }
    }
    try quantized.replaceLayers { index, layer in
      guard chosen.contains(index), let layer = layer as? QuantizedLayer else { return nil }
      return SumsLayer(layer) { x, context in
        try layer.output(for: x, context) { sums in
          guard let expected = wanted.sums else { return sums }
          let importance = try expected.importance.sum(dims: [0, 2, 3])
          let shift = try (expected.importance * (expected.values - sums)).sum(dims: [0, 2, 3])
          try shifts.add(shift, importance, of: index)
          return try sums + Self.mean(shift, importance).view([1, -1, 1, 1])
        }
      }
    }
  }

  /// What is to be added; 0 for channels that nothing gets through.
  private static func mean(_ shift: Tensor, _ importance: Tensor) throws -> Tensor {
    try shift / importance.clamped(min: 1e-20)
  }

  /// Shows both networks a batch of pictures, `[N, channels, height, width]`, values in `0...1`.
  public func add(_ images: Tensor) throws {
    try withoutGrad {
      var walks = (
        float: try NetworkWalk(float, images), quantized: try NetworkWalk(quantized, images)
      )
      while walks.float.next != nil {
        try walks.float.advance()
        try walks.quantized.advance()
        wanted.sums = nil
      }
    }
  }

  /// The state with biases that are moved by the mean shift of the batches; without one as it was.
  public func corrected() throws -> QuantizationState {
    try withoutGrad {
      var kernels = state.kernels
      for layer in layers {
        guard let kernel = kernels[layer], let bias = kernel.bias, let sums = shifts.sums[layer]
        else { continue }
        let moved = try bias.values + Self.mean(sums.shift, sums.importance)
        kernels[layer] = .init(
          weights: kernel.weights, bias: EncodedTensor(try bias.grid.codes(of: moved), bias.grid))
      }
      return QuantizationState(
        options: state.options, plan: state.plan, kernels: kernels, grids: state.grids)
    }
  }
}

extension Tensor {
  /// The slope of an activation at each value: between two points that are ±1/128 away.
  func slope(of activation: Activation, _ context: LayerContext) throws -> Tensor {
    guard activation != .linear else { return try zerosLike() + 1 }
    let distance = 0x1p-7
    let (above, below) = (
      try context.activated(self + distance, by: activation),
      try context.activated(self - distance, by: activation)
    )
    return try (above - below) / (2 * distance)
  }
}
