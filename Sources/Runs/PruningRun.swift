import Boxes
import Darknet
import Datasets
import Inference
import Loading
import Networks
import Pruning
import Reports
import Torch
import Training

/// A pruning from a pair to a smaller pair: searched for, proved, measured.
///
/// ```swift
/// let recipe = PruningRecipe(
///   cfg: "model.cfg", weights: "model.weights", method: .normal, request: .init(percent: 0.5))
/// let run = try PruningRun(recipe)
/// let outcome = try run()
/// try OutputFolder("pruned", overwrite: false, kind: .pruning).fill { try run.write(outcome, to: $0) }
/// ```
public struct PruningRun {
  /// What was asked for.
  public let recipe: PruningRecipe
  /// The pair that is pruned.
  public let model: Model
  /// What chooses its channels.
  public let pruner: Pruner
  /// How pictures are shown to both networks.
  public let feeding: Feeding
  /// What is measured on; pictures without any label will do where mAP decides nothing.
  public let dataset: DetectionDataset?
  /// Where both networks run.
  public let device: Device

  let observer: any RunObserver

  /// What runs both networks.
  static let engine = EngineKind.torch

  var size: (width: Int, height: Int) { (feeding.width, feeding.height) }
  var spec: NetworkSpec { model.spec }

  /// Opens the pair and its pictures, and scores the channels.
  ///
  /// - Parameters:
  ///   - output: where the result is to go. What would be lost there is refused before anything is
  ///     measured.
  ///   - observer: is told what happens; nobody is unless given.
  /// - Throws: an error of the files, the machine or the network; ``RunError``.
  public init(
    _ recipe: PruningRecipe, output: OutputFolder? = nil,
    observer: any RunObserver = SilentObserver()
  ) throws {
    try recipe.check()
    self.recipe = recipe
    self.observer = observer
    model = try recipe.pair.model(observer)
    try output?.refuse(inputs: [model.cfgPath, model.weightsPath])
    try output?.requireOwn(RunFolder.pairFileNames)
    observer.noteFloat(
      model.weightsPath,
      "the float weights are pruned; 'pare quantize' quantizes what comes of them")
    device = try openDevice(recipe.device, threads: recipe.threads)
    feeding = try model.feeding(recipe.pair.feeding.wishes)
    if recipe.data != nil { observer.tellFeeding(feeding, of: model) }
    try setThreads(
      recipe.threads, for: [(model.spec, feeding.width, feeding.height)], on: device)
    let data = try recipe.data.map { try DataFile(contentsOf: $0) }
    var dataset: DetectionDataset?
    if let data {
      dataset = try openDataset(
        data, recipe.split, for: model.spec, isSingleClass: recipe.isSingleClass,
        allowsNoLabels: !recipe.needsLabels, observer: observer)
    }
    if let count = recipe.pictures { dataset?.pictures.spread(to: count) }
    if let data { try output?.refuse(data, dataset) }
    self.dataset = dataset
    dataset?.warnOfOtherNames(
      cfg: model.cfgPath, weights: model.weightsPath, of: recipe.data ?? "", observer)
    if dataset?.labelCount == 0 {
      observer.note("the pictures have no labels: mAP is left out")
    }
    let method = recipe.method
    pruner = try Pruner(
      model.configuration, model.parameters, method: method, scope: recipe.scope,
      scores: try Self.measuredScores(recipe, model, device, feeding, observer),
      normalization: recipe.normalization, seed: recipe.seed, inputScale: model.inputScale)
  }

  /// Searches, prunes, proves and measures. Nothing is written.
  ///
  /// - Throws: ``PruningError``, an error of the pictures or the machine; in a
  ///   ``RefusedAfterCurve`` where a curve has been measured by then.
  public func callAsFunction() throws -> PruningOutcome {
    let settled = try settledRequest()
    let verdict = try pruner.verdict(settled.request)
    guard let curve = try curve(settled.request) else {
      return try outcome(of: settled, verdict, nil)
    }
    do { return try outcome(of: settled, verdict, curve) } catch {
      throw RefusedAfterCurve(curve: curve, reason: error)
    }
  }

  /// The curve alone, of a share that is left open. Nothing is written.
  ///
  /// - Returns: nil where no picture has labels.
  /// - Throws: as ``callAsFunction()``.
  public func curve() throws -> MeasuredCurve? { try curve(settledRequest().request) }

  private func outcome(
    of settled: SettledRequest, _ verdict: PruningVerdict, _ curve: MeasuredCurve?
  ) throws -> PruningOutcome {
    let request = settled.request
    try holdCliff(request, curve)
    var result = try pruner.prune(request, force: recipe.force)

    let restoration = try ScaleRestoration(NetworkSpec(result.configuration), result.parameters)
    let restored = recipe.restoresScales ? restore(restoration, &result) : nil
    if result.plan.removesNothing { noteNothingRemoved(restored) }
    let pictures = try proofPictures()
    var pair = try PrunedPair(
      result, of: model, pictures: pictures ?? drawnPictures(), areDrawn: pictures == nil)
    noteLostConstants(result.plan)
    if recipe.recalibrates {
      let compact = try network(result)
      try recalibrate(compact)
      try pair.takeStatistics(compact.parameters().layers)
    }
    let measured = try measure(pair.result)
    try holdLoss(measured)
    // What is recorded of networks is of their own sizes, and so is what they are worth.
    let isJudged = measured.quality != nil && !model.seesOtherSize(feeding)
    let origin = isJudged ? origin : nil
    let shortfall = result.plan.removesNothing || !isJudged ? nil : measured.shortfall(origin)
    return PruningOutcome(
      recipe: recipe, request: request, pair: pair, measured: measured, verdict: verdict,
      curve: curve, origin: origin, shortfall: shortfall,
      advice: advice(
        verdict, curve, measured, result.plan, isShort: shortfall != nil, settled.met),
      restoration: restoration, restored: restored, isReal: pictures != nil)
  }

  /// Writes a proved pair, its certificate and the recipe.
  ///
  /// - Parameter folder: exists, and is not the one that the pair was read from; see ``OutputFolder`` for
  ///   one that is made, and changes in one step.
  /// - Throws: ``RunError/outputIsInput(_:)``, an error of the files.
  public func write(_ outcome: PruningOutcome, to folder: String) throws {
    try OutputFolder.refuse(inputs: [model.cfgPath, model.weightsPath], in: folder)
    let names = dataset.flatMap { $0.names.count == spec.classes ? $0.learnedNames : nil }
    if names == nil { try noteMissingNames() }
    try outcome.pair.write(
      to: folder, names: names ?? model.names(warn: observer.warn),
      prunedFrom: (operand?.path).map(absolute),
      prunedFromWeights: (operand?.weights).map(absolute),
      validation: !model.seesOtherSize(feeding)
        && dataset?.isValidation(recipe.split, recipe.pictures, of: model) == true
        ? outcome.measured.quality : nil)
    let files = RunFolder(path: folder)
    try files.writeJSON(recipe.withAbsolutePaths, to: files.recipePath)
  }

  private func noteMissingNames() throws {
    let (source, given) = try model.givenNames()
    guard given.isEmpty, let classes = spec.classes, classes > 0 else { return }
    observer.note(
      "no class names are known, there is no \(displayed(source)): model.names says class 0"
        + (classes > 1 ? " to class \(classes - 1)" : "") + "; write yours into it, a line for each"
    )
  }

  /// The pair as one word that `compare` takes apart again, and the weights where it would find
  /// others of the same folder; nil where it would not find them.
  package var operand: (path: String, weights: String?)? {
    let folder = RunFolder(path: parentPath(of: model.cfgPath))
    if !folder.path.isEmpty, model.cfgPath == folder.cfgPath {
      if model.weightsPath == folder.weightsPath { return (folder.path, nil) }
      if model.weightsPath == folder.lastWeightsPath { return (folder.path, model.weightsPath) }
    }
    let stem = String(model.cfgPath.dropLast(4))
    return model.weightsPath == stem + ".weights" ? (model.cfgPath, nil) : nil
  }

  /// What to do, from all that is known.
  private func advice(
    _ verdict: PruningVerdict, _ curve: MeasuredCurve?, _ measured: PruningMeasurement,
    _ plan: PruningPlan, isShort: Bool, _ targetMet: String?
  ) -> PruningAdvice {
    let pictures: PruningAdvice.Pictures =
      (dataset?.labelCount).map { $0 > 0 ? .labelled : .unlabelled } ?? .none
    var advice = PruningAdvice(verdict, recipe.method, pictures: pictures)
    advice.removesNothing = plan.removesNothing
    (advice.loss, advice.isSearched) = (measured.loss, recipe.target != nil)
    (advice.isShort, advice.targetMet) = (isShort, targetMet)
    advice.recalibrationCosts = curve?.recalibrationCosts ?? false
    advice.recalibrates = recipe.recalibrates
    advice.reach = curve?.points(recalibrated: recipe.recalibrates).reach
    return advice
  }

  /// Refuses what costs more than is allowed, before anything is written.
  private func holdLoss(_ measured: PruningMeasurement) throws {
    guard let allowed = recipe.allowedLoss else { return }
    guard let loss = measured.loss else {
      throw RunError.unusable(
        "--max-loss", reason: "no picture with labels can be read, so nothing is measured")
    }
    try loss.check(allowed: allowed)
  }

  /// The smaller network on the run's device.
  func network(_ result: PruningResult) throws -> Network {
    let network = try Network(
      result.configuration, result.parameters, inputScale: model.inputScale)
    try network.move(to: device, memoryFormat: .channelsLast)
    return network
  }

  /// Up to eight pictures of the data set; nil where there are none that can be read.
  private func proofPictures() throws -> Tensor? {
    guard let dataset else { return nil }
    let loader = try EvaluationLoader(
      dataset, settings: feeding.loading(for: spec, batchSize: 8), device: device)
    defer { loader.close() }
    guard let batch = try loader.next() else { return nil }
    return try withoutGrad { try batch.pictures.asUnitRange() }
  }

  private func drawnPictures() throws -> Tensor {
    try Tensor.uniform(
      [8, model.spec.net.channels, size.height, size.width],
      generator: Generator(seed: recipe.seed)
    ).to(device)
  }
}

// MARK: - Small scales, and what is told

extension PruningRun {
  /// Brings small scales back.
  ///
  /// - Returns: the factor.
  private func restore(_ restoration: ScaleRestoration, _ result: inout PruningResult) -> Float {
    let size = restoration.medianInWords
    for note in restoration.transfer.notes { observer.note(note) }
    guard restoration.factor > 1 else {
      let reason =
        restoration.transfer.layers.isEmpty ? "none can take a factor" : "all are near zero"
      observer.note("scales are left as they are: \(size ?? reason)")
      return 1
    }
    result.parameters = restoration.transfer.scaling.applied(to: result.parameters)
    observer.note("scales multiplied by \(Int(restoration.factor)): \(size ?? "")")
    return restoration.factor
  }

  private func noteNothingRemoved(_ restored: Float?) {
    let others = [
      restored ?? 1 > 1 ? "its scales" : nil, recipe.recalibrates ? "its statistics" : nil,
    ].compactMap { $0 }
    observer.note(
      "nothing is removed: the network is written as it was"
        + (others.isEmpty ? "" : ", but for \(others.joined(separator: " and "))"))
  }

  private func noteLostConstants(_ plan: PruningPlan) {
    guard let largest = plan.lostConstants.map(\.largest).max() else { return }
    let layers = plan.lostConstants.map { "\($0.layer)" }.joined(separator: ", ")
    observer.note(
      "layer\(plan.lostConstants.count == 1 ? "" : "s") \(layers) cannot carry on constants of what "
        + "was dropped (at most \(Figures.significant(largest)))"
        + (recipe.recalibrates ? "" : "; --recalibrate makes up for a part"))
  }
}

extension ScaleRestoration {
  /// The median of the scales, as it is told.
  package var medianInWords: String? {
    median.map { "median \(Figures.significant(Double($0))) of those that are not near zero" }
  }
}

extension Array {
  /// Leaves so many elements, evenly spread.
  mutating func spread(to count: Int) {
    guard count < self.count else { return }
    self = (0..<count).map { self[$0 * self.count / count] }
  }
}

/// What comes before the last `/` of a path; empty where there is none.
private func parentPath(of path: String) -> String {
  path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
}
