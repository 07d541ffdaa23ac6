import ArgumentParsing
import Commands
import Darknet
import Datasets
import Foundation
import Inference
import Loading
import Networks
import Reports
import Storage
import Terminal
import Torch
import Training

extension TrainCommand: Executable {
  package func execute() throws {
    let json = try JSONOutput(report, in: run.output)
    // Before the first file is there: who sees it may already send a signal.
    Interruption.listen()
    let setup = try run.resume ? TrainingSetup(resuming: self) : TrainingSetup(self)
    // It holds the folder's lock.
    defer { withExtendedLifetime(setup) {} }
    let observer = ConsoleObserver(isQuiet: report.quiet)
    let result = try setup.train(observer: observer, resumes: run.resume)
    if !result.wasStopped { try setup.writeRecord(result) }
    // Before anything is printed: a reader that has gone must not cost the file.
    try json.write(
      .members([
        "run": absolute(setup.path), "epochs": result.epochs, "complete": !result.wasStopped,
        "best": figuresJSON(result.best), "last": figuresJSON(result.last),
        "imagesPerSecond": result.imagesPerSecond,
      ]))
    if result.wasStopped { throw TrainingStopped(folder: setup.path, epochs: result.epochs) }
    guard report.printsTables else { return }
    // Everything is written: a reader that has gone is no failure of the run.
    do { try setup.report(result, report) } catch let error as StreamError where error.isBrokenPipe
    {}
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
struct TrainingStopped: ExitStatusError {
  let folder: String
  let epochs: Int

  var exitCode: ExitCode { Interruption.exitCode }

  var description: String {
    let done = epochs == 1 ? "1 whole epoch" : "\(epochs) whole epochs"
    return "stopped after \(done), with everything saved; go on with:\n  "
      + shellCommand(["pare", "train", "--resume", "--output", folder])
  }
}

/// A run, ready to start.
struct TrainingSetup {
  let request: TrainingRequest
  /// The run's folder.
  let path: String
  /// Of a new run, until its files are in their place.
  private let output: OutputFolder?
  /// Of a run that goes on.
  private let lock: FolderLock?
  let network: Network
  let train: DetectionDataset
  private let validation: Evaluation?
  private let techniques: [any TrainingTechnique]
  /// What the network's numbers are at the start, in words.
  private let start: String

  /// A new run.
  init(_ command: TrainCommand) throws {
    try requireRunFolder(command.input.model)
    var configuration = try Configuration(contentsOf: command.input.cfg ?? "")
    let spec = try NetworkSpec(configuration)
    let request = try TrainingRequest(command, spec: spec)
    let parameters = try Self.initialParameters(command, spec: spec)
    let (train, validation) = try Self.datasets(request, spec: spec)
    let techniques = try Self.techniques(request, spec: spec, validation: validation)
    // The size it is judged at is the size that it is to be used at.
    configuration.sections[0]["width"] = "\(request.options.testWidth)"
    configuration.sections[0]["height"] = "\(request.options.testHeight)"
    let output = try OutputFolder(
      command.run.output ?? (command.run.overwrite ? command.run.namedFolder : nil),
      overwrite: command.run.overwrite, kind: command.run.name ?? "train")
    try output.refuse(inputs: [command.input.cfg, command.input.weights])
    try output.refuse(DataFile(contentsOf: request.data), train, validation?.dataset)
    try output.requireOwn(RunFolder.fileNames)
    try self.init(
      request, configuration, parameters, train: train, validation: validation,
      techniques: techniques, start: Self.start(command), path: output.path, output: output)
    try output.naming {
      let folder = RunFolder(path: output.workingPath)
      // What is trained from a pruned network is one still.
      let start = try ModelDescription.find(
        cfg: command.input.cfg ?? "", weights: command.input.weights)
      try folder.writeModel(
        network, feeding: request.options.feeding, names: train.names,
        prunedFrom: start?.description.prunedFrom,
        prunedFromWeights: start?.description.prunedFromWeights)
      try folder.writeJSON(request, to: folder.requestPath)
    }
  }

  /// The run of a folder, with its own options.
  init(resuming command: TrainCommand) throws {
    let path = try command.run.output ?? Self.newestRun(named: command.run.name)
    let folder = RunFolder(path: path)
    guard FileManager.default.fileExists(atPath: folder.requestPath) else {
      throw EngineError.nothingToResume(path)
    }
    let lock = try FolderLock(path)
    FolderReplacement.tidy(path)
    var request = try TrainingRequest(contentsOf: folder.requestPath)
    try request.extend(by: command, run: path)
    let configuration = try Configuration(contentsOf: folder.cfgPath)
    let spec = try NetworkSpec(configuration)
    let (train, validation) = try Self.datasets(request, spec: spec)
    try self.init(
      request, configuration, nil, train: train, validation: validation,
      techniques: Self.techniques(request, spec: spec, validation: validation),
      start: "from its checkpoint", path: path, lock: lock)
  }

  private init(
    _ request: TrainingRequest, _ configuration: Configuration, _ parameters: NetworkParameters?,
    train: DetectionDataset, validation: Evaluation?, techniques: [any TrainingTechnique],
    start: String, path: String, output: OutputFolder? = nil, lock: FolderLock? = nil
  ) throws {
    (self.request, self.start) = (request, start)
    (self.path, self.output, self.lock) = (path, output, lock)
    self.techniques = techniques
    self.train = train
    self.validation = validation
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

  /// What a reader wants to know first: the network, the pictures, the machine, the place.
  private func introduction(width: Int, height: Int) -> [String] {
    let options = request.options
    let judged = validation.map { grouped($0.dataset.pictures.count) }
    let size = options.multiScale.map { "\($0.lowerBound) to \($0.upperBound)" }
    return [
      "network: \(displayed(request.cfg)), \(Figures.count(network.spec.parameterCount)) parameters, "
        + "\(start)",
      "data: \(displayed(request.data)), \(counted(train.pictures.count, "picture")) to train on, "
        + "\(judged.map { "\($0) to judge by" } ?? "none to judge by"); "
        + "\(counted(train.labelCount, "box", "boxes")), "
        + counted(train.names.count, "class", "classes"),
      "pictures: \(size ?? "\(width)×\(height)") pixels, \(options.feeding.fit.rawValue), "
        + "\(options.batchSize) at a time, \(options.batchSize * options.accumulationSteps) a step",
      "device: \(network.device)"
        + (network.device.isCUDA ? "" : " with \(counted(TorchRuntime.threadCount, "thread"))")
        + ", \(options.precision.rawValue)",
      "results: \(path)",
    ]
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
        fit: request.options.fit ?? .letterbox, workers: request.workers)
      let cost = CacheCost(
        loading.cache, bytes: bytes, on: network.device, folder: loading.cacheFolder)
      observer.note(cost.text)
      if !cost.fits { loading.cache = .none }
    }
    for line in introduction(width: size.width, height: size.height) { observer.note(line) }
    if let line = TrainingKeys.outcome(for: network.spec, options: request.options).line {
      observer.note(line)
    }
    let run = { [path, output] in
      let trainer = try Trainer(
        network: network, options: request.options, techniques: techniques, dataset: train,
        loading: loading, validation: validation,
        folder: RunFolder(path: output?.workingPath ?? path), observer: observer,
        description: RunDescription(request, network: network), resumes: resumes,
        publish: output.map { output in
          {
            try output.commit(later: RunFolder.fileNames)
            return RunFolder(path: path)
          }
        })
      // The checkpoint fits, so the number of epochs that was asked for holds from now on.
      if resumes { try RunFolder(path: path).writeJSON(request, to: path + "/request.json") }
      return try trainer.run()
    }
    return try output?.naming(run) ?? run()
  }

  /// Leaves the run's record in its folder.
  func writeRecord(_ result: TrainingResult) throws {
    let folder = RunFolder(path: path)
    try folder.writeJSON(
      RunRecord(
        version: PareCommand.version, libtorch: TorchRuntime.version, request: request,
        dataFingerprint: train.fingerprint, epochs: result.epochs, best: result.best,
        last: result.last, imagesPerSecond: result.imagesPerSecond),
      to: folder.recordPath)
  }

  private static func start(_ command: TrainCommand) -> String {
    guard let path = command.input.weights else { return "from random numbers" }
    return "from \(command.input.pretrain ? "what fits of " : "")\(path)"
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
    if WeightsFile.backboneLayers(ofFileName: path) != nil {
      return try StoredWeights.readByShape(path, for: spec).parameters
    }
    do {
      return try StoredWeights.read(path, for: spec, warn: Console.warn)
    } catch let error as WeightsError {
      guard case .sizeMismatch = error else { throw error }
      throw otherNetwork(error, path, spec)
    } catch let error as NamedWeightsError {
      throw otherNetwork(error, path, spec)
    }
  }

  /// Weights that do not fit, with the way to use some of them where there are any.
  private static func otherNetwork(
    _ error: any Error, _ path: String, _ spec: NetworkSpec
  ) -> any Error {
    guard let contents = try? StoredWeights.readByShape(path, for: spec), !contents.loaded.isEmpty
    else { return error }
    return EngineError.otherNetwork("\(error)", fitting: contents.loaded.count)
  }

  private static func datasets(
    _ request: TrainingRequest, spec: NetworkSpec
  ) throws -> (DetectionDataset, Evaluation?) {
    let data = try DataFile(contentsOf: request.data)
    if request.isSingleClass { try requireSingleClass(spec) }
    let train = try openDataset(data, .train, for: spec, isSingleClass: request.isSingleClass)
    guard let list = data.valid else { return (train, nil) }
    let isSame = data.train.map(resolvedPath) == resolvedPath(list)
    if isSame {
      let test = data.test == nil ? 0 : (try? data.pictures(.test).count) ?? 0
      let parts = DatasetParts(train: train.pictures.count, valid: 0, test: test)
      let division = parts.division.map {
        "; set some aside: \(NextCommand.split(request.data, $0))"
      }
      Console.warn(
        "\(request.data): 'train' and 'valid' are one list, so the figures are of pictures that the "
          + "network has seen\(division ?? "")")
    }
    let feeding = request.options.feeding
    var loading = feeding.loading(for: spec, batchSize: request.options.batchSize)
    loading.workers = request.workers
    loading.rectangularStride = request.options.isRectangular ? spec.greatestStride : nil
    // What is odd about a list is said once.
    let valid =
      isSame
      ? train : try openDataset(data, .valid, for: spec, isSingleClass: request.isSingleClass)
    return (train, Evaluation(valid, loading: loading, detection: feeding.detection()))
  }

  /// What plugs into the training, refused before the run has a folder.
  private static func techniques(
    _ request: TrainingRequest, spec: NetworkSpec, validation: Evaluation?
  ) throws -> [any TrainingTechnique] {
    guard let sparsity = try request.sparsityTechnique(spec) else { return [] }
    if validation == nil, sparsity.needsEvaluation {
      throw EngineError.noSplit("valid", data: request.data)
    }
    return [sparsity]
  }

  /// The run that was started last, of those that a name numbers.
  private static func newestRun(named name: String?) throws -> String {
    let manager = FileManager.default
    let runs = ((try? manager.contentsOfDirectory(atPath: "runs")) ?? []).filter { folder in
      guard manager.fileExists(atPath: "runs/\(folder)/request.json") else { return false }
      guard let name, folder != name else { return true }
      return folder.hasPrefix(name + "-") && Int(folder.dropFirst(name.count + 1)) != nil
    }
    func date(_ folder: String) -> Date {
      let attributes = try? manager.attributesOfItem(atPath: "runs/\(folder)/model.cfg")
      return attributes?[.modificationDate] as? Date ?? .distantPast
    }
    guard let newest = runs.max(by: { date($0) < date($1) }) else {
      throw EngineError.nothingToResume("runs/\(name ?? "train")")
    }
    return "runs/\(newest)"
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
