import Boxes
import Darknet
import Datasets
import Loading
import Networks
import Torch

/// Judges a detector on labelled pictures.
public struct Evaluation: Sendable {
  /// Pictures with their labels.
  public let dataset: DetectionDataset
  /// How pictures become batches.
  public var loading: EvaluationLoader.Settings
  /// The definition of average precision that the figures follow.
  public var style = EvaluationStyle.coco
  /// How boxes become detections.
  public var detection: DetectionSettings

  /// An evaluation over a data set.
  public init(
    _ dataset: DetectionDataset, loading: EvaluationLoader.Settings,
    detection: DetectionSettings = DetectionSettings(confidenceThreshold: 0.001)
  ) {
    self.dataset = dataset
    self.loading = loading
    self.detection = detection
  }

  /// An evaluation of a network that is fed as its pair wants it, or as was asked for.
  ///
  /// - Parameters:
  ///   - batchSize: pictures a pass.
  ///   - isRectangular: whether batches are of pictures of like proportions, with little padding.
  ///   - style: the definition of average precision that the figures follow.
  ///   - detection: how boxes become detections; by the feeding's rule at the usual thresholds
  ///     unless given.
  public init(
    _ dataset: DetectionDataset, of spec: NetworkSpec, fed feeding: Feeding, batchSize: Int = 16,
    isRectangular: Bool = false, style: EvaluationStyle = .coco,
    detection: DetectionSettings? = nil
  ) {
    var loading = feeding.loading(for: spec, batchSize: batchSize)
    loading.rectangularStride = isRectangular ? spec.greatestStride : nil
    self.init(dataset, loading: loading, detection: detection ?? feeding.detection())
    self.style = style
  }

  /// What an evaluation came to.
  public struct Outcome: Sendable {
    /// Precision, recall and average precision.
    public let result: EvaluationResult
    /// Detections and truth picture by picture, in pixels of the original pictures.
    public let predictions: StoredPredictions
    /// Pictures that could not be read; they do not count.
    public let problems: [DatasetProblem]
    /// Where the time went.
    public let milliseconds: Milliseconds
  }

  /// Milliseconds a picture.
  public struct Milliseconds: Sendable {
    /// Waiting for decoded and resized pictures.
    public var preprocess = 0.0
    /// The network, with thresholds and the decoding of what survives.
    public var inference = 0.0
    /// Suppression of overlapping boxes.
    public var postprocess = 0.0
  }

  /// Runs an engine over all pictures.
  ///
  /// Pictures that cannot be read are left out, and listed in the outcome.
  ///
  /// - Parameter progress: called after each batch with the number of pictures done; what it throws
  ///   ends the evaluation.
  /// - Throws: ``DatasetError/invalidSetting(_:value:expected:)`` of ``loading``, or as
  ///   ``Predictor/detections(in:)``.
  public func callAsFunction(
    _ engine: any InferenceEngine, progress: (Int) throws -> Void = { _ in }
  ) throws -> Outcome {
    let predictor = Predictor(engine, settings: detection)
    let loader = try EvaluationLoader(dataset, settings: loading, device: engine.device)
    defer { loader.close() }
    var predictions = StoredPredictions(names: dataset.names, dataHash: dataset.fingerprint)
    var places: [Int] = []
    var times = Milliseconds()
    var mark = ContinuousClock.now
    while let batch = try loader.next() {
      times.preprocess += lap(&mark)
      let candidates = try predictor.candidates(in: batch.pictures)
      times.inference += lap(&mark)
      for (item, found) in zip(batch.items, candidates) {
        let geometry = item.geometry
        places.append(item.index)
        predictions.images.append(
          StoredPredictions.Image(
            path: item.path, width: geometry.pictureWidth, height: geometry.pictureHeight,
            groundTruths: item.groundTruths,
            detections: detection.suppression(found).map { detection in
              var detection = detection
              detection.box = geometry.pictureBox(detection.box)
              return detection
            }))
      }
      times.postprocess += lap(&mark)
      try progress(predictions.images.count)
    }
    // Rectangular batches come in another order than the list.
    predictions.images = places.indices.sorted { places[$0] < places[$1] }
      .map { predictions.images[$0] }
    let images = Double(max(predictions.images.count, 1))
    return Outcome(
      result: predictions.evaluator(style: style).evaluate(), predictions: predictions,
      problems: loader.problems,
      milliseconds: Milliseconds(
        preprocess: times.preprocess / images, inference: times.inference / images,
        postprocess: times.postprocess / images))
  }
}

/// Milliseconds since `mark`, which becomes now.
private func lap(_ mark: inout ContinuousClock.Instant) -> Double {
  let now = ContinuousClock.now
  defer { mark = now }
  return (now - mark).seconds * 1000
}
