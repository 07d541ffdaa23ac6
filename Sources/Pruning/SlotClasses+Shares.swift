import Darknet

extension SlotClasses {
  /// What part of the strength of sparse training acts on each channel of some layers, so that a
  /// class of tied scales is pulled as hard as one scale that is alone: 1/√k for each of its k
  /// scales, which makes the pull on the class a vector of that length whatever k is. Without it,
  /// a stage of residual blocks is pulled as hard as all of its blocks together.
  ///
  /// - Parameter layers: convolutions with batch normalisation; others have no say.
  /// - Returns: by layer, in channel order, `0...1`.
  public func pullShares(of layers: [Int], _ slots: ChannelSlots) -> [Int: [Float]] {
    let selected = Set(layers)
    var sizes = [Int](repeating: 0, count: classes.count)
    for (slot, origin) in slots.origins.enumerated() {
      if let layer = origin.layer, selected.contains(layer) { sizes[classOfSlot[slot]] += 1 }
    }
    return slots.origins.indices.reduce(into: [:]) { shares, slot in
      guard let layer = slots.origins[slot].layer, selected.contains(layer) else { return }
      shares[layer, default: []].append(1 / Float(sizes[classOfSlot[slot]]).squareRoot())
    }
  }
}
