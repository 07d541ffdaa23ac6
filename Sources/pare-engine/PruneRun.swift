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

/// What all pruning methods share: prune, prove, measure, write.
struct PruneRun {
  let spec: NetworkSpec
  let pruner: Pruner
  let device: Device
  let options: PruneOptions
  let method: PruningMethod
  let recalibrates: Bool
  private let json: JSONOutput
  private let output: OutputFolder
  let model: Model
  let size: (width: Int, height: Int)
  /// What is measured on; pictures without any label will do where mAP decides nothing.
  let dataset: DetectionDataset?

  /// Opens everything, and explains where asked.
  ///
  /// - Parameters:
  ///   - recalibrates: whether statistics are re-estimated whatever the options say.
  ///   - isSteered: whether mAP decides what is pruned.
  init(
    _ options: PruneOptions, _ method: PruningMethod, recalibrates: Bool = false,
    isSteered: Bool = false
  ) throws {
    self.options = options
    self.recalibrates = recalibrates || options.channels.recalibrate
    var method = method
    if let score = options.channels.score.flatMap({ ImportanceScore(rawValue: $0.rawValue) }) {
      method.score = score
    }
    self.method = method
    json = try JSONOutput(options.report, in: options.run.folder.output)
    // Before the measurements, which would be lost on a folder that is refused.
    output = try OutputFolder(
      options.run.folder.output, overwrite: options.run.folder.overwrite, kind: "prune")
    model = try Model(options.model)
    spec = model.spec
    device = try openDevice(options.machine)
    size = try options.inputSize.size(for: model.spec)
    try setThreads(options.machine.threads, for: [(spec, size.width, size.height)], on: device)
    dataset = try options.pictures.data.map {
      try openDataset(
        DataFile(contentsOf: $0), options.pictures.split,
        allowsNoLabels: !isSteered && !options.judgement.curve)
    }
    if dataset?.labelCount == 0 { Console.note("the pictures have no labels: mAP is left out") }
    pruner = try Pruner(
      model.configuration, model.parameters, method: method,
      scope: options.channels.scope == .legacy ? method.legacyScope : .all,
      scores: try Self.measuredScores(options, method, model, device, size),
      normalization: ImportanceScore.Normalization(rawValue: options.channels.normalize.rawValue)
        ?? .none,
      seed: options.run.seed, inputScale: model.inputScale)
    if options.judgement.explain, options.report.printsTables { try explain() }
  }

  /// Prunes, proves, writes, measures and prints.
  func callAsFunction(_ request: PruningRequest) throws {
    let verdict = try verdict(request)
    let curve = try curve(request)
    var result = try pruner(request, force: options.channels.force)

    let restored = try restoreScales(&result)
    if result.plan.removesNothing {
      Console.note(
        "nothing is removed: the network is written as it was"
          + (restored ?? 1 > 1 ? ", but for its scales" : ""))
    }
    let pictures = try proofPictures()
    let check = try PruningCheck(
      result, original: model.parameters, pictures: try pictures ?? drawnPictures())
    try check.proof.check()
    for lost in result.plan.lostConstants {
      Console.note(
        "layer \(lost.layer) cannot carry on constants of what was dropped (at most "
          + "\(Figures.significant(lost.largest))): fine-tune, or --recalibrate")
    }
    if recalibrates {
      let compact = try network(result)
      try recalibrate(compact)
      result.parameters.layers = try compact.parameters().layers
    }
    let measured = try measure(result)
    try output.fill { folder in
      try write(result, to: folder, names: dataset?.names)
      try writePage(result, measured, verdict: verdict, curve: curve, to: folder)
    }
    let paths = RunFolder(path: output.path)
    try report(measured, result.plan, check, isReal: pictures != nil)
    try json.write(
      .members([
        "before": measured.rows[0].json, "after": measured.rows[1].json,
        "differences": JSONValue.array(measured.differences.map(\.json)),
        "maxAbsDifference": check.proof.maxAbsDifference,
        "outputScale": check.proof.outputScale,
        "relativeDifference": check.proof.relativeDifference,
        "emptyingPercent": pruner.emptyingPercent, "emptyingPercents": emptyingPercents,
        // The same by their old names.
        "safePercent": pruner.emptyingPercent, "safePercents": emptyingPercents,
        "staircases": request.staircases.isEmpty ? nil : staircases(request),
        "threshold": result.plan.threshold, "percent": request.percent,
        "restoredScales": restored.map(Double.init),
        "removedBlocks": JSONValue.array(
          result.plan.removedBlocks.map { JSONValue.integer($0.block.shortcut) }),
        "advice": "\(verdict.advice)",
        "scaleQuantiles": JSONValue.array(
          zip(PruningVerdict.shares, verdict.quantiles).map {
            .members(["share": $0, "scale": Double($1)])
          }),
        "curve": JSONValue.array(
          (curve?.points ?? []).map { .members(["percent": $0.percent, "map50": $0.map50]) }),
        "cliff": curve?.cliff,
        "fromOriginal": JSONValue.members([
          "interior": check.interiorFromOriginal, "everywhere": check.fromOriginal,
        ]),
        "cfg": absolute(paths.cfgPath), "weights": absolute(paths.weightsPath),
      ]))
  }

  /// Brings small scales back where asked, and says that it could where not.
  ///
  /// - Returns: the factor; nil where it is not asked for.
  private func restoreScales(_ result: inout PruningResult) throws -> Float? {
    let restoration = try ScaleRestoration(
      NetworkSpec(result.configuration), result.parameters)
    let size = restoration.median.map {
      "median \(Figures.significant(Double($0))) of those that are not near zero"
    }
    guard options.channels.restoreScales else {
      if let size, restoration.factor >= 4 {
        Console.note(
          "the scales left are small (\(size)): --restore-scales may spare epochs of fine-tuning")
      }
      return nil
    }
    for note in restoration.transfer.notes { Console.note(note) }
    guard restoration.factor > 1 else {
      let reason =
        restoration.transfer.layers.isEmpty ? "none can take a factor" : "all are near zero"
      Console.note("scales are left as they are: \(size ?? reason)")
      return 1
    }
    result.parameters = restoration.transfer.scaling.applied(to: result.parameters)
    Console.note("scales multiplied by \(Int(restoration.factor)): \(size ?? "")")
    return restoration.factor
  }

  /// The smaller network on the run's device.
  func network(_ result: PruningResult) throws -> Network {
    let network = try Network(
      result.configuration, result.parameters, inputScale: model.inputScale)
    try network.move(to: device, memoryFormat: .channelsLast)
    return network
  }

  /// By layer, the share up to which it is not emptied.
  private var emptyingPercents: JSONValue {
    .array(pruner.emptyingPercents.map { .members(["layer": $0.layer, "percent": $0.percent]) })
  }

  /// The share up to which no layer is emptied, rounded down; nil for methods whose request is not one
  /// share of channels.
  private var emptyingPercentInWords: String? {
    guard pruner.emptyingPercent > 0, method.judgement.takesOneShare else { return nil }
    return Figures.fixed((1000 * pruner.emptyingPercent).rounded(.down) / 10, 1) + " %"
  }

  /// Up to eight pictures of the data set; nil where there are none that can be read.
  private func proofPictures() throws -> Tensor? {
    guard let dataset else { return nil }
    var loading = EvaluationLoader.Settings()
    loading.batchSize = 8
    (loading.width, loading.height) = (size.width, size.height)
    loading.channels = model.spec.net.channels
    let loader = try EvaluationLoader(dataset, settings: loading, device: device)
    defer { loader.close() }
    return try loader.next()?.images
  }

  private func drawnPictures() throws -> Tensor {
    try Tensor.uniform(
      [8, model.spec.net.channels, size.height, size.width],
      generator: Generator(seed: options.run.seed)
    ).to(device)
  }

  private func write(
    _ result: PruningResult, to output: String, names: [String]?
  ) throws {
    let folder = RunFolder(path: output)
    try folder.writeModel(
      result.configuration, result.parameters, scale: model.inputScale,
      names: names ?? model.names(nil))
  }

  private func report(
    _ measured: Measured, _ plan: PruningPlan, _ check: PruningCheck, isReal: Bool
  ) throws {
    guard options.report.printsTables else { return }
    var widths = Table("layer", "channels", "kept", "share")
    for layer in plan.layers where layer.before != layer.after {
      widths.append([
        "\(layer.layer)", "\(layer.before)", "\(layer.after)",
        "\(Figures.fixed(100 * Double(layer.after) / Double(layer.before), 1)) %",
      ])
    }
    try Console.print(widths.text)
    for removed in plan.removedBlocks {
      try Console.print(
        "layers \(removed.block.layers.lowerBound) to \(removed.block.shortcut) removed, mean score "
          + Figures.significant(Double(removed.worth)))
    }
    try Console.print(measured.table.text)
    for line in measured.lines { try Console.print(line) }
    if method.judgement != .nothing {
      let judged = emptyingPercentInWords.map {
        (" (no layer is emptied up to \($0))", "threshold \(plan.threshold), ")
      }
      try Console.print(
        (judged?.1 ?? "") + "\(Figures.fixed(100 * plan.removedShare, 1)) % of the channels in "
          + "scope removed" + (judged?.0 ?? ""))
    }
    try Console.print(
      "proof: masked and compact differ by at most "
        + Figures.significant(check.proof.maxAbsDifference) + " on outputs of scale "
        + Figures.significant(check.proof.outputScale) + ", relative "
        + Figures.significant(check.proof.relativeDifference) + " (limit 0.0001), "
        + (isReal
          ? "on real pictures"
          : "on drawn pictures: there \(dataset == nil ? "is no --data" : "are none to be read")"))
    try Console.print(
      "from the original, relative: " + Figures.significant(check.interiorFromOriginal)
        + " inside, " + Figures.significant(check.fromOriginal) + " with the border")
  }
}
