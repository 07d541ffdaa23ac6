import Darknet

/// What a network costs to keep and to run.
public struct NetworkCost: Hashable, Sendable {
  /// Parameters that are trained; running statistics do not count.
  public var parameters: Int
  /// Size of the `.weights` file in bytes.
  public var weightsBytes: Int
  /// Multiplications with accumulation of all convolutions for one picture of the cfg's own size.
  public var macs: Int

  /// Counts a network.
  public init(_ spec: NetworkSpec) {
    // A network that is too large has no spec in the first place.
    let slots = ((try? spec.parameterLayout()) ?? []).joined()
    parameters = slots.reduce(0) { $0 + ($1.role.isTrainable ? $1.count : 0) }
    weightsBytes = WeightsHeader().byteCount + 4 * slots.reduce(0) { $0 + $1.count }
    macs = spec.layers.indices.reduce(0) { sum, index in
      guard let convolution = spec.layers[index].convolution else { return sum }
      let kernel = convolution.weightShape(inChannels: spec.inChannels(ofLayer: index))
      return sum + spec.shapes[index].height * spec.shapes[index].width * kernel.reduce(1, *)
    }
  }
}
