import Boxes
import Commands
import Darknet
import Datasets
import Foundation
import Networks
import Pruning
import Reports
import Torch
import Training

extension PruneNormalCommand: Executable {
  package func execute() throws {
    try PruneRun(options, method: .normal)(percent: percent.percent)
  }
}

/// What all pruning methods share: prune, prove, measure, write.
struct PruneRun {
  private let options: PruneOptions
  private let method: PruningMethod
  private let json: JSONOutput
  private let model: Model
  private let device: Device

  init(_ options: PruneOptions, method: PruningMethod) throws {
    self.options = options
    self.method = method
    json = try JSONOutput(options.report)
    model = try Model(options.model)
    device = try openDevice(options.machine)
  }

  func callAsFunction(percent: Double) throws {
    let size = try options.inputSize.size(for: model.spec)
    let dataset = try options.data.map {
      try openDataset(DataFile(contentsOf: $0), options.split)
    }
    let pruner = try Pruner(
      model.configuration, model.parameters, method: method,
      scope: options.scope == .legacy ? method.legacyScope : .all,
      inputScale: model.inputScale)
    Console.note(
      "\(method.name): safe up to \(Figures.fixed(100 * pruner.safePercent, 1)) % of the channels in scope"
    )
    let result = try pruner(percent: percent, force: options.force)
    let output = try OutputFolder.make(
      options.folder.output, overwrite: options.folder.overwrite, kind: "prune")

    let pictures = try proofPictures(dataset, size: size)
    let check = try PruningCheck(result, original: model.parameters, pictures: pictures)
    try check.proof.check()

    let original = try model.network(on: device)
    let compact = try Network(result.configuration, inputScale: model.inputScale)
    try compact.load(result.parameters)
    try compact.move(to: device, memoryFormat: .channelsLast)
    let latency = try Latency.alternating(
      [original, compact], width: size.width, height: size.height)
    let outcomes = try dataset.map { data in
      try [original, compact].map { try evaluate($0, data, size: size) }
    }
    let paths = try write(result, to: output, names: dataset?.names)
    let rows = try [
      MeasuredNetwork(original, latency: latency[0], outcome: outcomes?[0]),
      MeasuredNetwork(compact, latency: latency[1], outcome: outcomes?[1]),
    ]
    try report(rows, result, pruner, check, drawn: dataset == nil)
    try json.write(
      .members([
        "before": rows[0].json, "after": rows[1].json,
        "maxAbsDifference": check.proof.maxAbsDifference,
        "outputScale": check.proof.outputScale,
        "relativeDifference": check.proof.relativeDifference, "safePercent": pruner.safePercent,
        "threshold": result.plan.threshold, "percent": percent,
        "fromOriginal": JSONValue.members([
          "interior": check.interiorFromOriginal, "everywhere": check.fromOriginal,
        ]),
        "cfg": absolute(paths.cfg), "weights": absolute(paths.weights),
      ]))
  }

  /// Up to eight pictures of the data set, or eight drawn ones.
  private func proofPictures(
    _ dataset: DetectionDataset?, size: (width: Int, height: Int)
  ) throws -> Tensor {
    let channels = model.spec.net.channels
    if let dataset {
      var loading = EvaluationLoader.Settings()
      loading.batchSize = 8
      (loading.width, loading.height, loading.channels) = (size.width, size.height, channels)
      let loader = try EvaluationLoader(dataset, settings: loading, device: device)
      defer { loader.close() }
      if let batch = try loader.next() { return batch.images }
    }
    return try Tensor.uniform(
      [8, channels, size.height, size.width], generator: Generator(seed: options.seed)
    ).to(device)
  }

  private func evaluate(
    _ network: Network, _ dataset: DetectionDataset, size: (width: Int, height: Int)
  ) throws -> Evaluation.Outcome {
    var loading = EvaluationLoader.Settings()
    loading.batchSize = options.batchSize
    (loading.width, loading.height) = (size.width, size.height)
    loading.channels = network.spec.net.channels
    var evaluation = Evaluation(dataset, loading: loading)
    evaluation.style = options.ap.style
    let progress = ConsoleProgress(
      "test", total: dataset.pictures.count, isQuiet: options.report.quiet)
    defer { progress.finish() }
    return try evaluation(network) { progress.update($0) }
  }

  private func write(
    _ result: PruningResult, to output: String, names: [String]?
  ) throws -> (cfg: String, weights: String) {
    let folder = RunFolder(path: output)
    try folder.writeModel(
      result.configuration, result.parameters, scale: model.inputScale,
      names: names ?? model.names(nil))
    return (folder.cfgPath, folder.weightsPath)
  }

  private func report(
    _ rows: [MeasuredNetwork], _ result: PruningResult, _ pruner: Pruner,
    _ check: PruningCheck, drawn: Bool
  ) throws {
    guard options.report.printsTables else { return }
    var widths = Table("layer", "channels", "kept", "share")
    for layer in result.plan.layers where layer.before != layer.after {
      widths.append([
        "\(layer.layer)", "\(layer.before)", "\(layer.after)",
        "\(Figures.fixed(100 * Double(layer.after) / Double(layer.before), 1)) %",
      ])
    }
    try Console.print(widths.text)
    try Console.print(MeasuredNetwork.table(rows, names: ["before", "after"]).text)
    try Console.print(
      "threshold \(result.plan.threshold), \(Figures.fixed(100 * result.plan.removedShare, 1)) % of the "
        + "channels in scope removed (safe: \(Figures.fixed(100 * pruner.safePercent, 1)) %)")
    try Console.print(
      "proof: masked and compact differ by at most "
        + Figures.significant(check.proof.maxAbsDifference) + " on outputs of scale "
        + Figures.significant(check.proof.outputScale) + ", relative "
        + Figures.significant(check.proof.relativeDifference) + " (limit 0.0001), "
        + (drawn ? "on drawn pictures: there is no --data" : "on real pictures"))
    try Console.print(
      "from the original, relative: " + Figures.significant(check.interiorFromOriginal)
        + " inside, " + Figures.significant(check.fromOriginal) + " with the border")
  }
}
