import Boxes
import Commands
import Networks
import Pruning
import Reports
import Training

/// What a pruning is judged by: both networks on this machine and on the data set's pictures.
extension PruneRun {
  /// Draws of pictures that intervals are made of.
  private static let resamples = 1000

  struct Measured {
    /// Before and after.
    let rows: [MeasuredNetwork]
    /// After minus before; empty without labelled pictures.
    let differences: [BootstrapResult]

    var table: Table { MeasuredNetwork.table(rows, names: ["before", "after"]) }
    /// What the table cannot say.
    var lines: [String] { differences.map { $0.line("after", minus: "before") } }
  }

  /// Measures both networks, latency in turn.
  func measure(_ result: PruningResult) throws -> Measured {
    // Folded one by one, so that no weights are there twice.
    let networks = try [model.network, { _ in try network(result) }].map { make in
      let network = try make(device)
      try network.fold()
      return network
    }
    let labelled = dataset.flatMap { $0.labelCount > 0 ? $0 : nil }
    let outcomes = try labelled.map { data in try networks.map { try evaluate($0, data) } }
    let latency = try Latency.alternating(networks, width: size.width, height: size.height)
    let rows = try networks.indices.map {
      try MeasuredNetwork(
        networks[$0].spec, size: size, latency: latency[$0], outcome: outcomes?[$0])
    }
    if let outcomes {
      Console.list(outcomes[0].problems, what: "pictures skipped in the evaluation")
    }
    let differences = try outcomes.map { outcomes in
      // Labels of pictures that cannot be read do not count.
      outcomes[0].result.instances == 0
        ? []
        : try PairedBootstrap.differences(
          outcomes[0].predictions, outcomes[1].predictions, style: options.judgement.ap.style,
          resamples: Self.resamples, seed: options.run.seed)
    }
    return Measured(rows: rows, differences: differences ?? [])
  }
}
