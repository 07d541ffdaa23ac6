/// Bits of weights, layer by layer, that cost least in a given number of bytes (docs/formulas.md
/// 10.18).
public struct BitAllocation: Hashable, Sendable {
  /// One layer and what its weights cost.
  public struct Layer: Hashable, Sendable {
    /// Index in the cfg.
    public var index: Int
    /// Its weights.
    public var weights: Int
    /// Biases that have as many bits as the weights.
    public var biases: Int
    /// The error by bits.
    public var errors: [Int: Double]

    /// A layer with measured errors.
    public init(index: Int, weights: Int, biases: Int = 0, errors: [Int: Double]) {
      (self.index, self.weights, self.biases, self.errors) = (index, weights, biases, errors)
    }

    func bytes(_ bits: Int) -> Int {
      EncodedTensor.byteCount(weights, bits: bits) + EncodedTensor.byteCount(biases, bits: bits)
    }
  }

  /// Bits that weights may have.
  public static let bits = 2...8
  /// Bits by layer.
  public private(set) var bits: [Int: Int]
  /// Bytes of all weights.
  public private(set) var bytes: Int

  /// Bytes of all weights at the least bits that errors are known of.
  public static func leastBytes(_ layers: [Layer]) -> Int {
    layers.reduce(0) { $0 + $1.bytes($1.errors.keys.min() ?? bits.lowerBound) }
  }

  /// Chooses: from the most bits on, whatever saves a byte for the least error is lowered, until all
  /// fit; then what still fits is raised again, the most helpful first.
  ///
  /// - Parameter budget: bytes that the weights may take.
  /// - Returns: nil where the least bits of all layers take more.
  public init?(_ layers: [Layer], budget: Int) {
    var chosen: [Int: Int] = [:]
    for layer in layers { chosen[layer.index] = layer.errors.keys.max() }
    func size(_ chosen: [Int: Int]) -> Int {
      layers.reduce(0) { $0 + $1.bytes(chosen[$1.index] ?? 0) }
    }
    var bytes = size(chosen)
    while bytes > budget {
      let steps = layers.flatMap { layer -> [(cost: Double, layer: Layer, bits: Int)] in
        guard let now = chosen[layer.index], let error = layer.errors[now] else { return [] }
        return layer.errors.compactMap { bits, other in
          let saved = layer.bytes(now) - layer.bytes(bits)
          guard bits < now, saved > 0 else { return nil }
          return ((other - error) / Double(saved), layer, bits)
        }
      }
      guard
        let best = steps.min(by: {
          ($0.cost, $0.layer.index, $0.bits) < ($1.cost, $1.layer.index, $1.bits)
        })
      else { return nil }
      chosen[best.layer.index] = best.bits
      bytes = size(chosen)
    }
    var isOpen = true
    while isOpen {
      isOpen = false
      let gains = layers.flatMap { layer -> [(gain: Double, layer: Layer, bits: Int)] in
        guard let now = chosen[layer.index], let error = layer.errors[now] else { return [] }
        return layer.errors.compactMap { bits, other in
          let cost = layer.bytes(bits) - layer.bytes(now)
          guard bits > now, bytes + cost <= budget, other < error else { return nil }
          return ((error - other) / Double(max(cost, 1)), layer, bits)
        }
      }
      if let best = gains.max(by: {
        ($0.gain, -$0.layer.index, -$0.bits) < ($1.gain, -$1.layer.index, -$1.bits)
      }) {
        chosen[best.layer.index] = best.bits
        bytes = size(chosen)
        isOpen = true
      }
    }
    (bits, self.bytes) = (chosen, bytes)
  }
}
