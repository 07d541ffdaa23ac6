import Darknet

extension QuantizationOptions {
  /// That the scheme makes another network of a trained one, and of how many layers most; nil where
  /// weights keep their sizes, or are small enough to.
  ///
  /// - Throws: ``QuantizationError`` where the options do not fit the network.
  public func bending(_ spec: NetworkSpec, _ parameters: NetworkParameters) throws -> String? {
    guard scheme == .dorefa else { return nil }
    let plan = try QuantizationPlan(spec, self)
    let layers = plan.weightBits.keys.filter {
      parameters.layers.indices.contains($0) && largestFoldedWeight(parameters.layers[$0]) > 1
    }
    guard !layers.isEmpty else { return nil }
    return "'\(scheme.rawValue)' takes the tanh of weights, and \(layers.count) of "
      + "\(plan.weightBits.count) layers have some beyond 1, which it bends: the network has to learn "
      + "again"
  }
}

/// The largest magnitude of a convolution's weights, folded where there is batch normalisation; 0
/// without weights.
private func largestFoldedWeight(_ arrays: [ParameterRole: ParameterArray]) -> Float {
  func values(_ role: ParameterRole) -> [Float] { arrays[role]?.values ?? [] }
  let factors = zip(values(.gamma), values(.variance)).map {
    $0 / ($1 + Float(ConvolutionSpec.epsilon)).squareRoot()
  }
  let size = max(values(.weight).count / max(factors.count, 1), 1)
  return values(.weight).enumerated().reduce(0) { largest, entry in
    max(largest, abs(entry.element * (factors.isEmpty ? 1 : factors[entry.offset / size])))
  }
}
