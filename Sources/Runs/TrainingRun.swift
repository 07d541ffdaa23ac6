import Darknet
import Datasets
import Foundation
import Inference
import Loading
import Networks
import Pruning
import Reports
import Storage
import Terminal
import Torch
import Training

/// A training from a recipe to a run folder, or of a folder's run from where it was.
///
/// ```swift
/// let recipe = try TrainingRecipe(cfg: "net.cfg", data: "set.data")
/// let run = try TrainingRun(
///   recipe, output: OutputFolder(nil, overwrite: false, kind: .training))
/// let result = try run()
/// ```
public struct TrainingRun {
  /// What was asked for.
  public let recipe: TrainingRecipe
  /// The run's folder.
  public let path: String
  /// The network, on its device.
  public let network: Network
  /// The pictures that it is trained on.
  public let train: DetectionDataset
  /// How it is judged; nil without a list for that.
  public let validation: Evaluation?

  let observer: any RunObserver
  private let techniques: [any TrainingTechnique]
  /// Of a new run, until its files are in their place.
  private let output: OutputFolder?
  /// Of a run that goes on.
  private let lock: FolderLock?
  /// What the network's numbers are at the start, in words.
  let start: String
  /// What may keep the network from learning.
  private let obstacles: TrainingObstacles

  /// Prepares a new run: everything is read and checked, and the folder holds the network and the
  /// recipe.
  ///
  /// - Parameters:
  ///   - output: where the run is to be; made when everything else was read.
  ///   - added: techniques beside those that the recipe names, attached after them. The recipe does not
  ///     keep them: who resumes the run gives them again.
  ///   - observer: is told what is odd and how far the run is, and may stop it; nobody is unless given.
  /// - Throws: an error of the files, the machine or the network; ``RunError``.
  public init(
    _ recipe: TrainingRecipe, output: @autoclosure () throws -> OutputFolder,
    adding added: [any TrainingTechnique] = [], observer: any RunObserver = SilentObserver()
  ) throws {
    try recipe.check()
    let spec = try NetworkSpec(Configuration(contentsOf: recipe.cfg))
    if let weights = recipe.weights { try observer.tellProgress(ofWeights: weights) }
    let parameters = try recipe.initialParameters(spec, observer)
    if let weights = recipe.weights {
      observer.noteFloat(weights, "training starts from the float weights")
    }
    let (train, validation) = try recipe.datasets(spec, resumes: false, observer)
    let techniques = try recipe.techniques(
      spec, parameters, train: train, validation: validation, resumes: false, keptIn: nil, observer)
    // As it is judged, at the size of its validation, so it is to be used.
    let configuration = recipe.options.feeding.said(by: spec)
    let output = try output()
    try output.refuse(inputs: [recipe.cfg, recipe.weights] + recipe.teacherFiles)
    try output.refuse(DataFile(contentsOf: recipe.data), train, validation?.dataset)
    try output.requireOwn(RunFolder.fileNames + recipe.namesOfKeptTeachers)
    try Self.checkControl(
      of: recipe.withAbsolutePaths, pictures: train.labelledCount, validation: validation,
      path: output.path, overwrites: output.replacesSomething)
    try self.init(
      recipe.withAbsolutePaths, configuration, parameters, train: train, validation: validation,
      techniques: techniques + added, start: recipe.start, path: output.path, output: output,
      observer: observer)
    try output.naming {
      let folder = RunFolder(path: output.workingPath)
      // What is trained from a pruned network is one still.
      let start = try ModelDescription.find(cfg: recipe.cfg, weights: recipe.weights)
      try folder.writeModel(
        network, feeding: recipe.options.feeding, names: train.learnedNames,
        prunedFrom: start?.description.prunedFrom,
        prunedFromWeights: start?.description.prunedFromWeights)
      try folder.writeJSON(self.recipe, to: folder.requestPath)
      try folder.writeJSON(TrainedPictures(train), to: folder.picturesPath)
      try self.recipe.keepTeachers(in: folder.path)
    }
  }

  /// Prepares the run of a folder to go on.
  ///
  /// - Parameters:
  ///   - path: the run's folder.
  ///   - change: brings in what the resuming command asks for, such as more epochs.
  ///   - added: as the run began with.
  ///   - observer: as of a new run.
  /// - Throws: as ``init(_:output:adding:observer:)``; ``RunError/nothingToResume(_:nearby:)``.
  public init(
    resuming path: String, change: (inout TrainingRecipe) throws -> Void = { _ in },
    adding added: [any TrainingTechnique] = [], observer: any RunObserver = SilentObserver()
  ) throws {
    let folder = RunFolder(path: path)
    guard fileExists(folder.requestPath) else { throw RunError.nothingToResume(at: path) }
    let lock = try FolderLock(path)
    FolderReplacement.tidy(path)
    var recipe = try TrainingRecipe(contentsOf: folder.requestPath)
    let teachers = recipe.teacherFiles
    try change(&recipe)
    // Who names a teacher anew means that one.
    let isNamed = recipe.teacherFiles.map(absolute) != teachers.map(absolute)
    let configuration = try Configuration(contentsOf: folder.cfgPath)
    let spec = try NetworkSpec(configuration)
    let (train, validation) = try recipe.datasets(spec, resumes: true, observer)
    try self.init(
      recipe, configuration, nil, train: train, validation: validation,
      techniques: recipe.techniques(
        spec, nil, train: train, validation: validation, resumes: true,
        keptIn: isNamed ? nil : path,
        observer) + added,
      start: "from its checkpoint", path: path, lock: lock, observer: observer)
  }

  private init(
    _ recipe: TrainingRecipe, _ configuration: Configuration, _ parameters: NetworkParameters?,
    train: DetectionDataset, validation: Evaluation?, techniques: [any TrainingTechnique],
    start: String, path: String, output: OutputFolder? = nil, lock: FolderLock? = nil,
    observer: any RunObserver
  ) throws {
    self.observer = observer
    (self.recipe, self.start) = (recipe.naming(techniques), start)
    (self.path, self.output, self.lock) = (path, output, lock)
    self.techniques = techniques
    self.train = train
    self.validation = validation
    if let threads = recipe.threads { try TorchRuntime.setThreadCount(threads) }
    let device = try Device.named(recipe.device)
    if device.isCUDA { try TorchRuntime.setAllowsTF32(true) }
    network = try Network(
      configuration, inputScale: recipe.options.inputScale, seed: recipe.options.seed)
    obstacles = TrainingObstacles(self.recipe, train, network.spec, folder: path)
    if let parameters { try network.load(parameters) }
    try network.move(to: device, memoryFormat: .channelsLast)
  }

  /// Trains until the last epoch, or until the observer asks to stop; then everything is saved.
  ///
  /// - Parameter description: what the run's page says of it.
  /// - Throws: ``TrainingError``, an error of the machine or of the disk.
  public func callAsFunction(description: RunDescription? = nil) throws -> TrainingResult {
    // It holds the folder's lock.
    defer { withExtendedLifetime(self) {} }
    let resumes = lock != nil
    var loading = BatchLoader.Settings()
    loading.workers = recipe.workers
    loading.cache = recipe.cache
    loading.cacheFolder = recipe.cacheFolder
    let size = recipe.options.size(
      longSide: recipe.options.multiScale?.upperBound ?? recipe.options.longSide,
      multiple: network.spec.greatestStride)
    if loading.cache != .none {
      let bytes = BatchLoader.cacheBytes(
        of: train, width: size.width, height: size.height, channels: network.spec.net.channels,
        fit: recipe.options.fit ?? .letterbox, workers: recipe.workers)
      let cost = CacheCost(
        loading.cache, bytes: bytes, on: network.device, folder: loading.cacheFolder)
      observer.remark(cost.text)
      if !cost.fits { loading.cache = .none }
    }
    if let line = recipe.options.rateWarning { observer.warn(line) }
    var introduction = introduction(width: size.width, height: size.height, resumes: resumes)
    introduction += [TrainingKeys.outcome(for: network.spec, options: recipe.options).line]
      .compactMap(\.self)
    let run = { [path, output] in
      let trainer = try Trainer(
        network: network, options: recipe.options, techniques: techniques, dataset: train,
        loading: loading, validation: validation,
        folder: RunFolder(path: output?.workingPath ?? path), observer: observer,
        description: description,
        advice: {
          [recipe, path, obstacles, objects = validation?.dataset.labelCount] start, kept, history
          in
          history.count < recipe.options.epochs
            ? []
            : TrainingAdvice(
              recipe, history, objects: objects, kept: kept, start: start, obstacles,
              harmlessShare: Self.harmlessShare(recipe, in: path)
            ).lines
        }, startRole: recipe.startRole,
        resumes: resumes,
        publish: output.map { output in
          {
            try output.commit(later: RunFolder.fileNames + RunFolder.namesOfKeptWeights)
            return RunFolder(path: path)
          }
        })
      // What cannot be trained, or gone on with, is refused without an introduction.
      for line in introduction { observer.remark(line) }
      // The checkpoint fits, so the number of epochs that was asked for holds from now on.
      if resumes {
        let folder = RunFolder(path: path)
        try folder.writeJSON(recipe, to: folder.requestPath)
        // Of a run from before there were such lists.
        if !fileExists(folder.picturesPath) {
          try folder.writeJSON(TrainedPictures(train), to: folder.picturesPath)
        }
      }
      let result = try trainer.run()
      recipe.warnOfWholeNumbers(in: RunFolder(path: path), observer)
      return result
    }
    // On a CPU a resumed run equals an uninterrupted one bit for bit. On a GPU that would cost
    // cuDNN's fastest kernels. Letting it time them all is not worth it (docs/results/speed.md).
    guard !network.device.isCUDA else { return try output?.naming(run) ?? run() }
    return try TorchRuntime.withDeterministicAlgorithms { try output?.naming(run) ?? run() }
  }

  /// What the figures of the run say about the next step.
  package func advice(_ result: TrainingResult) -> TrainingAdvice {
    TrainingAdvice(
      recipe, result.trend, kept: result.best, last: result.last, start: result.start, obstacles,
      harmlessShare: Self.harmlessShare(recipe, in: path))
  }

  /// How much of a sparse network's channels can go by the scales of its last weights, as pruning judges
  /// them; nil of other trainings, and where that cannot be told.
  private static func harmlessShare(_ recipe: TrainingRecipe, in path: String) -> Double? {
    guard recipe.sparsity != nil, case let folder = RunFolder(path: path),
      let model = try? Model(cfg: folder.cfgPath, weights: folder.lastWeightsPath, warn: { _ in })
    else { return nil }
    return try? Pruner(model).harmlessShare()
  }

  /// Leaves the record of a finished run in its folder: command, versions, seeds, data and figures.
  ///
  /// - Parameter version: of the program that trained.
  public func writeRecord(_ result: TrainingResult, version: String) throws {
    let folder = RunFolder(path: path)
    func counted(_ figures: EpochFigures?) -> EpochFigures? {
      var figures = figures
      figures?.epoch += 1
      return figures
    }
    try folder.writeJSON(
      RunRecord(
        version: version, libtorch: TorchRuntime.version, request: recipe,
        dataFingerprint: train.fingerprint, epochs: result.epochs, before: result.start,
        best: counted(result.best),
        last: counted(result.last), imagesPerSecond: result.imagesPerSecond,
        verdict: advice(result).verdict),
      to: folder.recordPath)
  }
}

/// What stands in `run.json`. Epochs are counted from 1, as everywhere that people read.
private struct RunRecord: Encodable {
  var version: String
  var libtorch: String
  var request: TrainingRecipe
  var dataFingerprint: String
  var epochs: Int
  /// Before the first step.
  var before: ValidationFigures?
  var best: EpochFigures?
  var last: EpochFigures?
  var imagesPerSecond: Double
  /// What the figures say about going on.
  var verdict: TrainingVerdict?
}

// MARK: - What a run starts from

extension TrainingRecipe {
  fileprivate func initialParameters(
    _ spec: NetworkSpec, _ observer: any RunObserver
  ) throws -> NetworkParameters? {
    guard let path = weights else { return nil }
    if takesWhatFits == true {
      let contents: WeightsFile.Contents
      do { contents = try StoredWeights.readByShape(path, for: spec) } catch let error
        as WeightsError
      {
        guard case .sizeMismatch = error else { throw error }
        let own = RunFolder(path: folderPath(of: path)).cfgPath
        throw RunError.nothingToTake("\(error)", cfg: fileExists(own) ? own : nil)
      }
      tellPart(contents, observer)
      guard !contents.loaded.isEmpty else {
        throw RunError.nothingFits(path, cfg: spec.configuration.path)
      }
      observer.list(contents.skipped, what: "layers of \(path) skipped", one: nil)
      observer.list(
        contents.unknownArrays, what: "arrays of \(path) belong to no layer",
        one: "array of \(path) belongs to no layer")
      return contents.parameters
    }
    if WeightsFile.backboneLayers(ofFileName: path) != nil {
      let contents = try StoredWeights.readByShape(path, for: spec)
      tellPart(contents, observer)
      return contents.parameters
    }
    do {
      return try StoredWeights.read(path, for: spec, warn: observer.warn)
    } catch let error as WeightsError {
      // What fits for no likely number of classes belongs to another network.
      guard case .sizeMismatch(let mismatch) = error, mismatch.fittingClasses != nil else {
        throw error
      }
      throw otherNetwork(error, path, spec)
    } catch let error as NamedWeightsError {
      throw otherNetwork(error, path, spec)
    }
  }

  /// Says which layers a file of the first ones has, and what becomes of the others.
  private func tellPart(_ contents: WeightsFile.Contents, _ observer: any RunObserver) {
    guard let path = weights, WeightsFile.backboneLayers(ofFileName: path) != nil,
      let last = contents.loaded.max()
    else { return }
    let run = RunFolder(path: folderPath(of: cfg))
    let isTrained = run.cfgPath == cfg && fileExists(run.weightsPath)
    observer.remark(
      "layers 0 to \(last) are taken from \(path), those after it begin at random"
        + (isTrained ? "; what \(displayed(run.weightsPath)) has learned is not used" : ""))
  }

  /// Weights that do not fit, with the way to use some of them where there are any.
  private func otherNetwork(
    _ error: any Error, _ path: String, _ spec: NetworkSpec
  ) -> any Error {
    guard let contents = try? StoredWeights.readByShape(path, for: spec), !contents.loaded.isEmpty
    else { return error }
    return RunError.otherNetwork("\(error)", fitting: contents.loaded.count)
  }

  /// The pictures to train on and to judge by.
  fileprivate func datasets(
    _ spec: NetworkSpec, resumes: Bool, _ observer: any RunObserver
  ) throws -> (DetectionDataset, Evaluation?) {
    let file = try DataFile(contentsOf: data)
    if isSingleClass { try requireSingleClass(spec) }
    var train = try openDataset(
      file, .train, for: spec, isSingleClass: isSingleClass, observer: observer)
    let labelled = train
    if let weights, takesWhatFits != true {
      train.warnOfOtherNames(cfg: cfg, weights: weights, of: data, observer)
    }
    if let line = train.absentClasses(of: data) { observer.warn(line) }
    if let unlabeled {
      try train.append(usableUnlabelledOf: unlabeled, besides: file, resumes: resumes, observer)
    }
    guard let list = file.valid else { return (train, nil) }
    let isSame = file.train.map(resolvedPath) == resolvedPath(list)
    if isSame {
      let test = file.test == nil ? 0 : (try? file.pictures(.test).count) ?? 0
      observer.judgesOnTrainingPictures(
        of: data, parts: DatasetParts(train: labelled.pictures.count, valid: 0, test: test))
    }
    // What is odd about a list is said once.
    let valid =
      isSame
      ? labelled
      : try openDataset(file, .valid, for: spec, isSingleClass: isSingleClass, observer: observer)
    if let line = valid.absentClasses(besides: labelled, of: data) { observer.warn(line) }
    if !isSame {
      if let line = valid.sharedPictures(with: labelled, of: data) {
        observer.warn(line)
      } else if let weights {
        valid.warnOfTrainedPictures(weights, cfg: cfg, weights: weights, observer)
      }
    }
    var validation = Evaluation(
      valid, of: spec, fed: options.feeding, batchSize: options.batchSize,
      isRectangular: options.isRectangular)
    validation.loading.workers = workers
    return (train, validation)
  }

  /// What plugs into the training, refused before the run has a folder.
  fileprivate func techniques(
    _ spec: NetworkSpec, _ start: NetworkParameters?, train: DetectionDataset,
    validation: Evaluation?, resumes: Bool, keptIn run: String?, _ observer: any RunObserver
  ) throws -> [any TrainingTechnique] {
    let sparsity = try sparsityTechnique(spec)
    if validation == nil, sparsity?.needsEvaluation == true {
      throw RunError.noSplit("valid", data: data)
    }
    let distillation = try distillationTechnique(
      spec, start, train: train, validation: validation, resumes: resumes, keptIn: run, observer)
    let techniques: [(any TrainingTechnique)?] = [
      sparsity, distillation, try quantizationTechnique(spec, start, observer),
    ]
    return techniques.compactMap(\.self)
  }
}
