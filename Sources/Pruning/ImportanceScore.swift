import Boxes
import Darknet
import Torch

/// What a channel is worth (docs/formulas.md 7.2).
///
/// Scores compare channels of one network and are never below 0; a channel of a score of exactly 0
/// is worth nothing. Those that follow from the parameters are in ``values(_:_:seed:)``, the others
/// in ``MeasuredScores``. docs/architecture.md says what else a new one takes.
public enum ImportanceScore: String, Hashable, Codable, Sendable, CaseIterable {
  /// |γ| of the channel's batch normalisation (arXiv 1708.06519).
  case scaleMagnitude = "gamma"
  /// Σ|w| of the channel's filter (arXiv 1608.08710).
  case filterNorm1 = "l1"
  /// √Σw² of the channel's filter.
  case filterNorm2 = "l2"
  /// Σ of the distances to the other filters of its layer: those near the geometric median can be
  /// replaced by the others (arXiv 1811.00250).
  case geometricMedian = "geometric-median"
  /// |γ·∂L/∂γ + β·∂L/∂β| of a batch, the mean over batches: the first-order change of the loss
  /// (arXiv 1906.10771).
  case taylor
  /// ½·Σ(w·∂L/∂w)² over the filter, the mean over batches: the second-order change with the
  /// empirical Fisher information, from the batches' gradients, for the Hessian's diagonal (Optimal
  /// Brain Damage, LeCun 1990).
  case hessianDiagonal = "hessian"
  /// Mean rank of the channel's maps on pictures (HRank, arXiv 2002.10179); equal ranks by |γ|.
  case activationRank = "rank"
  /// A number drawn for the channel: the control that the others have to beat.
  case random

  /// Whether the score reads γ, so that a convolution without batch normalisation has none.
  public var needsScale: Bool {
    switch self {
    case .scaleMagnitude, .taylor: true
    case .filterNorm1, .filterNorm2, .geometricMedian, .hessianDiagonal, .activationRank, .random:
      false
    }
  }

  /// Whether the score is measured on pictures, see ``MeasuredScores``.
  public var needsPictures: Bool {
    switch self {
    case .taylor, .hessianDiagonal, .activationRank: true
    case .scaleMagnitude, .filterNorm1, .filterNorm2, .geometricMedian, .random: false
    }
  }

  /// Whether these pictures have to be labelled: the score follows from the loss.
  public var needsLabels: Bool {
    switch self {
    case .taylor, .hessianDiagonal: true
    case .scaleMagnitude, .filterNorm1, .filterNorm2, .geometricMedian, .activationRank, .random:
      false
    }
  }

  /// What layers of different size are made comparable by.
  public enum Normalization: String, Hashable, Codable, Sendable, CaseIterable {
    /// Nothing: scores of all layers are on one scale.
    case none = "global"
    /// The mean score of the layer becomes 1.
    case layerMean = "layer"
  }

  /// The score of every channel of every convolution, from its parameters alone.
  ///
  /// - Parameters:
  ///   - parameters: checked against the network before.
  ///   - seed: of ``random``.
  /// - Returns: by layer, in channel order; empty for layers without a score, and for scores that
  ///   need pictures.
  func values(
    _ spec: NetworkSpec, _ parameters: NetworkParameters, seed: UInt64 = 0
  ) throws(TorchError) -> [[Float]] {
    var generator = SeededGenerator(seed: seed)
    return try spec.layers.indices.map { (layer) throws(TorchError) -> [Float] in
      guard let convolution = spec.layers[layer].convolution else { return [] }
      let count = convolution.outChannels
      let weights = parameters.layers[layer][.weight]?.values ?? []
      switch self {
      case .scaleMagnitude: return (parameters.layers[layer][.gamma]?.values ?? []).map(abs)
      case .filterNorm1: return weights.rows(count) { $0.reduce(0) { $0 + abs(Double($1)) } }
      case .filterNorm2:
        return weights.rows(count) { $0.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot() }
      case .geometricMedian: return try weights.distances(count)
      case .random: return (0..<count).map { _ in Float(generator.uniform()) }
      case .taylor, .hessianDiagonal, .activationRank: return []
      }
    }
  }
}

extension [[Float]] {
  /// Scores by layer, made comparable.
  func normalized(_ normalization: ImportanceScore.Normalization) -> [[Float]] {
    guard normalization == .layerMean else { return self }
    return map { layer in
      let mean = layer.reduce(0, +) / Float(Swift.max(layer.count, 1))
      return mean > 0 ? layer.map { $0 / mean } : layer
    }
  }

  /// Scores by slot; nil where there is none.
  func bySlot(_ slots: ChannelSlots) -> [Float?] {
    slots.origins.map { origin in
      guard let layer = origin.layer, self[layer].indices.contains(origin.channel) else {
        return nil
      }
      return self[layer][origin.channel]
    }
  }
}

extension [Float] {
  /// A number for each of `count` rows of equal length.
  fileprivate func rows(_ count: Int, _ score: (ArraySlice<Float>) -> Double) -> [Float] {
    guard count > 0, !isEmpty else { return [] }
    let width = self.count / count
    return (0..<count).map { Float(score(self[$0 * width..<($0 + 1) * width])) }
  }

  /// The sum of each row's distances to all rows, through products of matrices: the square of a
  /// distance is |a|² + |b|² − 2·a·b. A block of rows meets those up to its own end; the others
  /// meet it later.
  fileprivate func distances(_ count: Int) throws(TorchError) -> [Float] {
    guard count > 0, !isEmpty else { return [] }
    let rows = try Tensor(self, shape: [count, self.count / count])
    // Distances do not change, and nearly equal rows lose fewer digits.
    let centred = try rows - rows.mean(dims: [0], keepDim: true)
    var squares = [Float](repeating: 0, count: count)
    var sums = [Double](repeating: 0, count: count)
    for start in stride(from: 0, to: count, by: 256) {
      let end = Swift.min(start + 256, count)
      let products = try centred.narrow(dim: 0, start: start, count: end - start)
        .matmul(centred.narrow(dim: 0, start: 0, count: end).transposed()).toFloats()
      for first in start..<end { squares[first] = products[(first - start) * end + first] }
      for first in start..<end {
        for second in 0..<first {
          let product = products[(first - start) * end + second]
          let squared = squares[first] + squares[second] - 2 * product
          let distance = Double(Swift.max(squared, 0)).squareRoot()
          sums[first] += distance
          sums[second] += distance
        }
      }
    }
    return sums.map { Float($0) }
  }
}
