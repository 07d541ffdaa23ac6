import Darknet
import Networks
import Torch

/// Gives the channels of a quantized network's sums the means that they have in the float network:
/// rounding kernels and activations shifts these, and a bias can take a shift back (Nagel and
/// others, arXiv 1906.04721, section 4.2; docs/formulas.md 10.11).
///
/// Layers are corrected in the order in which they run, each behind those that are corrected
/// already.
public final class BiasCorrection {
  private let float: Network
  private let quantized: Network
  private let state: QuantizationState
  /// Layers with a bias on codes.
  private let layers: [Int]
  private let wanted = Measured()
  private let shifts = Measured()
  private var batches = 0

  /// What is known of the channels of each layer, by index in the cfg.
  private final class Measured {
    var means: [Int: Tensor] = [:]
    var sums: [Int: Tensor] = [:]
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
    self.float.replaceLayers { index, layer in
      guard chosen.contains(index), let convolution = layer.convolution else { return nil }
      return SumsLayer(layer) { x, context in
        let sums = try convolution.convolved(
          x, weight: convolution.weight, bias: convolution.bias)
        wanted.means[index] = try sums.mean(dims: [0, 2, 3])
        return try convolution.activated(sums, context)
      }
    }
    quantized.replaceLayers { index, layer in
      guard chosen.contains(index), let layer = layer as? QuantizedLayer else { return nil }
      return SumsLayer(layer) { x, context in
        try layer.output(for: x, context) { sums in
          guard let mean = wanted.means[index] else { return sums }
          let shift = try mean - sums.mean(dims: [0, 2, 3])
          shifts.sums[index] = try shifts.sums[index].map { try $0 + shift } ?? shift
          return try sums + shift.view([1, -1, 1, 1])
        }
      }
    }
  }

  /// Shows both networks a batch of pictures, `[N, channels, height, width]`, values in `0...1`.
  public func add(_ images: Tensor) throws {
    try withoutGrad {
      _ = try float(images)
      _ = try quantized(images)
    }
    batches += 1
  }

  /// The state with biases that are moved by the mean shift of the batches; without one as it was.
  public func corrected() throws -> QuantizationState {
    try withoutGrad {
      var kernels = state.kernels
      for layer in layers {
        guard let kernel = kernels[layer], let bias = kernel.bias, let sum = shifts.sums[layer]
        else { continue }
        let moved = try bias.values + sum / Double(batches)
        kernels[layer] = .init(
          weights: kernel.weights, bias: EncodedTensor(try bias.grid.codes(of: moved), bias.grid))
      }
      return QuantizationState(
        options: state.options, plan: state.plan, kernels: kernels, grids: state.grids)
    }
  }
}
