import Boxes
import Commands
import Darknet
import Datasets
import Foundation
import Inference
import Loading
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
  /// How pictures are shown to both networks.
  let feeding: Feeding
  var size: (width: Int, height: Int) { (feeding.width, feeding.height) }
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
    model = try Model(options.model, scale: options.scale.inputScale)
    try output.refuse(inputs: [model.cfgPath, model.weightsPath])
    try output.requireOwn(RunFolder.pairFileNames)
    let spec = model.spec
    self.spec = spec
    device = try openDevice(options.machine)
    feeding = try model.feeding(options.feeding, options.inputSize)
    if options.pictures.data != nil { feeding.announce(isQuiet: options.report.quiet) }
    try setThreads(
      options.machine.threads, for: [(spec, feeding.width, feeding.height)],
      on: device)
    let needsLabels = isSteered || options.judgement.curve || options.judgement.maxLoss != nil
    var dataset = try options.pictures.data.map {
      try openDataset(
        DataFile(contentsOf: $0), options.pictures.split, for: spec,
        isSingleClass: options.pictures.singleCls, allowsNoLabels: !needsLabels)
    }
    if let count = options.pictures.pictures { dataset?.pictures.spread(to: count) }
    if let data = options.pictures.data {
      try output.refuse(DataFile(contentsOf: data), dataset)
    }
    self.dataset = dataset
    if dataset?.labelCount == 0 { Console.note("the pictures have no labels: mAP is left out") }
    pruner = try Pruner(
      model.configuration, model.parameters, method: method,
      scope: options.channels.scope == .legacy ? method.legacyScope : .all,
      scores: try Self.measuredScores(options, method, model, device, feeding),
      normalization: ImportanceScore.Normalization(rawValue: options.channels.normalize.rawValue)
        ?? .none,
      seed: options.run.seed, inputScale: model.inputScale)
    if options.judgement.explain, options.report.printsTables { try explain() }
  }

  /// Prunes, proves, measures, writes and prints.
  func callAsFunction(_ request: PruningRequest) throws {
    let verdict = try verdict(request)
    let curve = try curve(request)
    var result = try pruner(request, force: options.channels.force)

    let restoration = try ScaleRestoration(
      NetworkSpec(result.configuration), result.parameters)
    let restored = options.channels.restoreScales ? restore(restoration, &result) : nil
    if result.plan.removesNothing {
      let others = [
        restored ?? 1 > 1 ? "its scales" : nil, recalibrates ? "its statistics" : nil,
      ].compactMap { $0 }
      Console.note(
        "nothing is removed: the network is written as it was"
          + (others.isEmpty ? "" : ", but for \(others.joined(separator: " and "))"))
    }
    let pictures = try proofPictures()
    var pair = try PrunedPair(
      result, of: model, pictures: pictures ?? drawnPictures(), areDrawn: pictures == nil)
    let check = pair.check
    noteLostConstants(result.plan)
    if recalibrates {
      let compact = try network(result)
      try recalibrate(compact)
      try pair.takeStatistics(compact.parameters().layers)
      result = pair.result
    }
    let measured = try measure(result)
    try holdLoss(measured)
    let next = next(result.plan, measured, to: output.path)
    let outcome = PruneOutcome(
      request: request, plan: result.plan, measured: measured, check: check, verdict: verdict,
      curve: curve, advice: advice(verdict, curve, measured, result.plan),
      headline: headline(result.plan, measured, check, isReal: pictures != nil),
      next: next.command, purpose: next.purpose, isReal: pictures != nil)
    try output.fill { folder in
      let names = dataset.flatMap { $0.names.count == spec.classes ? $0.names : nil }
      try pair.write(
        to: folder, names: names ?? model.names(nil),
        prunedFrom: (model.operand?.path).map(absolute),
        prunedFromWeights: (model.operand?.weights).map(absolute))
      try writePage(result, outcome, to: folder)
    }
    let paths = RunFolder(path: output.path)
    try report(outcome, in: output.path)
    if !options.channels.restoreScales, outcome.advice.callsForTuning, restoration.factor >= 4,
      let median = restoration.median
    {
      Console.note(
        "the scales left are small (\(Self.words(median))): --restore-scales may spare epochs of "
          + "fine-tuning")
    }
    try json.write(
      .members([
        "before": measured.rows[0].json, "after": measured.rows[1].json,
        "loss": measured.loss?.points,
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
        "advice": "\(outcome.advice)", "next": "\(outcome.next)",
        "scaleQuantiles": JSONValue.array(
          zip(PruningVerdict.shares, verdict.quantiles).map {
            .members(["share": $0, "scale": Double($1)])
          }),
        "curve": curve?.json ?? JSONValue.array([]),
        "cliff": curve?.points(recalibrated: recalibrates).cliff,
        "fromOriginal": JSONValue.members([
          "interior": check.interiorFromOriginal, "everywhere": check.fromOriginal,
        ]),
        "feeding": feeding.json,
        "cfg": absolute(paths.cfgPath), "weights": absolute(paths.weightsPath),
      ]))
  }

  /// Refuses what costs more than `--max-loss`, before anything is written.
  private func holdLoss(_ measured: Measured) throws {
    guard let allowed = options.judgement.maxLoss else { return }
    guard let loss = measured.loss else {
      throw EngineError.unusableOperand(
        "--max-loss", reason: "no picture with labels can be read, so nothing is measured")
    }
    try loss.check(allowed: allowed)
  }

  private func noteLostConstants(_ plan: PruningPlan) {
    guard let largest = plan.lostConstants.map(\.largest).max() else { return }
    let layers = plan.lostConstants.map { "\($0.layer)" }.joined(separator: ", ")
    Console.note(
      "layer\(plan.lostConstants.count == 1 ? "" : "s") \(layers) cannot carry on constants of what "
        + "was dropped (at most \(Figures.significant(largest)))"
        + (recalibrates ? "" : "; --recalibrate makes up for a part"))
  }

  /// Brings small scales back.
  ///
  /// - Returns: the factor.
  private func restore(_ restoration: ScaleRestoration, _ result: inout PruningResult) -> Float {
    let size = restoration.median.map(Self.words)
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

  private static func words(_ median: Float) -> String {
    "median \(Figures.significant(Double(median))) of those that are not near zero"
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
  var emptyingPercentInWords: String? {
    guard pruner.emptyingPercent > 0, method.judgement.takesOneShare else { return nil }
    return Figures.percent((1000 * pruner.emptyingPercent).rounded(.down) / 1000)
  }

  /// Up to eight pictures of the data set; nil where there are none that can be read.
  private func proofPictures() throws -> Tensor? {
    guard let dataset else { return nil }
    let loader = try EvaluationLoader(
      dataset, settings: feeding.loading(for: spec, batchSize: 8), device: device)
    defer { loader.close() }
    guard let batch = try loader.next() else { return nil }
    return try withoutGrad { try batch.pictures.contiguous().to(.float32) / 255 }
  }

  private func drawnPictures() throws -> Tensor {
    try Tensor.uniform(
      [8, model.spec.net.channels, size.height, size.width],
      generator: Generator(seed: options.run.seed)
    ).to(device)
  }
}
