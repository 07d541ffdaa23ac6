import ArgumentParsing
import Boxes
import Commands
import Darknet
import Datasets
import Foundation
import Networks
import Reports
import Torch
import Training

extension TrainCommand: Executable {
  package func execute() throws {
    let json = try JSONOutput(report, in: run.output)
    // Before the first file is there: who sees it may already send a signal.
    Interruption.listen()
    let setup = try run.resume ? TrainingSetup(resuming: self) : TrainingSetup(self)
    let observer = ConsoleObserver(isQuiet: report.quiet)
    let result = try setup.train(observer: observer, resumes: run.resume)
    if result.wasStopped {
      throw TrainingStopped(folder: setup.folder.path, epochs: result.epochs)
    }
    try setup.writeRecord(result)
    if report.printsTables {
      try Console.print("\(setup.folder.path): \(result.epochs) epochs")
      if let best = result.best?.map50, let epoch = result.best?.epoch {
        try Console.print("best mAP@0.5 \(Figures.fixed(best, 4)) in epoch \(epoch + 1)")
      }
      try Console.print("\(setup.folder.cfgPath)\n\(setup.folder.weightsPath)")
      if setup.request.sparsity != nil {
        try Console.print(
          "\(setup.folder.lastWeightsPath): the last epoch's, the sparsest; the ones to prune")
      }
    }
    try json.write(
      .members([
        "run": absolute(setup.folder.path), "epochs": result.epochs,
        "best": figuresJSON(result.best), "last": figuresJSON(result.last),
        "imagesPerSecond": result.imagesPerSecond,
      ]))
  }

  private func figuresJSON(_ figures: EpochFigures?) -> JSONValue {
    guard let figures else { return .null }
    return .members([
      "epoch": figures.epoch + 1, "map50": figures.map50, "map": figures.map,
      "precision": figures.precision, "recall": figures.recall,
    ])
  }
}

/// A run that was asked to stop.
struct TrainingStopped: Error, CustomStringConvertible {
  let folder: String
  let epochs: Int

  var description: String {
    "stopped after \(epochs) epochs and saved; "
      + "continue with 'pare train --resume --output \(folder)'"
  }
}

/// What a run was started with, as it is kept in its folder, so that `--resume` needs no options.
struct TrainingRequest: Codable {
  var cfg: String
  var data: String
  var isSingleClass: Bool
  var options: TrainingOptions
  var sparsity: Double?
  var sparsityScope: String?
  var sparsitySchedule: String?
  var sparsityUpdate: String?
  var sparsityKeep: Double?
  var sparsityBand: Double?
  var sparsityRescale: Double?
  var device: String
  var threads: Int?
  var workers: Int
  var cache: String
  var cacheFolder: String
  var command: [String]
}

/// A run, ready to start.
struct TrainingSetup {
  let request: TrainingRequest
  let folder: RunFolder
  private let network: Network
  private let train: DetectionDataset
  private let validation: Evaluation?
  private let techniques: [any TrainingTechnique]

  /// A new run.
  init(_ command: TrainCommand) throws {
    let configuration = try Configuration(contentsOf: command.input.cfg ?? "")
    let spec = try NetworkSpec(configuration)
    let request = try TrainingRequest(command, spec: spec)
    let parameters = try Self.initialParameters(command, spec: spec)
    let (train, validation) = try Self.datasets(request, spec: spec)
    let techniques = try Self.techniques(request, spec: spec, validation: validation)
    let path = try OutputFolder.make(
      command.run.output ?? command.run.name.map { "runs/\($0)" },
      overwrite: command.run.overwrite, kind: "train")
    try self.init(
      request, configuration, parameters, train: train, validation: validation,
      techniques: techniques, path: path)
    // An overwritten run's checkpoint must not pass for one of this run.
    try? FileManager.default.removeItem(atPath: folder.checkpointPath)
    try folder.writeModel(network, names: train.names)
    try folder.writeJSON(request, to: path + "/request.json")
  }

  /// The run of a folder, with its own options.
  init(resuming command: TrainCommand) throws {
    let path = command.run.output ?? command.run.name.map { "runs/\($0)" } ?? Self.newestRun()
    let file = path + "/request.json"
    guard let bytes = try? Data(contentsOf: URL(filePath: file)),
      let request = try? JSONDecoder().decode(TrainingRequest.self, from: bytes)
    else { throw EngineError.nothingToResume(path) }
    let configuration = try Configuration(contentsOf: RunFolder(path: path).cfgPath)
    let spec = try NetworkSpec(configuration)
    let (train, validation) = try Self.datasets(request, spec: spec)
    try self.init(
      request, configuration, nil, train: train, validation: validation,
      techniques: Self.techniques(request, spec: spec, validation: validation), path: path)
  }

  private init(
    _ request: TrainingRequest, _ configuration: Configuration, _ parameters: NetworkParameters?,
    train: DetectionDataset, validation: Evaluation?, techniques: [any TrainingTechnique],
    path: String
  ) throws {
    self.request = request
    self.techniques = techniques
    self.train = train
    self.validation = validation
    folder = RunFolder(path: path)
    if let threads = request.threads { try TorchRuntime.setThreadCount(threads) }
    let device = try Device.named(request.device)
    // On a CPU a resumed run equals an uninterrupted one bit for bit. On a GPU that would cost
    // cuDNN's fastest kernels. Letting it time them all is not worth it (docs/results/speed.md).
    try TorchRuntime.setDeterministicAlgorithms(!device.isCUDA)
    if device.isCUDA { try TorchRuntime.setAllowsTF32(true) }
    network = try Network(
      configuration, inputScale: request.options.inputScale, seed: request.options.seed)
    if let parameters { try network.load(parameters) }
    try network.move(to: device, memoryFormat: .channelsLast)
  }

  func train(observer: ConsoleObserver, resumes: Bool) throws -> TrainingResult {
    var loading = BatchLoader.Settings()
    loading.workers = request.workers
    loading.cache = PictureCache(rawValue: request.cache) ?? .none
    loading.cacheFolder = request.cacheFolder
    let size = request.options.size(
      longSide: request.options.multiScale?.upperBound ?? request.options.longSide,
      multiple: network.spec.greatestStride)
    if loading.cache != .none {
      let bytes = BatchLoader.cacheBytes(
        of: train, width: size.width, height: size.height, channels: network.spec.net.channels,
        workers: request.workers)
      let cost = CacheCost(
        loading.cache, bytes: bytes, on: network.device, folder: loading.cacheFolder)
      observer.note(cost.text)
      if !cost.fits { loading.cache = .none }
    }
    observer.note(
      "\(train.pictures.count) pictures, \(train.labelCount) boxes, \(train.names.count) classes; "
        + "\(network.device), \(request.options.precision.rawValue), "
        + "\(size.width)×\(size.height) pixels, "
        + "batch \(request.options.batchSize) × \(request.options.accumulationSteps); "
        + "results in \(folder.path)")
    let trainer = try Trainer(
      network: network, options: request.options, techniques: techniques, dataset: train,
      loading: loading, validation: validation, folder: folder, observer: observer,
      resumes: resumes)
    return try trainer.run()
  }

  /// Leaves the run's record in its folder.
  func writeRecord(_ result: TrainingResult) throws {
    try folder.writeJSON(
      RunRecord(
        version: PareCommand.version, libtorch: TorchRuntime.version, request: request,
        dataFingerprint: train.fingerprint, epochs: result.epochs, best: result.best,
        last: result.last, imagesPerSecond: result.imagesPerSecond),
      to: folder.recordPath)
  }

  private static func initialParameters(
    _ command: TrainCommand, spec: NetworkSpec
  ) throws -> NetworkParameters? {
    guard let path = command.input.weights else { return nil }
    if command.input.pretrain {
      let contents = try StoredWeights.readByShape(path, for: spec)
      if contents.loaded.isEmpty {
        Console.warn("\(path): nothing of it fits \(spec.configuration.path)")
      }
      Console.list(contents.skipped, what: "layers of \(path) skipped")
      Console.list(
        contents.unknownArrays, what: "arrays of \(path) belong to no layer",
        one: "array of \(path) belongs to no layer")
      return contents.parameters
    }
    if let layers = WeightsFile.backboneLayers(ofFileName: path) {
      return try WeightsFile.readBackbone(path, for: spec, layers: layers).parameters
    }
    return try readWeights(path, for: spec)
  }

  private static func datasets(
    _ request: TrainingRequest, spec: NetworkSpec
  ) throws -> (DetectionDataset, Evaluation?) {
    let data = try DataFile(contentsOf: request.data)
    if request.isSingleClass { try requireSingleClass(spec) }
    let train = try openDataset(data, .train, isSingleClass: request.isSingleClass)
    guard data.valid != nil else { return (train, nil) }
    var loading = EvaluationLoader.Settings()
    loading.batchSize = request.options.batchSize
    loading.width = request.options.testWidth
    loading.height = request.options.testHeight
    loading.channels = spec.net.channels
    loading.workers = request.workers
    loading.rectangularStride = request.options.isRectangular ? spec.greatestStride : nil
    let valid = try openDataset(data, .valid, isSingleClass: request.isSingleClass)
    var evaluation = Evaluation(valid, loading: loading)
    evaluation.detection.precision = request.options.precision
    return (train, evaluation)
  }

  /// What plugs into the training, refused before the run has a folder.
  private static func techniques(
    _ request: TrainingRequest, spec: NetworkSpec, validation: Evaluation?
  ) throws -> [any TrainingTechnique] {
    let techniques = try request.sparsityTechnique(spec).map { [$0] } ?? []
    if validation == nil, techniques.contains(where: \.needsEvaluation) {
      throw EngineError.noSplit("valid", data: request.data)
    }
    return techniques
  }

  private static func newestRun() -> String {
    let manager = FileManager.default
    let runs = ((try? manager.contentsOfDirectory(atPath: "runs")) ?? []).map { "runs/\($0)" }
      .filter { manager.fileExists(atPath: $0 + "/request.json") }
    func date(_ path: String) -> Date {
      let attributes = try? manager.attributesOfItem(atPath: path + "/request.json")
      return attributes?[.modificationDate] as? Date ?? .distantPast
    }
    return runs.max { date($0) < date($1) } ?? "runs/train"
  }
}

/// Command, versions, seeds, data and figures of a finished run.
private struct RunRecord: Encodable {
  var version: String
  var libtorch: String
  var request: TrainingRequest
  var dataFingerprint: String
  var epochs: Int
  var best: EpochFigures?
  var last: EpochFigures?
  var imagesPerSecond: Double
}

extension TrainingRequest {
  init(_ command: TrainCommand, spec: NetworkSpec) throws {
    var options = TrainingOptions()
    options.epochs = command.schedule.epochs
    options.batchSize = command.schedule.batchSize
    options.accumulationSteps = command.schedule.accumulationSteps
    // Sizes that are asked for are square; the cfg's own need not be.
    let own = (width: spec.net.width, height: spec.net.height)
    let stride = spec.greatestStride
    let asked = command.input.sizes(stride: stride)
    let longSide = max(own.width, own.height)
    let sizes =
      asked
      ?? TrainingSizes(
        smallest: longSide, largest: longSide, test: longSide,
        isMultiScale: command.input.multiScale, stride: stride)
    let isOwn = asked == nil
    (options.imageWidth, options.imageHeight) = isOwn ? own : (sizes.largest, sizes.largest)
    (options.testWidth, options.testHeight) = isOwn ? own : (sizes.test, sizes.test)
    options.multiScale = sizes.isMultiScale ? sizes.smallest...sizes.largest : nil
    for side in [sizes.smallest, sizes.largest] {
      let size = options.size(longSide: side, multiple: stride)
      _ = try spec.headStrides(width: size.width, height: size.height)
    }
    _ = try spec.headStrides(width: options.testWidth, height: options.testHeight)
    options.isRectangular = command.input.rect
    options.method = command.schedule.optimizer == .adam ? .adam : .sgd
    options.learningRate = command.schedule.learningRate
    options.finalLearningRate = command.schedule.finalLearningRate
    options.momentum = command.schedule.momentum
    options.weightDecay = command.schedule.weightDecay
    options.warmupEpochs = command.schedule.warmupEpochs
    options.warmupBatches = command.schedule.warmupSteps
    options.usesAverage = command.schedule.ema
    options.inputScale = try Model.inputScale(
      command.scale.inputScale, cfg: command.input.cfg ?? "", weights: command.input.weights)
    options.overlap = command.loss.iouLoss == .ciou ? .ciou : .giou
    options.classGain = command.loss.classGain
    options.precision = command.machine.precision.dtype
    options.validationInterval = command.run.evaluateEvery
    options.checkpointInterval = command.run.saveEvery
    options.seed = command.run.seed
    var augmentation = AugmentationSettings.legacy
    augmentation.mosaic = command.augmentation.mosaic ? 1 : 0
    augmentation.hue = command.augmentation.hsv[0]
    augmentation.saturation = command.augmentation.hsv[1]
    augmentation.value = command.augmentation.hsv[2]
    augmentation.degrees = command.augmentation.degrees
    augmentation.translation = command.augmentation.translate
    augmentation.scale = command.augmentation.scale
    augmentation.shear = command.augmentation.shear
    augmentation.horizontalFlip = command.augmentation.flip
    options.augmentation = augmentation
    // Kept with the run: results depend on it in the last digits, so a resumed run uses as many.
    var threads = command.machine.common.threads
    if threads == nil, try !Device.named(command.machine.common.device.name).isCUDA {
      threads = try suggestedThreads(
        for: [(spec, options.imageWidth, options.imageHeight)], batchSize: options.batchSize)
    }
    self.init(
      cfg: absolute(command.input.cfg ?? ""), data: absolute(command.input.data ?? ""),
      isSingleClass: command.input.singleCls, options: options, sparsity: command.sparse.sparsity,
      sparsityScope: command.sparse.sparsityScope?.rawValue,
      sparsitySchedule: command.sparse.sparsitySchedule?.rawValue,
      sparsityUpdate: command.sparse.sparsityUpdate?.rawValue,
      sparsityKeep: command.sparse.sparsityKeep, sparsityBand: command.sparse.sparsityBand,
      sparsityRescale: command.sparse.sparsityRescale,
      device: command.machine.common.device.name, threads: threads,
      workers: command.machine.workers ?? ProcessInfo.processInfo.activeProcessorCount,
      cache: command.machine.cache.rawValue,
      cacheFolder: absolute(
        command.machine.cacheFolder
          ?? folderPath(of: command.input.data ?? "") + "/.pare-cache"),
      command: CommandLine.arguments)
  }
}
