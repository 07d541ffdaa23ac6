import Darknet
import Loading
import Networks
import Torch
import Training

/// Scores of channels that are measured on pictures (``ImportanceScore/needsPictures``).
public struct MeasuredScores: Sendable {
  /// What is measured.
  public var score: ImportanceScore
  /// What training minimizes.
  public var loss = DetectionLoss()

  /// A measurement of one of the scores that need pictures.
  public init(_ score: ImportanceScore) { self.score = score }

  /// The score of every channel by layer, the mean over batches; empty for layers without one, and
  /// for all without a batch or where the score needs no pictures.
  ///
  /// - Parameters:
  ///   - network: left as it was; its statistics are not updated.
  ///   - next: pictures on the network's device, labelled where the score needs it; nil at the end.
  /// - Throws: what `next` throws; ``TorchError`` out of memory.
  public func callAsFunction(
    _ network: Network, next: () throws -> TrainingBatch?
  ) throws -> [[Float]] {
    var sums = network.spec.layers.map { _ in [Double]() }
    var count = 0
    while let batch = try next() {
      let scores: [[Float]] =
        switch score {
        case .taylor, .hessianDiagonal: try gradientScores(network, batch)
        case .activationRank: try ranks(network, batch.images)
        case .scaleMagnitude, .filterNorm1, .filterNorm2, .geometricMedian, .random: []
        }
      for (layer, values) in scores.enumerated() where !values.isEmpty {
        if sums[layer].isEmpty { sums[layer] = values.map { _ in 0 } }
        for (channel, value) in values.enumerated() { sums[layer][channel] += Double(value) }
      }
      count += 1
    }
    if score == .activationRank { try breakTies(network, of: &sums, total: Double(count)) }
    return sums.map { layer in layer.map { Float($0 / Double(count)) } }
  }

  /// Adds up to a thousandth of a rank by |γ|: maps are often of full rank, and a threshold that
  /// many channels share would keep or take all of them.
  private func breakTies(_ network: Network, of sums: inout [[Double]], total: Double) throws {
    for entry in try network.tensors where entry.role == .gamma && !sums[entry.layer].isEmpty {
      let scales = try entry.tensor.detach().abs().toFloats().map(Double.init)
      let largest = scales.max() ?? 0
      guard largest > 0, scales.count == sums[entry.layer].count else { continue }
      for (channel, scale) in scales.enumerated() {
        sums[entry.layer][channel] += 1e-3 * total * scale / largest
      }
    }
  }

  /// One batch's first- or second-order change of the loss.
  private func gradientScores(_ network: Network, _ batch: TrainingBatch) throws -> [[Float]] {
    let entries = try network.learnableTensors
    for entry in entries { try entry.tensor.setGrad(nil) }
    defer { for entry in entries { try? entry.tensor.setGrad(nil) } }
    let outputs = try network(batch.images)
    let value = try loss(
      outputs, heads: network.heads, targets: batch.targets, inputWidth: batch.images.shape[3],
      inputHeight: batch.images.shape[2], overlapShare: 1)
    try value.total.backward()
    return try withoutGrad {
      var scores = network.spec.layers.map { _ in [Float]() }
      for entry in entries {
        guard let gradient = entry.tensor.grad,
          let convolution = network.spec.layers[entry.layer].convolution
        else { continue }
        let weight = try entry.tensor.detach()
        switch (score, entry.role) {
        case (.taylor, .gamma), (.taylor, .beta):
          let change = try (weight * gradient).toFloats()
          let old = scores[entry.layer]
          scores[entry.layer] = old.isEmpty ? change : zip(old, change).map(+)
        case (.hessianDiagonal, .weight):
          let product = try weight * gradient
          scores[entry.layer] = try (product * product).reshaped([convolution.outChannels, -1])
            .sum(dims: [1]).toFloats().map { $0 / 2 }
        default: continue
        }
      }
      return scores.map { $0.map(abs) }
    }
  }

  /// The mean ranks of one batch's maps.
  private func ranks(_ network: Network, _ images: Tensor) throws -> [[Float]] {
    var ranks = network.spec.layers.map { _ in [Float]() }
    try withoutGrad {
      let ranked = ForwardPass { layer, output in
        guard network.spec.layers[layer].convolution != nil else { return output }
        let shape = output.shape
        let values = try output.contiguous().toFloats()
        let area = shape[2] * shape[3]
        var sums = [Float](repeating: 0, count: shape[1])
        for map in 0..<shape[0] * shape[1] {
          let own = values[map * area..<(map + 1) * area]
          sums[map % shape[1]] += Float(matrixRank(Array(own), rows: shape[2], columns: shape[3]))
        }
        ranks[layer] = sums.map { $0 / Float(shape[0]) }
        return output
      }
      _ = try network(images, ranked)
    }
    return ranks
  }
}

/// The rank of a matrix, by elimination with complete pivoting: pivots that rounding in single
/// precision explains do not count.
func matrixRank(_ values: [Float], rows: Int, columns: Int) -> Int {
  var matrix = values.map(Double.init)
  var tolerance = 0.0
  for rank in 0..<min(rows, columns) {
    var (best, row, column) = (0.0, rank, rank)
    for r in rank..<rows {
      for c in rank..<columns where abs(matrix[r * columns + c]) > best {
        (best, row, column) = (abs(matrix[r * columns + c]), r, c)
      }
    }
    if rank == 0 { tolerance = best * Double(max(rows, columns)) * Double(Float.ulpOfOne) }
    guard best > tolerance else { return rank }
    for c in 0..<columns { matrix.swapAt(rank * columns + c, row * columns + c) }
    for r in 0..<rows { matrix.swapAt(r * columns + rank, r * columns + column) }
    for r in rank + 1..<max(rows, rank + 1) {
      let factor = matrix[r * columns + rank] / matrix[rank * columns + rank]
      guard factor != 0 else { continue }
      for c in rank..<columns {
        matrix[r * columns + c] -= factor * matrix[rank * columns + c]
      }
    }
  }
  return min(rows, columns)
}
