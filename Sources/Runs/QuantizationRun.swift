import Boxes
import Darknet
import Datasets
import Inference
import Loading
import Networks
import Quantization
import Storage
import Torch
import Training

/// A quantization of a trained pair by pictures: calibrated, measured beside the float network,
/// written.
///
/// ```swift
/// let recipe = QuantizationRecipe(
///   PairRecipe(cfg: "model.cfg", weights: "model.weights"), data: "set.data")
/// let run = try QuantizationRun(recipe)
/// let outcome = try run()
/// try run.write(outcome, to: "quantized")
/// ```
public struct QuantizationRun {
  /// What was asked for.
  public let recipe: QuantizationRecipe
  /// The float pair.
  public let model: Model
  /// How pictures are shown to both networks.
  public let feeding: Feeding
  /// What both are measured on.
  public let dataset: DetectionDataset
  /// What calibrates.
  public let calibration: DetectionDataset
  /// Where both run.
  public let device: Device

  let observer: any RunObserver
  private let files: CalibrationAudit
  /// Draws of pictures that intervals are made of.
  private static let resamples = 1000
  /// Calibration pictures that biases are corrected on.
  private static let correctionPictures = 64
  /// Calibration pictures that channels are evened out by.
  private static let reachPictures = 64
  /// Calibration pictures that are compared with what the network remembers.
  private static let auditPictures = 64

  /// Opens the pair and its pictures.
  ///
  /// - Parameters:
  ///   - output: where the result is to go. What would be lost there is refused at once.
  ///   - observer: is told what happens; nobody is unless given.
  /// - Throws: an error of the files, the machine or the network; ``QuantizationError`` of options
  ///   that do not fit it; ``RunError``.
  public init(
    _ recipe: QuantizationRecipe, output: OutputFolder? = nil,
    observer: any RunObserver = SilentObserver()
  ) throws {
    let recipe = try recipe.checked()
    (self.recipe, self.observer) = (recipe, observer)
    model = try recipe.pair.model(observer)
    observer.noteFloat(model.weightsPath, "the float weights are quantized anew")
    let plan = try QuantizationPlan(model.spec, recipe.options)
    guard !plan.weightBits.isEmpty || !plan.groups.isEmpty else {
      throw QuantizationError.nothingToQuantize
    }
    if let obstacle = plan.obstacle(in: model.spec) {
      observer.note("\(obstacle); '--engine integer' and 'export' will refuse it")
    }
    if let line = plan.overruling(recipe.options, in: model.spec) { observer.warn(line) }
    try output?.refuse(inputs: [model.cfgPath, model.weightsPath])
    try output?.requireOwn(RunFolder.pairFileNames + [QuantizationFile.name])
    device = try openDevice(recipe.machine.device, threads: recipe.machine.threads)
    feeding = try model.feeding(recipe.pair.feeding.wishes)
    observer.tellFeeding(feeding, of: model)
    try setThreads(
      recipe.machine.threads, for: [(model.spec, feeding.width, feeding.height)],
      batchSize: recipe.batchSize, on: device)
    let data = try DataFile(contentsOf: recipe.data)
    calibration = try Self.pictures(
      .train, recipe.calibrationPictures, recipe, data, model.spec, observer)
    dataset = try Self.pictures(recipe.split, recipe.pictures, recipe, data, model.spec, observer)
    if dataset.labelCount == 0 {
      observer.note("the pictures have no labels: mAP is left out")
    }
    try output?.refuse(data, dataset, calibration)
    var files = CalibrationAudit(calibration, data)
    files.areJudges = recipe.split == .train
    self.files = files
    if !recipe.allowsSharedPictures {
      try files.requireOwn(recipe.data)
      guard recipe.split != .train else {
        throw RunError.unusable(
          "--split train",
          reason: "these pictures calibrate, and what calibrates cannot judge; take another split, "
            + "or '--force' measures on them")
      }
    }
    guard recipe.maximumDrop == nil || dataset.labelCount > 0 else {
      throw RunError.unusable(
        "--max-drop", reason: "the pictures to measure on have no labels, so there is no mAP")
    }
  }

  /// Pictures of a list, spread over it; all where no number is asked for.
  private static func pictures(
    _ split: DatasetSplit, _ count: Int?, _ recipe: QuantizationRecipe, _ data: DataFile,
    _ spec: NetworkSpec, _ observer: any RunObserver
  ) throws -> DetectionDataset {
    var dataset = try openDataset(
      data, split, for: spec, isSingleClass: recipe.isSingleClass, allowsNoLabels: true,
      observer: observer)
    if let count { dataset.pictures.spread(to: count) }
    return dataset
  }

  /// Calibrates, quantizes and measures. Nothing is written.
  ///
  /// - Throws: ``QuantizationError``, an error of the pictures or the machine.
  public func callAsFunction() throws -> QuantizationOutcome {
    let float = try model.network(on: device)
    if let line = try recipe.options.bending(model.spec, float.parameters()) {
      observer.warn("\(line), as 'pare train --quantize' lets it")
    }
    let audit = try audit(float)
    for line in audit.warnings { observer.warn(line) }
    for line in audit.remarks { observer.remark(line) }
    let (first, unreadable) = try calibrated(float, recipe.options)
    observer.list(unreadable, what: "pictures skipped in the calibration", one: nil)
    var calibrating = first
    let chosen = try recipe.budget.map { try layerBits(within: $0, calibrating) }
    var state = try quantized(calibrating, chosen)

    var measured =
      dataset.labelCount == 0
      ? []
      : [try evaluate(float, "float"), try evaluate(state.quantized(float), "quantized")]
    if let first = measured.first {
      observer.list(first.problems, what: "pictures skipped in the evaluation", one: nil)
    }
    var choice = DropSearch.Choice()
    if let most = recipe.maximumDrop, measured.count == 2 {
      let held = try held(
        to: most, float, Attempt(calibrating: calibrating, state: state, found: measured[1]),
        measured[0])
      (calibrating, state, measured[1]) = (
        held.attempt.calibrating, held.attempt.state, held.attempt.found
      )
      choice = held.choice
    }
    let differences =
      measured.isEmpty || measured[0].result.instances == 0
      ? []
      : try PairedBootstrap.differences(
        measured[0].predictions, measured[1].predictions, style: recipe.averagePrecision,
        resamples: Self.resamples, seed: recipe.seed)
    let wholeNumbers = try observer.warnOfWholeNumbers(state, of: float)
    return QuantizationOutcome(
      recipe: recipe, state: state, floatBytes: model.spec.weightsByteCount,
      bytes: state.byteCount(model.spec),
      bytesOf8Bits: state.byteCountOf8Bits(
        model.spec, planned: try QuantizationPlan(model.spec, recipe.options)),
      wholeNumbers: wholeNumbers,
      bytesInC: wholeNumbers != .nothing && !state.options.scheme.hasPowersOfTwo
        ? try state.wholeByteCount(model.spec) : nil,
      audit: audit, calibrationPictures: calibrating.pictures,
      skipped: calibration.listProblems + unreadable,
      layers: try layers(calibrating.network, state.quantized(float), state),
      changes: try changes(calibrating.network, state, measured.first),
      histograms: histograms(calibrating), choice: choice, results: measured.map(\.result),
      differences: differences)
  }

  /// A network that has seen the calibration pictures, and those that cannot be read.
  func calibrated(
    _ float: Network, _ options: QuantizationOptions
  ) throws -> (network: PostTraining, unreadable: [DatasetProblem]) {
    let calibrating = try PostTraining(float, options: options)
    if calibrating.wantsReach {
      try watch("even out", pictures: Self.reachPictures) { try calibrating.measureReach($0) }
    }
    let problems = try watch("calibrate", pictures: .max) { try calibrating.calibrate($0) }
    if calibrating.pictures == 0, let first = problems.first {
      throw RunError.unusable(
        recipe.data, reason: "none of the calibration pictures can be read, such as \(first)")
    }
    return (calibrating, problems)
  }

  /// Codes and grids, rounded and corrected as the recipe asks for.
  func quantized(
    _ calibrating: PostTraining, _ layerBits: [Int: QuantizationOptions.LayerBits]? = nil
  ) throws -> QuantizationState {
    let state = try rounded(calibrating.finished(layerBits), calibrating.network)
    return try corrected(state, calibrating.network)
  }

  /// What is odd about the calibration pictures, seen by the network too.
  private func audit(_ float: Network) throws -> CalibrationAudit {
    var audit = files
    let statistics = try StatisticsAudit(float)
    audit.canTell = statistics.canTell
    guard audit.canTell else { return audit }
    try watch("look", pictures: Self.auditPictures) { try statistics.add($0) }
    audit.disagreeing = try statistics.disagreeing
    audit.isPrunedOnly = isPrunedOnly(cfg: model.cfgPath, weights: model.weightsPath)
    audit.areTrained = calibration.isTrained(cfg: model.cfgPath, weights: model.weightsPath)
    return audit
  }

  /// The change of mAP@0.5:0.95 by every layer alone, where layers are explained.
  private func changes(
    _ float: Network, _ state: QuantizationState, _ expected: Evaluation.Outcome?
  ) throws -> [Int: Double] {
    guard recipe.explainedPictures > 0, let expected, expected.result.instances > 0 else {
      return [:]
    }
    let sensitivity = try LayerSensitivity(float, state)
    var changes: [Int: Double] = [:]
    observer.begin("mAP by layer", layers: sensitivity.layers.count)
    defer { observer.end() }
    for layer in sensitivity.layers {
      let found = try evaluate(sensitivity.network(quantizing: layer), nil)
      changes[layer] = found.result.map - expected.result.map
      observer.advance(to: changes.count)
    }
    return changes
  }

  private func histograms(_ calibrating: PostTraining) -> [Int: RangeHistogram] {
    guard recipe.explainedPictures > 0 else { return [:] }
    return model.spec.layers.indices.reduce(into: [:]) { histograms, layer in
      histograms[layer] = calibrating.histogram(of: layer)
    }
  }

  /// The state with its biases corrected on the first calibration pictures, where that is asked
  /// for.
  func corrected(
    _ state: QuantizationState, _ float: Network
  ) throws -> QuantizationState {
    guard recipe.options.correctsBiases else { return state }
    let correction = try BiasCorrection(float, state)
    try watch("correct", pictures: Self.correctionPictures) { try correction.add($0) }
    return try correction.corrected()
  }

  /// The state with kernels whose rounding was learned on the first calibration pictures, where that
  /// is asked for.
  private func rounded(
    _ state: QuantizationState, _ float: Network
  ) throws -> QuantizationState {
    guard recipe.options.rounding != .nearest else { return state }
    var settings = Reconstruction.Settings()
    settings.iterations = recipe.roundingSteps ?? settings.iterations
    guard let images = try pictures(settings.pictures) else { return state }
    let layers = float.spec.layers.count
    observer.begin("round", layers: layers)
    defer { observer.end() }
    let rounded = try Reconstruction(float, state, settings: settings)(images) { step in
      observer.advance(to: (step.layers.max() ?? 0) + 1)
    }
    observer.advance(to: layers)
    return rounded
  }

  /// - Parameter label: of the progress; nil for none.
  func evaluate(_ network: Network, _ label: String?) throws -> Evaluation.Outcome {
    let evaluation = Evaluation(
      dataset, of: network.spec, fed: feeding, batchSize: recipe.batchSize,
      style: recipe.averagePrecision)
    if let label { observer.begin(label, pictures: dataset.pictures.count) }
    defer { if label != nil { observer.end() } }
    return try evaluation(recipe.machine.engine.engine(network)) {
      if label != nil { observer.advance(to: $0) }
    }
  }

  private func layers(
    _ float: Network, _ quantized: Network, _ state: QuantizationState
  ) throws -> [LayerErrors.Layer] {
    var errors = try LayerErrors(float, quantized, state)
    guard recipe.explainedPictures > 0 else { return errors.layers }
    try watch("layers", pictures: recipe.explainedPictures) { try errors.add($0) }
    return errors.layers
  }

  /// The first calibration pictures at once, `[N, channels, height, width]`; nil where none can be
  /// read.
  func pictures(_ most: Int) throws -> Tensor? {
    var batches: [Tensor] = []
    try watch(nil, pictures: most) { batches.append($0) }
    return batches.isEmpty ? nil : try withoutGrad { try Tensor.concatenated(batches, dim: 0) }
  }

  /// Shows the first calibration pictures, values in `0...1`, in batches.
  ///
  /// - Parameters:
  ///   - label: of the progress; nil for none.
  ///   - most: pictures to show, or as many as there are.
  /// - Returns: those that cannot be read.
  @discardableResult
  private func watch(
    _ label: String?, pictures most: Int, _ body: (Tensor) throws -> Void
  ) throws -> [DatasetProblem] {
    let all = min(most, calibration.pictures.count)
    var shown = 0
    if let label { observer.begin(label, pictures: all) }
    defer { if label != nil { observer.end() } }
    return try forEachBatch { images in
      let count = min(all - shown, images.shape[0])
      try body(images.narrow(dim: 0, start: 0, count: count))
      shown += count
      if label != nil { observer.advance(to: shown) }
      return shown < all
    }
  }

  /// The calibration pictures, values in `0...1`, until `body` says that it has enough.
  private func forEachBatch(_ body: (Tensor) throws -> Bool) throws -> [DatasetProblem] {
    let loader = try EvaluationLoader(
      calibration, settings: feeding.loading(for: model.spec, batchSize: recipe.batchSize),
      device: device)
    defer { loader.close() }
    while let batch = try loader.next() {
      guard batch.pictures.shape[0] > 0 else { continue }
      let images = try withoutGrad { try batch.pictures.asUnitRange() }
      guard try body(images) else { break }
    }
    return loader.problems
  }
}
