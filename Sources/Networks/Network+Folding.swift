import Torch

extension Network {
  /// The same network for inference: batch normalisation folded into each convolution's weight and
  /// bias.
  ///
  /// The folded network shares nothing with this one and cannot be trained or saved as Darknet
  /// weights. One that is folded already is its own.
  public func folded() throws -> Network {
    guard !isFolded else { return self }
    let network = try Network(copying: self) { layer, earlier in try layer.folded(earlier) }
    for layer in network.layers { try network.settle(layer) }
    network.isFolded = true
    return network
  }

  /// Folds this network itself: as ``folded()``, with never more than one layer in memory twice.
  public func fold() throws {
    for index in layers.indices {
      layers[index] = try layers[index].folded(layers)
      try settle(layers[index])
    }
    isFolded = true
  }

  /// The same network over tensors of its own, none of which wants a gradient.
  public func copy() throws -> Network {
    let network = try Network(copying: self) { layer, earlier in try layer.copy(earlier) }
    network.isFolded = isFolded
    return network
  }
}

extension Network {
  /// Keeps this network, folded and without gradients, in another precision, in which it computes
  /// from then on: what it is given has to be in that too.
  public func convert(to dtype: DType) throws {
    precondition(isFolded, "a network that is trained keeps its precision")
    for parameter in layers.flatMap({ Array($0.parameters.values) + $0.addedParameters }) {
      parameter.value = try withoutGrad { try parameter.value.detach().to(dtype) }
    }
  }
}
