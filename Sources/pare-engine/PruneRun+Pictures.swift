import Commands
import Darknet
import Datasets
import Inference
import Loading
import Networks
import Pruning
import Torch
import Training

extension Array {
  /// Leaves so many elements, evenly spread.
  mutating func spread(to count: Int) {
    guard count < self.count else { return }
    self = (0..<count).map { self[$0 * self.count / count] }
  }
}

/// What pruning measures on pictures.
extension PruneRun {
  /// Pictures that statistics are re-estimated on, and batches that scores are measured on.
  private static let (recalibrationPictures, scoreBatches) = (512, 8)

  /// mAP and its parts, with detections of at least a confidence.
  func evaluate(
    _ network: Network, _ dataset: DetectionDataset, confidence: Float = 0.001,
    label: String = "test"
  ) throws -> Evaluation.Outcome {
    var evaluation = Evaluation(
      dataset, loading: feeding.loading(for: network.spec, batchSize: options.run.batchSize),
      detection: feeding.detection(confidence: confidence))
    evaluation.style = options.judgement.ap.style
    let progress = ConsoleProgress(
      label, total: dataset.pictures.count, isQuiet: options.report.quiet)
    defer { progress.finish() }
    return try evaluation(TorchEngine(network)) { progress.update($0) }
  }

  /// Re-estimates a network's statistics on training pictures.
  func recalibrate(_ network: Network) throws {
    guard
      let loader = try Self.trainingPictures(options, spec, device, feeding, allowsNoLabels: true)
    else { return }
    defer { loader.close() }
    var left = Self.recalibrationPictures
    try network.recalibrate {
      guard left > 0, let batch = try loader.next() else { return nil }
      left -= batch.images.shape[0]
      return batch.images
    }
    guard left < Self.recalibrationPictures else {
      throw EngineError.unusableOperand(
        "--data", reason: "none of the training pictures can be read")
    }
  }

  /// Scores that the method's row wants measured; nil where they follow from the parameters.
  static func measuredScores(
    _ options: PruneOptions, _ method: PruningMethod, _ model: Model, _ device: Device,
    _ feeding: Feeding
  ) throws -> [[Float]]? {
    guard method.score.needsPictures,
      let loader = try trainingPictures(
        options, model.spec, device, feeding, allowsNoLabels: !method.score.needsLabels)
    else { return nil }
    defer { loader.close() }
    var left = scoreBatches
    return try MeasuredScores(method.score)(model.network(on: device)) {
      guard left > 0 else { return nil }
      left -= 1
      return try loader.next()
    }
  }

  /// The training pictures, once, as they are.
  private static func trainingPictures(
    _ options: PruneOptions, _ spec: NetworkSpec, _ device: Device,
    _ feeding: Feeding, allowsNoLabels: Bool
  ) throws -> BatchLoader? {
    guard let path = options.pictures.data else { return nil }
    let train = try openDataset(
      DataFile(contentsOf: path), .train, for: spec, isSingleClass: options.pictures.singleCls,
      allowsNoLabels: allowsNoLabels)
    var loading = BatchLoader.Settings()
    loading.batchSize = options.run.batchSize
    (loading.width, loading.height, loading.fit) = (feeding.width, feeding.height, feeding.fit)
    loading.channels = spec.net.channels
    loading.seed = options.run.seed
    return try BatchLoader(train, settings: loading, device: device, epochs: 1)
  }
}
