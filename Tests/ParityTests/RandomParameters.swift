import Darknet
import Networks
import Torch

/// Random parameters under which every layer's values stay near one.
///
/// γ, β and biases are drawn. Running statistics are those of a few pictures, so that deep networks
/// neither fade nor blow up, but half of the mean is left: subtracting all of it would magnify the
/// rounding errors of layers whose values hardly differ from place to place. Kernels before a batch
/// normalisation are the fresh ones, enlarged: their outputs' variances are around 1000 and at
/// least 100, so that the ε beside them is not seen even after a hundred layers. OpenCV's is 1e-6,
/// as in Darknet's CPU code, and ours 1e-5, as in the rest of Darknet.
func randomParameters(
  of network: Network, pictures: Tensor, seed: UInt64
) throws -> NetworkParameters {
  let generator = try Generator(seed: seed)
  var parameters = try network.parameters()
  for (index, slots) in try network.spec.parameterLayout().enumerated() {
    for slot in slots {
      let range: (low: Double, high: Double)? =
        switch slot.role {
        case .gamma: (0.5, 1.5)
        case .beta: (-0.5, 0.5)
        // Objectness on both sides of one half, so that there are boxes.
        case .bias: (-1.5, 1.5)
        // The factors of a shortcut.
        case .weight where slot.shape.count < 4: (-0.2, 1)
        case .mean, .variance: (0, 0)
        default: nil
        }
      if let range {
        parameters.layers[index][slot.role] = ParameterArray(
          shape: slot.shape,
          values: try Tensor.uniform(
            slot.shape, low: range.low, high: range.high, generator: generator
          ).toFloats())
      } else if slot.role == .weight, slots.contains(where: { $0.role == .gamma }),
        var kernel = parameters.layers[index][slot.role]
      {
        // A uniform ±1/√(fan in) has a variance of 1/(3·fan in).
        kernel.values = kernel.values.map { 60 * $0 }
        parameters.layers[index][slot.role] = kernel
      }
    }
  }
  try network.load(parameters)
  // From zero, one pass in training mode leaves `momentum` times the batch's statistics.
  _ = try withoutGrad { try network(pictures, .training) }
  let measured = try network.parameters()
  for (index, layer) in network.spec.layers.enumerated() {
    let momentum: Float = if case .batchNorm(let spec) = layer { spec.momentum } else { 0.1 }
    guard var mean = measured.layers[index][.mean],
      var variance = measured.layers[index][.variance]
    else { continue }
    for channel in mean.values.indices {
      mean.values[channel] /= 2 * momentum
      let left = mean.values[channel]
      variance.values[channel] = max(variance.values[channel] / momentum + left * left, 100)
    }
    parameters.layers[index][.mean] = mean
    parameters.layers[index][.variance] = variance
  }
  return parameters
}
