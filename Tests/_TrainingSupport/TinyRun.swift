import Boxes
import Darknet
import Datasets
import Foundation
import Inference
import Loading
import Networks
import Pruning
import Torch
import Training
import Vision

/// A folder that is removed with the last value that holds it.
private final class ScratchFolder: Sendable {
  let path = NSTemporaryDirectory() + "pare-trainer-\(UUID().uuidString)"

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// Drawn pictures and a narrow network: the smallest real run.
public struct TinyRun {
  private let scratch: ScratchFolder
  /// Where its files are; removed with the run.
  public var folder: String { scratch.path }
  /// The training pictures.
  public var dataset: DetectionDataset
  /// The network.
  public var configuration: Configuration

  /// Draws the pictures.
  ///
  /// - Parameter labelsPerPicture: boxes of a picture, spread over it.
  public init(pictures: Int = 6, labelsPerPicture: Int? = nil) throws {
    scratch = ScratchFolder()
    var drawing = SyntheticDataset(output: scratch.path + "/data")
    (drawing.train, drawing.valid, drawing.test) = (pictures, 2, 0)
    (drawing.classCount, drawing.side, drawing.seed) = (4, 64, 7)
    let data = try drawing.draw().data
    var dataset = try DetectionDataset(DataFile(contentsOf: data), split: .train)
    if let labelsPerPicture {
      for index in dataset.pictures.indices {
        dataset.pictures[index].labels = (0..<labelsPerPicture).map { number in
          Label(
            classIndex: number % 4, centerX: Float(number % 40) / 40 + 0.01,
            centerY: Float(number / 40 % 40) / 40 + 0.01, width: 0.2, height: 0.2)
        }
      }
    }
    self.dataset = dataset
    configuration = try BuiltInNetwork.yolov4Tiny.configuration(
      classes: 4, width: 64, height: 64, widthMultiple: 0.125)
  }

  /// Two pictures a batch, two batches a step.
  public func options(epochs: Int = 2) -> TrainingOptions {
    var options = TrainingOptions()
    options.epochs = epochs
    options.batchSize = 2
    options.accumulationSteps = 2
    (options.imageWidth, options.imageHeight) = (64, 64)
    (options.testWidth, options.testHeight) = (64, 64)
    options.warmupBatches = 3
    options.usesAverage = true
    return options
  }

  /// A judgement on two drawn pictures.
  public func validation() throws -> Evaluation {
    let data = try DataFile(contentsOf: folder + "/data/data.data")
    var loading = EvaluationLoader.Settings()
    (loading.batchSize, loading.width, loading.height, loading.workers) = (2, 64, 64, 1)
    return Evaluation(try DetectionDataset(data, split: .valid), loading: loading)
  }

  /// Trains in a folder of its own, or goes on there.
  @discardableResult
  public func train(
    _ name: String, _ options: TrainingOptions, sparsity: Double? = nil,
    stopAfter steps: Int? = nil, resumes: Bool = false
  ) throws -> (parameters: NetworkParameters, result: TrainingResult, log: [String]) {
    let techniques = sparsity.map { SparsityTechnique(strength: $0, layers: [0, 1, 2]) }
    return try train(
      name, options, techniques: techniques.map { [$0] } ?? [], stopAfter: steps, resumes: resumes)
  }

  /// Trains with techniques of any kind.
  @discardableResult
  public func train(
    _ name: String, _ options: TrainingOptions, techniques: [any TrainingTechnique],
    validation: Evaluation? = nil, description: RunDescription? = nil, device: Device = .cpu,
    communicator: any Communicator = SingleProcess(), stopAfter steps: Int? = nil,
    stopsInValidation: Bool = false, startRole: StartRole = .notJudged, resumes: Bool = false,
    afterEpoch: @escaping (Int) -> Void = { _ in }, publish: (() throws -> RunFolder)? = nil
  ) throws -> (parameters: NetworkParameters, result: TrainingResult, log: [String]) {
    let path = "\(folder)/\(name)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let network = try Network(configuration, seed: options.seed)
    try network.move(to: device, memoryFormat: .channelsLast)
    let observer = StoppingObserver(after: steps, afterEpoch)
    observer.stopsInValidation = stopsInValidation
    var loading = BatchLoader.Settings()
    loading.workers = resumes ? 1 : 2
    let trainer = try Trainer(
      network: network, options: options, techniques: techniques, dataset: dataset,
      loading: loading, validation: validation, folder: RunFolder(path: path),
      observer: observer, description: description, startRole: startRole,
      communicator: communicator, resumes: resumes, publish: publish)
    let result = try trainer.run()
    return (try network.parameters(), result, observer.lines)
  }
}

/// Asks to stop after some batches, as Ctrl-C does.
public final class StoppingObserver: RunObserver {
  private let limit: Int?
  private let afterEpoch: (Int) -> Void
  private var batches = 0
  /// Asks to stop when a validation has judged its first pictures.
  public var stopsInValidation = false
  private var isValidating = false
  /// The log.
  public private(set) var lines: [String] = []

  /// Stops after so many batches, never where nil; `afterEpoch` is called with epochs, from 1.
  public init(after limit: Int?, _ afterEpoch: @escaping (Int) -> Void) {
    self.limit = limit
    self.afterEpoch = afterEpoch
  }

  /// As the protocol says.
  public var wantsFigures: Bool {
    batches += 1
    return true
  }
  /// As the protocol says.
  public var shouldStop: Bool {
    (limit.map { batches >= $0 } ?? false) || (stopsInValidation && isValidating)
  }
  /// As the protocol says.
  public func remark(_ line: String) { lines.append(line) }
  /// As the protocol says.
  public func validated(_ images: Int, of total: Int) { isValidating = true }
  /// As the protocol says.
  public func finished(_ figures: EpochFigures, telling: [String], isBest: Bool) {
    afterEpoch(figures.epoch + 1)
  }
}
