extension Network {
  /// Puts other layers in the place of some, such as a quantized convolution around a plain one.
  ///
  /// A layer that takes the place of another holds what the weights file holds of it, under the
  /// same parameters, so that optimizer and pair do not notice; what it adds is in
  /// ``Layer/addedParameters``, and comes to the network's device and memory format, wherever it was
  /// made.
  ///
  /// - Parameter replacement: what to put in place of a layer, by index in the cfg; nil leaves it.
  public func replaceLayers(_ replacement: (Int, any Layer) throws -> (any Layer)?) throws {
    var replaced: [any Layer] = []
    for (index, layer) in layers.enumerated() {
      guard let other = try replacement(index, layer) else { continue }
      layers[index] = other
      replaced.append(other)
    }
    // Not before all are made: one may be made of what another adds.
    for parameter in replaced.flatMap(\.addedParameters) {
      try parameter.move(to: device, memoryFormat)
    }
  }

  /// What replaced layers have besides what the weights file holds, in the order of the cfg.
  public var addedParameters: [Parameter] { layers.flatMap(\.addedParameters) }
}
