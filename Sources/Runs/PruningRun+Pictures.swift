import Darknet
import Datasets
import Inference
import Loading
import Networks
import Pruning
import Torch
import Training

/// What pruning measures on pictures.
extension PruningRun {
  /// Pictures that statistics are re-estimated on, and batches that scores are measured on.
  private static let (recalibrationPictures, scoreBatches) = (512, 8)

  /// mAP and its parts, with detections of at least a confidence.
  ///
  /// - Parameters:
  ///   - label: the task's name; nil for a piece of a task that has begun.
  ///   - done: pictures of that task before this piece.
  func evaluate(
    _ network: Network, _ dataset: DetectionDataset, confidence: Float = 0.001,
    label: String?, after done: Int = 0
  ) throws -> Evaluation.Outcome {
    let evaluation = Evaluation(
      dataset, of: network.spec, fed: feeding, batchSize: recipe.batchSize,
      style: recipe.averagePrecision, detection: feeding.detection(confidence: confidence))
    if let label { observer.begin(label, pictures: dataset.pictures.count) }
    defer { if label != nil { observer.end() } }
    return try evaluation(Self.engine.engine(network)) { observer.advance(to: done + $0) }
  }

  /// Re-estimates a network's statistics on training pictures.
  func recalibrate(_ network: Network) throws {
    guard
      let loader = try Self.trainingPictures(
        recipe, spec, device, feeding, observer, allowsNoLabels: true)
    else { return }
    defer { loader.close() }
    var left = Self.recalibrationPictures
    try network.recalibrate {
      guard left > 0, let batch = try loader.next() else { return nil }
      left -= batch.images.shape[0]
      return batch.images
    }
    guard left < Self.recalibrationPictures else {
      throw RunError.unusable(
        "--data", reason: "none of the training pictures can be read")
    }
  }

  /// Scores that the method's row wants measured; nil where they follow from the parameters.
  static func measuredScores(
    _ recipe: PruningRecipe, _ model: Model, _ device: Device, _ feeding: Feeding,
    _ observer: any RunObserver
  ) throws -> [[Float]]? {
    let score = recipe.method.score
    guard score.needsPictures,
      let loader = try trainingPictures(
        recipe, model.spec, device, feeding, observer, allowsNoLabels: !score.needsLabels)
    else { return nil }
    defer { loader.close() }
    var left = scoreBatches
    return try MeasuredScores(score)(model.network(on: device)) {
      guard left > 0 else { return nil }
      left -= 1
      return try loader.next()
    }
  }

  /// The training pictures, once, as they are.
  private static func trainingPictures(
    _ recipe: PruningRecipe, _ spec: NetworkSpec, _ device: Device, _ feeding: Feeding,
    _ observer: any RunObserver, allowsNoLabels: Bool
  ) throws -> BatchLoader? {
    guard let path = recipe.data else { return nil }
    let train = try openDataset(
      DataFile(contentsOf: path), .train, for: spec, isSingleClass: recipe.isSingleClass,
      allowsNoLabels: allowsNoLabels, observer: observer)
    var loading = BatchLoader.Settings()
    loading.batchSize = recipe.batchSize
    (loading.width, loading.height, loading.fit) = (feeding.width, feeding.height, feeding.fit)
    loading.channels = spec.net.channels
    loading.seed = recipe.seed
    return try BatchLoader(train, settings: loading, device: device, epochs: 1)
  }
}
