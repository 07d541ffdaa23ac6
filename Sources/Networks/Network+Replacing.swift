extension Network {
  /// Puts other layers in the place of some, such as a quantized convolution around a plain one.
  ///
  /// A layer that takes the place of another holds what the weights file holds of it, under the
  /// same parameters, so that optimizer and pair do not notice; what it adds is in
  /// ``Layer/addedParameters``, on the network's device.
  ///
  /// - Parameter replacement: what to put in place of a layer, by index in the cfg; nil leaves it.
  public func replaceLayers(_ replacement: (Int, any Layer) throws -> (any Layer)?) rethrows {
    for (index, layer) in layers.enumerated() {
      if let other = try replacement(index, layer) { layers[index] = other }
    }
  }

  /// What replaced layers have besides what the weights file holds, in the order of the cfg.
  public var addedParameters: [Parameter] { layers.flatMap(\.addedParameters) }
}
