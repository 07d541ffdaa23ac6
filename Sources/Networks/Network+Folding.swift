extension Network {
  /// The same network for inference: batch normalisation folded into each convolution's weight and
  /// bias.
  ///
  /// The folded network shares nothing with this one and cannot be trained or saved as Darknet
  /// weights.
  public func folded() throws -> Network {
    try Network(copying: self) { layer, earlier in try layer.folded(earlier) }
  }

  /// The same network over tensors of its own, none of which wants a gradient.
  public func copy() throws -> Network {
    try Network(copying: self) { layer, earlier in try layer.copy(earlier) }
  }
}
