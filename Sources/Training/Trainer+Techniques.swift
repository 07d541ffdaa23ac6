import Darknet
import Networks
import Torch

/// What the loop asks its techniques for.
extension Trainer {
  /// What to differentiate, and all terms as ``lossNames`` names them, with the losses of the
  /// techniques added.
  ///
  /// - Parameter share: this process's part of the batch's pictures, `0...1`: of so much are the
  ///   means that the techniques give.
  func withTechniques(
    _ value: DetectionLoss.Value, _ step: TrainingStep, share: Double
  ) throws -> (total: Tensor, terms: Tensor) {
    let names = techniques.lossNames
    guard !names.isEmpty else { return (value.total, value.terms) }
    let zero = try Tensor.zeros([], device: network.device)
    var (total, found) = (value.total, [String: Tensor]())
    try withPrecision(options.precision, on: network.device) {
      for technique in techniques {
        for term in try technique.losses(step) {
          let name = technique.filed(term.name)
          precondition(names.contains(name), "\(name) is none of the technique's lossNames")
          let weighted = try term.value.to(.float32) * (term.weight * share)
          total = try total + weighted
          let value = try weighted.detach()
          found[name] = try found[name].map { try $0 + value } ?? value
        }
      }
    }
    let own = try (0..<DetectionLoss.termNames.count - 1).map {
      try value.terms.select(dim: 0, index: $0)
    }
    let terms = try Tensor.stacked(own + [total.detach()] + names.map { found[$0] ?? zero })
    return (total, terms)
  }

  /// Writes weights, and has the techniques write what else belongs to them.
  ///
  /// - Parameters:
  ///   - judged: the network whose weights they are.
  ///   - path: where they are to be.
  ///   - write: puts them there.
  func write(
    _ parameters: NetworkParameters, of judged: Network, to path: String, _ write: () throws -> Void
  ) throws {
    let accompanying = techniques.compactMap { $0 as? any AccompanyingTechnique }
    if !accompanying.isEmpty {
      let hash = try RunFolder.weightsHash(of: parameters, for: network.spec)
      for technique in accompanying {
        try technique.accompany(judged, weights: path, hash: hash)
      }
    }
    try write()
    for technique in accompanying { try technique.settle(weights: path) }
  }

  /// The techniques' losses, and their figures of the moment.
  func techniqueFigures(_ losses: [Double]) throws -> [(name: String, value: Double)] {
    let own = DetectionLoss.termNames.count
    return try zip(lossNames, losses).dropFirst(own).map { ($0, $1) } + techniques.metrics()
  }

  /// Refuses terms that are no numbers, and names the one that came first.
  func check(_ losses: [Double]) throws {
    guard losses.allSatisfy(\.isFinite) else {
      // The sum stands among its terms.
      let terms = zip(lossNames, losses).filter { $0.0 != "total" }
      throw TrainingError.nonFiniteLoss(
        term: terms.first { !$0.1.isFinite }?.0, epoch: state.epoch, batch: state.batch - 1,
        remedies: techniques.compactMap(\.remedyOfDivergence))
    }
  }
}
