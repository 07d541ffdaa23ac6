import Darknet

extension QuantizationPlan {
  /// Layers whose own bits others overrule, and by what: a grid has the most bits that one of its
  /// readers wants, a kernel those of the layer that it belongs to. Nil where all get what they ask for.
  ///
  /// - Parameter options: those of the plan.
  public func overruling(_ options: QuantizationOptions, in spec: NetworkSpec) -> String? {
    let layers = options.layerBits.sorted { $0.key < $1.key }.compactMap { layer, asked in
      let reasons = [
        reason(weightsOf: layer, asked, spec), reason(readBy: layer, asked, options, spec),
      ].compactMap(\.self)
      return reasons.isEmpty
        ? nil : (layer: layer, reason: "layer \(layer) \(reasons.joined(separator: ", and "))")
    }
    guard !layers.isEmpty else { return nil }
    let explained = 3
    let rest = layers.dropFirst(explained).map { "\($0.layer)" }
    let reasons = layers.prefix(explained).map(\.reason).joined(separator: "; ")
    return "'--layer-bits' is not followed in all: \(reasons)"
      + (rest.isEmpty ? "" : "; and in others alike: \(rest.joined(separator: ", "))")
  }

  private func reason(
    weightsOf layer: Int, _ asked: QuantizationOptions.LayerBits, _ spec: NetworkSpec
  ) -> String? {
    guard let owner = spec.layers[layer].convolution?.shareIndex,
      weightBits[layer] != asked.weights
    else { return nil }
    return "uses the weights of layer \(owner), which "
      + (weightBits[layer].map { "have \($0) \($0 == 1 ? "bit" : "bits")" } ?? "are float")
  }

  private func reason(
    readBy layer: Int, _ asked: QuantizationOptions.LayerBits, _ options: QuantizationOptions,
    _ spec: NetworkSpec
  ) -> String? {
    let readers = spec.tensorReaders
    for tensor in spec.tensorInputs(ofLayer: layer) {
      guard let group = group(of: tensor).map({ groups[$0] }), group.bits != asked.activations
      else { continue }
      let other = group.tensors.flatMap { readers[$0] ?? [] }.first {
        !spec.layers[$0].passesOn
          && options.readBits(ofLayer: $0, spec, isEnd: ends.contains($0)) == group.bits
      }
      let what = tensor < 0 ? "the network's input" : "what layer \(tensor) gives"
      return "reads \(what), which has \(group.bits) bits"
        + (other.map { " for layer \($0)" } ?? "")
    }
    return nil
  }
}
