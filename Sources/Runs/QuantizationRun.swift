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

  private let observer: any RunObserver
  /// Draws of pictures that intervals are made of.
  private static let resamples = 1000
  /// Calibration pictures that biases are corrected on.
  private static let correctionPictures = 64

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
    (self.recipe, self.observer) = (recipe, observer)
    model = try recipe.pair.model(observer)
    observer.noteFloat(model.weightsPath, "the float weights are quantized")
    _ = try QuantizationPlan(model.spec, recipe.options)
    try output?.refuse(inputs: [model.cfgPath, model.weightsPath])
    try output?.requireOwn(RunFolder.pairFileNames + [QuantizationFile.name])
    device = try openDevice(recipe.machine.device, threads: recipe.machine.threads)
    feeding = try model.feeding(recipe.pair.feeding.wishes)
    observer.remark(feeding.summary)
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
    let calibrating = try PostTraining(float, options: recipe.options)
    observer.begin("calibrate", pictures: calibration.pictures.count)
    try forEachBatch { images in
      try calibrating.calibrate(images)
      observer.advance(to: calibrating.pictures)
      return true
    }
    observer.end()
    let state = try corrected(calibrating.finished(), calibrating.network)
    let quantized = try state.quantized(float)
    let layers = try layers(calibrating.network, quantized, state)

    let measured =
      dataset.labelCount == 0
      ? [] : try [(float, "float"), (quantized, "quantized")].map(evaluate)
    if let first = measured.first {
      observer.list(first.problems, what: "pictures skipped in the evaluation", one: nil)
    }
    let differences =
      measured.isEmpty || measured[0].result.instances == 0
      ? []
      : try PairedBootstrap.differences(
        measured[0].predictions, measured[1].predictions, style: recipe.averagePrecision,
        resamples: Self.resamples, seed: recipe.seed)
    return QuantizationOutcome(
      recipe: recipe, state: state, calibrationPictures: calibrating.pictures, layers: layers,
      results: measured.map(\.result), differences: differences)
  }

  /// The state with its biases corrected on the first calibration pictures, where that is asked
  /// for.
  private func corrected(
    _ state: QuantizationState, _ float: Network
  ) throws -> QuantizationState {
    guard recipe.options.correctsBiases else { return state }
    let correction = try BiasCorrection(float, state)
    var left = Self.correctionPictures
    observer.begin("correct", pictures: min(left, calibration.pictures.count))
    defer { observer.end() }
    try forEachBatch { images in
      try correction.add(images)
      left -= images.shape[0]
      observer.advance(to: min(Self.correctionPictures - left, Self.correctionPictures))
      return left > 0
    }
    return try correction.corrected()
  }

  private func evaluate(
    _ network: Network, _ label: String
  ) throws -> Evaluation.Outcome {
    let evaluation = Evaluation(
      dataset, of: network.spec, fed: feeding, batchSize: recipe.batchSize,
      style: recipe.averagePrecision)
    observer.begin(label, pictures: dataset.pictures.count)
    defer { observer.end() }
    return try evaluation(recipe.machine.engine.engine(network)) { observer.advance(to: $0) }
  }

  private func layers(
    _ float: Network, _ quantized: Network, _ state: QuantizationState
  ) throws -> [LayerErrors.Layer] {
    var errors = try LayerErrors(float, quantized, state)
    var left = recipe.explainedPictures
    guard left > 0 else { return errors.layers }
    observer.begin("layers", pictures: min(left, calibration.pictures.count))
    defer { observer.end() }
    try forEachBatch { images in
      let count = min(left, images.shape[0])
      try errors.add(images.narrow(dim: 0, start: 0, count: count))
      left -= count
      observer.advance(to: recipe.explainedPictures - left)
      return left > 0
    }
    return errors.layers
  }

  /// The calibration pictures, values in `0...1`, until `body` says that it has enough.
  private func forEachBatch(_ body: (Tensor) throws -> Bool) throws {
    let loader = try EvaluationLoader(
      calibration, settings: feeding.loading(for: model.spec, batchSize: recipe.batchSize),
      device: device)
    defer { loader.close() }
    while let batch = try loader.next() {
      guard batch.pictures.shape[0] > 0 else { continue }
      let images = try withoutGrad { try batch.pictures.contiguous().to(.float32) / 255 }
      guard try body(images) else { return }
    }
  }

  /// Writes the pair, its quantization and the recipe.
  ///
  /// - Parameter folder: exists; see ``OutputFolder`` for one that changes in one step.
  public func write(_ outcome: QuantizationOutcome, to folder: String) throws {
    let files = RunFolder(path: folder)
    let names = dataset.names.count == model.spec.classes ? dataset.names : nil
    try files.writeModel(
      model.configuration, model.parameters, feeding: feeding,
      names: names ?? model.names(warn: observer.warn))
    try QuantizationFile.write(
      outcome.state, cfg: files.cfgPath, weights: files.weightsPath,
      to: folder + "/" + QuantizationFile.name)
    try files.writeJSON(recipe.withAbsolutePaths, to: files.recipePath)
  }
}

/// What a quantization came to.
public struct QuantizationOutcome {
  /// What was asked for.
  public let recipe: QuantizationRecipe
  /// Codes and grids.
  public let state: QuantizationState
  /// Pictures that it was calibrated with.
  public let calibrationPictures: Int
  /// Every layer; its errors where the recipe asks for them.
  public let layers: [LayerErrors.Layer]
  /// Of the float network and the quantized one; empty without labels.
  public let results: [EvaluationResult]
  /// Quantized minus float; empty without labels.
  public let differences: [BootstrapResult]
}
