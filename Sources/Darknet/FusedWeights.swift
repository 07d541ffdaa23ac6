/// Weights for inference without batch normalization, as the earlier `convert.py` writes them
/// beside the `.weights` (docs/formulas.md 3.2): two files of little-endian single-precision
/// numbers, one of every kernel and one of every bias, layer after layer.
///
/// A convolution with batch normalization becomes w′ = w·γ/√(σ² + ε) and b′ = β − μ·γ/√(σ² + ε).
/// One on its own becomes a factor and an offset a channel, by the same formula for w = 1. Squeeze
/// and excitation has weights alone. Factors of shortcuts are in neither file, since their name in
/// a state dict has neither word.
public enum FusedWeights {
  /// The two files for an output path: `NAME.bin`, `NAME_weights.bin` and `NAME_bias.bin` all stand
  /// for `NAME_weights.bin` and `NAME_bias.bin`.
  public static func paths(for output: String) -> (weights: String, bias: String) {
    var stem = output
    for ending in [".bin", "_weights", "_bias"] where stem.hasSuffix(ending) {
      stem.removeLast(ending.count)
    }
    return (stem + "_weights.bin", stem + "_bias.bin")
  }

  /// The numbers of both files.
  ///
  /// - Throws: ``WeightsError/wrongArray(layer:role:found:expected:)`` when an array is missing or
  ///   of another shape than `spec` says.
  public static func numbers(
    of parameters: NetworkParameters, for spec: NetworkSpec
  ) throws(WeightsError) -> (weights: [Float], biases: [Float]) {
    var weights: [Float] = []
    var biases: [Float] = []
    for (index, entries) in WeightsLayout(spec).entries.enumerated() {
      let arrays = index < parameters.layers.count ? parameters.layers[index] : [:]
      for entry in entries where arrays[entry.role]?.shape != entry.shape {
        throw .wrongArray(
          layer: index, role: entry.role, found: arrays[entry.role]?.shape, expected: entry.shape)
      }
      func values(_ role: ParameterRole) -> [Float] { arrays[role]?.values ?? [] }

      switch spec.layers[index] {
      case .convolutional, .depthwise:
        guard let gamma = arrays[.gamma] else {
          weights += values(.weight)
          biases += values(.bias)
          continue
        }
        let (factors, offsets) = normalization(arrays, epsilon: ConvolutionSpec.epsilon)
        let size = max(values(.weight).count / gamma.values.count, 1)
        weights += values(.weight).enumerated().map { Float(Double($1) * factors[$0 / size]) }
        biases += offsets.map { Float($0) }
      case .batchNorm(let norm):
        let (factors, offsets) = normalization(arrays, epsilon: Double(norm.epsilon))
        weights += factors.map { Float($0) }
        biases += offsets.map { Float($0) }
      case .squeezeExcitation: weights += values(.squeeze) + values(.excite)
      case .maxPool, .channelMaxPool, .localAveragePool, .averagePool, .upsample, .route,
        .shortcut, .scaleChannels, .sam, .reorg, .reorg3d, .dropout, .yolo, .gaussianYolo, .region:
        continue
      }
    }
    return (weights, biases)
  }

  /// Writes both files, each atomically.
  ///
  /// - Throws: ``WeightsError``.
  public static func write(
    _ parameters: NetworkParameters, for spec: NetworkSpec, to output: String
  ) throws(WeightsError) {
    let (weights, biases) = try numbers(of: parameters, for: spec)
    let paths = paths(for: output)
    do {
      for (path, numbers) in [(paths.weights, weights), (paths.bias, biases)] {
        try writeAtomically(to: path) { (writer: borrowing FileWriter) throws(FileError) in
          try writer.write(numbers)
        }
      }
    } catch {
      throw .file(error)
    }
  }

  /// What batch normalization multiplies a channel by, and what it adds then.
  private static func normalization(
    _ arrays: [ParameterRole: ParameterArray], epsilon: Double
  ) -> (factors: [Double], offsets: [Double]) {
    func values(_ role: ParameterRole) -> [Float] { arrays[role]?.values ?? [] }
    let factors = zip(values(.gamma), values(.variance)).map {
      Double($0) / (Double($1) + epsilon).squareRoot()
    }
    let offsets = zip(zip(values(.beta), values(.mean)), factors).map {
      Double($0.0) - Double($0.1) * $1
    }
    return (factors, offsets)
  }
}
