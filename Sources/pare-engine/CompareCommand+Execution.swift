import Boxes
import Commands
import Darknet
import Datasets
import Foundation
import Inference
import Networks
import Reports
import Runs
import Torch
import Training

extension CompareCommand: Executable {
  package func execute() throws {
    let json = try JSONOutput(report)
    let operands = try CompareOperand.all(operands)
    let style = ap.style
    let device = try openDevice(machine)
    let dataset = try data.map {
      try openDataset(
        DataFile(contentsOf: $0), DatasetSplit(split), isSingleClass: singleCls,
        observer: ConsoleObserver(isQuiet: report.quiet))
    }

    let networks = try operands.map { try $0.network(on: device, self) }
    try setThreads(
      machine.threads,
      for: networks.compactMap(\.self).map {
        ($0.network.spec, $0.feeding.width, $0.feeding.height)
      }, on: device)
    if let dataset, let data {
      for network in networks.compactMap(\.self) {
        try requireClasses(dataset.names.count, of: data, network.network.spec)
      }
    }
    for operand in operands {
      guard let cfg = operand.pair?.cfg else { continue }
      dataset?.warnOfTrainedPictures(operand.name, cfg: cfg)
    }
    let latencies = try latencies(networks)
    var rows: [Row] = []
    for (index, operand) in operands.enumerated() {
      var predictions = try operand.predictions()
      if let dataset, let network = networks[index] {
        network.feeding.announce(isQuiet: report.quiet)
        predictions = try evaluate(network, dataset, title: operand.name).predictions
      }
      rows.append(
        Row(
          name: operand.name, weights: operand.pair?.weights, network: networks[index]?.network,
          feeding: networks[index]?.feeding, latency: latencies[index],
          predictions: predictions,
          result: predictions.map { $0.evaluator(style: style).evaluate() }))
    }
    try requireSameClasses(rows)
    let others = OtherPictures(
      zip(rows, operands).compactMap { row, operand in
        row.predictions.map { (row.name, $0, operand.pair == nil) }
      }, data: data)
    if let others {
      guard bootstrap == nil else { throw EngineError.otherPictures(others.description) }
      Console.warn(others.description)
    }
    let intervals = try bootstrap.map { try self.intervals(rows, samples: $0, style: style) }
    try printTable(rows, intervals, weights: operands.compactMap(\.weightsInWords))
    let values = try rows.enumerated().map { index, row in
      try row.json(intervals.flatMap { index == 0 ? nil : $0[index - 1] })
    }
    try json.write(.members(["rows": JSONValue.array(values)]))
    let next = next(operands, rows, intervals, others, dataset)
    try report.next(next.purpose, next.command)
  }

  /// Measure what was not, with intervals; then look at what a network finds: the best one, or the
  /// smallest where no difference is shown.
  private func next(
    _ operands: [CompareOperand], _ rows: [Row], _ intervals: [[BootstrapResult]]?,
    _ others: OtherPictures?, _ dataset: DetectionDataset?
  ) -> (purpose: String, command: NextCommand) {
    let part = others?.split.flatMap { DataSplitChoice(rawValue: $0.rawValue) } ?? split
    let again =
      (NextCommand("compare") + self.operands).with("--data", data)
      .with("--split", data == nil || part == .valid ? nil : part.rawValue)
      + (singleCls ? ["--single-cls"] : []) + inputSize.words + feeding.words
    if rows.contains(where: { $0.predictions == nil }) {
      return ("measure them", again + ["--data", NextCommand.Placeholder.data.rawValue])
    }
    if let others {
      guard others.split == nil else { return ("measure them on the same pictures", again) }
      return (
        "measure the other one on the same pictures",
        NextCommand("test", "--model", NextCommand.Placeholder.run.rawValue)
          + ["--data", data ?? NextCommand.Placeholder.data.rawValue]
          + (part == .valid ? [] : ["--split", part.rawValue])
          + ["--save-predictions", NextCommand.unused("predictions.json")]
      )
    }
    guard let intervals else {
      return ("see what may be chance", again + ["--bootstrap", "1000"])
    }
    let (index, purpose) = choice(rows, intervals)
    let picture = dataset?.pictures.first?.path
    // Stored predictions do not say whose they are.
    let network =
      operands[index].pair.map { NextCommand.model(cfg: $0.cfg, weights: $0.weights) }
      ?? ["--model", NextCommand.Placeholder.run.rawValue]
    return (
      purpose,
      NextCommand("detect") + network
        + ["--source", picture.map(displayed) ?? NextCommand.Placeholder.picture.rawValue]
        + NextCommand.confidence(best: rows[index].result?.bestConfidence)
        + inputSize.words + feeding.words
    )
  }

  /// The network to look at, and what it is among the others.
  private func choice(
    _ rows: [Row], _ intervals: [[BootstrapResult]]
  ) -> (index: Int, purpose: String) {
    let differences = intervals.map { $0.first { $0.metric == .map } }
    if differences.allSatisfy({ $0?.showsDifference == false }) {
      // Sizes are known of networks alone.
      let sizes = rows.map { $0.network?.spec.parameterCount }
      let smallest = sizes.indices.min { sizes[$0] ?? .max < sizes[$1] ?? .max } ?? 0
      return (smallest, "no difference is shown; see what \(rows[smallest].name) finds")
    }
    let best = rows.indices.max { rows[$0].result?.map ?? 0 < rows[$1].result?.map ?? 0 } ?? 0
    let isShown = best == 0 || differences[best - 1]?.showsDifference == true
    return (best, isShown ? "see what the best one finds" : "see what \(rows[best].name) finds")
  }

  private struct Row {
    let name: String
    let weights: String?
    let network: Network?
    let feeding: Feeding?
    let latency: Latency?
    let predictions: StoredPredictions?
    let result: EvaluationResult?

    func json(_ intervals: [BootstrapResult]?) throws -> JSONValue {
      let profile = try network.map {
        try $0.spec.profile(width: $0.spec.net.width, height: $0.spec.net.height)
      }
      return .members([
        "name": name, "weights": weights.map(absolute), "parameters": profile?.parameters,
        "weightsBytes": profile?.weightsByteCount, "macs": profile?.macs,
        "milliseconds": latency?.median, "images": result?.images,
        "map50": result?.map50.ifMeasured,
        "map": result?.map.ifMeasured,
        "feeding": result == nil ? nil : feeding?.json,
        "differences": intervals.map { JSONValue.array($0.map(\.json)) },
      ])
    }
  }

  /// Figures over other classes cannot stand side by side.
  private func requireSameClasses(_ rows: [Row]) throws {
    let predicted = rows.filter { $0.predictions != nil }
    guard let first = predicted.first, let names = first.predictions?.names else { return }
    for row in predicted.dropFirst() {
      guard let others = row.predictions?.names, others != names else { continue }
      guard others.count == names.count else {
        throw EngineError.unusableOperand(
          row.name,
          reason: "predictions of \(others.count) classes, those of \(first.name) are of "
            + "\(names.count); compare what was measured on the same data")
      }
      throw BoxesError.differentNames(names, others)
    }
  }

  private func latencies(_ networks: [FedNetwork?]) throws -> [Latency?] {
    let present = networks.compactMap(\.self)
    guard let size = present.first?.feeding else { return networks.map { _ in nil } }
    var measured = try Latency.alternating(
      present.map { try TorchEngine($0.network) }, width: size.width, height: size.height)[...]
    return networks.map { $0 == nil ? nil : measured.popFirst() }
  }

  private func evaluate(
    _ fed: FedNetwork, _ dataset: DetectionDataset, title: String
  ) throws -> Evaluation.Outcome {
    let evaluation = Evaluation(
      dataset, of: fed.network.spec, fed: fed.feeding, style: ap.style)
    let progress = ConsoleProgress(title, total: dataset.pictures.count, isQuiet: report.quiet)
    defer { progress.finish() }
    return try evaluation(TorchEngine(fed.network)) { progress.update($0) }
  }

  /// For each operand but the first, the differences of mAP@0.5 and mAP@0.5:0.95 to the first.
  private func intervals(
    _ rows: [Row], samples: Int, style: EvaluationStyle
  ) throws -> [[BootstrapResult]] {
    guard let baseline = rows[0].predictions else {
      throw EngineError.unusableOperand(
        rows[0].name, reason: "has no predictions to compare; add --data, or name stored ones")
    }
    return try rows.dropFirst().map { row in
      guard let predictions = row.predictions else {
        throw EngineError.unusableOperand(
          row.name, reason: "has no predictions to compare; add --data, or name stored ones")
      }
      return try PairedBootstrap.differences(
        baseline, predictions, style: style, resamples: samples, level: confidence, seed: seed)
    }
  }

  private func printTable(
    _ rows: [Row], _ intervals: [[BootstrapResult]]?, weights: [String]
  ) throws {
    guard report.printsTables else { return }
    var table = Table(
      "network", "parameters", "MACs", "weights", "ms", "pictures", "mAP@0.5", "mAP@0.5:0.95")
    for row in rows {
      let profile = try row.network.map {
        try $0.spec.profile(width: $0.spec.net.width, height: $0.spec.net.height)
      }
      table.append([
        row.name, profile.map { Figures.count($0.parameters) } ?? "–",
        profile.map { Figures.count($0.macs) } ?? "–",
        profile.map { Figures.bytes($0.weightsByteCount) } ?? "–",
        row.latency.map { Figures.fixed($0.median, 2) } ?? "–",
        row.result.map { Figures.grouped($0.images) } ?? "–",
        Figures.fixed(row.result?.map50.ifMeasured, 4),
        Figures.fixed(row.result?.map.ifMeasured, 4),
      ])
    }
    try Console.print(table.text)
    for line in weights { try Console.print("weights of \(line)") }
    guard let intervals else { return }
    for (row, results) in zip(rows.dropFirst(), intervals) {
      for result in results { try Console.print(result.line(row.name, minus: rows[0].name)) }
    }
  }
}
