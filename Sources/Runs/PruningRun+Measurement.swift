import Boxes
import Datasets
import Inference
import Networks
import Pruning

/// What a pruning is judged by: both networks on this machine and on the data set's pictures.
extension PruningRun {
  /// Draws of pictures that intervals are made of.
  private static let resamples = 1000
  /// Pictures without labels that the page chooses from, at most.
  private static let unlabelledPictures = 64

  /// Measures both networks, latency in turn.
  func measure(_ result: PruningResult) throws -> PruningMeasurement {
    // Folded one by one, so that no weights are there twice.
    let networks = try [model.network, { _ in try network(result) }].map { make in
      let network = try make(device)
      try network.fold()
      return network
    }
    let labelled = dataset.flatMap { $0.labelCount > 0 ? $0 : nil }
    func outcomes(_ data: DetectionDataset) throws -> [Evaluation.Outcome] {
      try zip(networks, ["before pruning", "after pruning"]).map {
        try evaluate($0, data, label: $1)
      }
    }
    let measured = try labelled.map(outcomes)
    // Pictures without labels are still worth looking at.
    var some = dataset
    some?.pictures.spread(to: Self.unlabelledPictures)
    let seen = try measured ?? some.map(outcomes) ?? []
    let timing = try Timing(networks, size: size, threads: recipe.threads, on: device, observer) {
      try Self.engine.engine($0)
    }
    let rows = try networks.indices.map {
      try MeasuredNetwork(
        networks[$0].spec, size: size, latency: timing.latencies[$0],
        outcome: measured?[$0])
    }
    if let measured {
      observer.list(
        measured[0].problems, what: "pictures skipped in the evaluation", one: nil)
    }
    let differences = try measured.map { outcomes in
      // Labels of pictures that cannot be read do not count.
      outcomes[0].result.instances == 0
        ? []
        : try PairedBootstrap.differences(
          outcomes[0].predictions, outcomes[1].predictions, style: recipe.averagePrecision,
          resamples: Self.resamples, seed: recipe.seed)
    }
    let loss = differences.flatMap { PruningLoss($0) }
    return PruningMeasurement(
      rows: rows, differences: differences ?? [], qualityBefore: measured?[0].result.quality,
      quality: measured?[1].result.quality,
      predictions: seen.map(\.predictions), loss: loss, timing: timing)
  }
}
