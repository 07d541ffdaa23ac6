import Darknet

extension QuantizationPlan {
  /// Bits of the weights on codes: the fewest, the most, and the mean over all weights; nil where none
  /// is on codes.
  ///
  /// - Parameter counts: weights of each layer.
  func weightBits(_ counts: [Int: Int]) -> (range: ClosedRange<Int>, mean: Double)? {
    guard let fewest = weightBits.values.min(), let most = weightBits.values.max() else {
      return nil
    }
    let sizes = weightBits.map { (bits: $0.value, count: counts[$0.key] ?? 0) }
    let all = sizes.reduce(0) { $0 + $1.count }
    let bits = sizes.reduce(0) { $0 + $1.bits * $1.count }
    return (fewest...most, Double(bits) / Double(max(all, 1)))
  }

  /// Convolutions whose weights stay float.
  package var floatConvolutions: Int { convolutions - weightBits.count }

  /// "18 of 21 convolutions float"; nil where none is, or all are.
  var floatInWords: String? {
    floatConvolutions == 0 || weightBits.isEmpty
      ? nil : "\(floatConvolutions) of \(convolutions) convolutions float"
  }

  /// "google, weights of 2 to 8 bits, 4.3 on average, activations of 8 to 16, 3 of 21 convolutions
  /// float".
  ///
  /// - Parameter counts: weights of each layer.
  func summary(_ scheme: QuantizationScheme, weights counts: [Int: Int]) -> String {
    [codesInWords(scheme, weights: counts), floatInWords].compactMap(\.self)
      .joined(separator: ", ")
  }

  /// As ``summary(_:weights:)``, of what is on codes alone.
  func codesInWords(_ scheme: QuantizationScheme, weights counts: [Int: Int]) -> String {
    let bits = groups.map(\.bits)
    let activations =
      bits.isEmpty
      ? "float activations" : "activations of \(Self.words(bits.min() ?? 0, bits.max() ?? 0))"
    guard let (range, mean) = weightBits(counts) else {
      return "\(scheme.rawValue), float weights, \(activations)"
    }
    let weights = Self.words(range.lowerBound, range.upperBound)
    let unit = range.upperBound == 1 ? "bit" : "bits"
    let average =
      range.count > 1 ? ", \((mean * 10).rounded(.toNearestOrEven) / 10) on average" : ""
    return "\(scheme.rawValue), weights of \(weights) \(unit)\(average), \(activations)"
  }

  private static func words(_ fewest: Int, _ most: Int) -> String {
    fewest == most ? "\(most)" : "\(fewest) to \(most)"
  }
}

extension QuantizationOptions {
  /// "google, weights of 2 to 8 bits, 4.3 on average, activations of 8 to 16, 3 of 21 convolutions
  /// float": what a network has by them.
  ///
  /// - Throws: ``QuantizationError`` where they do not fit it.
  public func summary(of spec: NetworkSpec) throws -> String {
    try QuantizationPlan(spec, self).summary(scheme, weights: spec.weightCounts)
  }
}

extension NetworkSpec {
  /// Weights of each convolution, by layer; of shared ones their owner's.
  var weightCounts: [Int: Int] {
    get throws {
      var counts: [Int: Int] = [:]
      for (layer, entries) in try parameterLayout().enumerated() {
        let owner = layers[layer].convolution?.shareIndex
        counts[layer] =
          owner.flatMap { counts[$0] } ?? entries.first { $0.role == .weight }?.count
      }
      return counts
    }
  }
}
