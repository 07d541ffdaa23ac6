import Boxes
import Darknet
import Datasets
import Foundation
import Inference
import Loading
import Networks
import Reports
import Torch
import Vision

/// Trains a network: one loop; everything else plugs into it.
///
/// Read `trainEpochs()` first, which ``run()`` comes to: an epoch is batches (``train(_:)`` is one),
/// then validation, then a checkpoint (`finishEpoch()`). Sparsity, distillation and quantization are
/// ``TrainingTechnique``s. Streams, grad mode and autocast belong to the thread, so the loop is
/// synchronous. Several processes train one network through a ``Communicator``.
public final class Trainer {
  /// The network that is trained, in place.
  public let network: Network
  /// What the run was told.
  public let options: TrainingOptions
  /// Plug-ins, in the order in which they are called.
  public let techniques: [any TrainingTechnique]

  let loss: DetectionLoss
  let dataset: DetectionDataset
  private let loading: BatchLoader.Settings
  let batchesPerEpoch: Int
  private let multiScale: MultiScale?
  /// What both sides of every batch are multiples of, in pixels.
  private let stride: Int
  let validation: Evaluation?
  var folder: RunFolder
  /// Moves the folder to its place once it holds what a run needs to go on.
  private var publish: (() throws -> RunFolder)?
  let observer: any RunObserver
  private let description: RunDescription?
  /// Lines of what the figures before the first step, of the best epoch and of all mean.
  public typealias Advice = (ValidationFigures?, EpochFigures?, [EpochFigures]) -> [String]
  private let advice: Advice
  /// What the figures of the network before its first step are for.
  let startRole: StartRole
  let optimizer: Optimizer
  let average: ExponentialMovingAverage?
  let scaler: LossScaler?
  let schedule: LearningRateSchedule
  let course: TrainingCourse
  var state: Checkpoint.State
  var history: RunHistory
  /// Parameters and state that techniques have added, for the checkpoint.
  let added: [(name: String, tensor: Tensor)]
  /// Names of all terms of the loss, those of the techniques last.
  let lossNames: [String]
  /// Sums of the loss terms of this epoch, on the device.
  var lossSums: Tensor
  /// Training's forward passes, and those of validation.
  private let pass: ForwardPass
  let judgedPass: ForwardPass
  let communicator: any Communicator
  /// The fingerprint of the pictures that epochs are judged by.
  private(set) lazy var validationPictures = validation?.dataset.fingerprint
  private var runReport: RunReport?
  /// Unreadable pictures that were told of.
  private var reported = 0

  /// Prepares a run; continues one where its folder has a checkpoint to resume.
  ///
  /// - Parameters:
  ///   - network: on the training device, in the memory format to train in.
  ///   - dataset: training pictures; never those of the test split.
  ///   - loading: how they become batches; sizes, seed and augmentation follow `options`.
  ///   - validation: how epochs are judged; the last epoch counts as best where `nil`.
  ///   - folder: where results go.
  ///   - description: what the run was told, for its page.
  ///   - advice: what the figures before the first step, those of the best epoch and all so far mean,
  ///     in lines for the page; none unless given.
  ///   - startRole: what the network's figures before its first step are for.
  ///   - communicator: of the processes that train this network together, each with its part of every
  ///     batch. All are given the same; only the first one validates and writes.
  ///   - resumes: continue from the folder's checkpoint.
  ///   - publish: called once the folder holds what a run needs to go on, before the first step; gives
  ///     the folder that the run writes to from then on.
  public init(
    network: Network, options: TrainingOptions, techniques: [any TrainingTechnique],
    dataset: DetectionDataset, loading: BatchLoader.Settings, validation: Evaluation?,
    folder: RunFolder,
    observer: any RunObserver = SilentObserver(), description: RunDescription? = nil,
    advice: @escaping Advice = { _, _, _ in [] },
    startRole: StartRole = .notJudged, communicator: any Communicator = SingleProcess(),
    resumes: Bool = false, publish: (() throws -> RunFolder)? = nil
  ) throws {
    try options.check()
    try Self.refuse(network, dataset, techniques, options, validation)
    (self.network, self.options, self.techniques) = (network, options, techniques)
    (self.dataset, self.validation, self.communicator) = (dataset, validation, communicator)
    (self.folder, self.publish) = (folder, publish)
    (self.observer, self.description, self.advice) = (observer, description, advice)
    self.startRole = validation == nil ? .notJudged : startRole
    history = RunHistory(path: folder.historyPath, isWritten: communicator.isFirst)
    // The plan.
    self.loading = options.loading(
      loading, for: network.spec, share: BatchShare(rank: communicator.rank, of: communicator.size))
    stride = network.spec.greatestStride
    precondition(
      (dataset.unlabelledCount > 0) == (options.unlabelledShare != nil),
      "pictures without labels come with their share of each batch")
    batchesPerEpoch = options.batchesPerEpoch(pictures: dataset.labelledCount)
    multiScale = try options.multiScale.map {
      try MultiScale($0, stride: network.spec.greatestStride, seed: options.seed)
    }
    schedule = options.schedule(batchesPerEpoch: batchesPerEpoch)
    course = TrainingCourse(options, pictures: dataset.labelledCount)
    loss = DetectionLoss(options)
    lossNames = DetectionLoss.termNames + techniques.lossNames
    lossSums = try .zeros([lossNames.count], device: network.device)
    // Techniques attach first: what they add is optimized, averaged and resumed.
    let session = try TrainingSession(
      network, options: options, course: course, classNames: dataset.names,
      communicator: communicator, attaching: techniques)
    added = session.parameters.map { ($0.name, $0.value) } + session.savedState
    pass = ForwardPass(
      isTraining: true, observers: session.observers,
      random: network.hasDropout ? try Generator(seed: 0, device: network.device) : nil)
    judgedPass = ForwardPass(observers: session.judgedObservers)
    optimizer = try Optimizer(
      network.allParameters + session.parameters, method: options.method)
    average = options.usesAverage ? try ExponentialMovingAverage(of: network) : nil
    scaler =
      options.precision == .float16 && network.device.isCUDA
      ? try LossScaler(device: network.device) : nil
    state = Checkpoint.State(
      techniques: techniques.map(\.name), options: options,
      configurationHash: SHA256.hexadecimal(of: network.configuration.text.utf8),
      dataFingerprint: dataset.fingerprint, environment: TrainingEnvironment.current)
    if resumes { try resume() }
  }

  /// Trains until the last epoch, or until `observer` asks to stop: then within a batch, in the midst
  /// of a validation too. A run that has all its epochs gets the files that it lacks.
  ///
  /// - Throws: ``TrainingError/nonFiniteLoss(term:epoch:batch:)`` when the loss diverges; the last
  ///   checkpoint is kept then.
  public func run() throws -> TrainingResult {
    do { return try trainToTheEnd() } catch is StopRequest {
      try saveCheckpoint()
      try moveToItsPlace()
      try runReport?.finish(history.figures)
      return result(wasStopped: true)
    }
  }

  private func trainToTheEnd() throws -> TrainingResult {
    observer.begin(loss: techniques.lossParts)
    for note in loss.notes(on: network.heads) { observer.remark(note) }
    for technique in techniques.telling {
      for line in try technique.opening() { observer.remark(line) }
    }
    if state.totalBatches == 0 { try lookAhead() }
    let isResumed = state.hasBegun
    if !state.hasBegun { try begin() }
    try moveToItsPlace()
    // A run that was killed after its last checkpoint had not told of the epoch before it.
    let tellsAgain = isResumed && state.batch == 0 && !history.figures.isEmpty
    runReport =
      try !communicator.isFirst
      ? nil
      : RunReport(
        folder, after: tellsAgain ? Array(history.figures.dropLast()) : history.figures,
        start: state.start, best: state.best, techniques: techniques, description: description,
        advice: { [unowned self] in advice(state.start, state.best, $0) },
        pictures: { [dataset, loading] in try TrainingPictures.first(of: dataset, loading) })
    if tellsAgain {
      try runReport?.update(history.figures, isLast: state.epoch == options.epochs)
    }
    let stops = try state.batch == batchesPerEpoch && finishEpoch()
    if !stops { try trainEpochs() }
    if state.epoch < options.epochs { return result(wasStopped: true) }
    try network.load(finished(network.parameters()))
    return result(wasStopped: false)
  }

  private func moveToItsPlace() throws {
    guard let publish, communicator.isFirst else { return }
    folder = try publish()
    history.move(to: folder.historyPath)
    self.publish = nil
  }

  /// From the present batch to the end, or to where the run is to stop.
  private func trainEpochs() throws {
    guard state.epoch < options.epochs else { return }
    let loader = try BatchLoader(
      dataset, settings: loading, device: network.device, epoch: state.epoch,
      batch: state.batch, epochs: options.epochs)
    defer { loader.close() }
    var speed = Speed()
    while let batch = try loader.next() {
      try stopIfAsked()
      let terms = try train(batch)
      speed.count(batch.pictureCount)
      if observer.wantsFigures, communicator.isFirst { try report(terms, speed) }
      guard batch.isLastOfEpoch else {
        try stopIfAsked()
        continue
      }
      try network.device.synchronize()
      state.imagesPerSecond = speed.imagesPerSecond
      for problem in loader.problems.dropFirst(reported) {
        // Other problems are those of the cache.
        let isPicture = PictureFormat(path: problem.path) != nil
        observer.warn(
          "\(problem)\(isPicture ? "; it is skipped, and the next picture takes its place" : "")")
      }
      reported = loader.problems.count
      try stopIfAsked()
      if try finishEpoch() { return }
      speed = Speed()
    }
  }

  /// What a run throws to itself when it is to save and end.
  struct StopRequest: Error {}

  private func stopIfAsked() throws { if try shouldStop() { throw StopRequest() } }

  private func shouldStop() throws -> Bool { try communicator.any(observer.shouldStop) }

  /// One batch: forward, loss, backward and, when enough gradients are gathered, a step.
  ///
  /// - Returns: the batch's weighted loss terms as ``lossNames`` names them, still on the device.
  @discardableResult
  func train(_ batch: TrainingBatch) throws -> Tensor {
    let values = schedule(epoch: state.epoch, batch: state.totalBatches)
    let side = multiScale?(step: state.steps) ?? options.longSide
    let images = try batch.resized(longSide: side, multiple: stride).images
    // By batch and process, so that a resumed run draws the same numbers.
    try pass.random?.setSeed(
      options.seed &+ UInt64(state.totalBatches) &* 0x9E37_79B9_7F4A_7C15
        &+ UInt64(communicator.rank))
    let outputs = try withPrecision(options.precision, on: network.device) {
      try network(images, pass)
    }
    let value = try detectionLoss(
      of: outputs, batch, inputWidth: images.shape[3], inputHeight: images.shape[2],
      overlapShare: values.warmup)
    let step = TrainingStep(
      network: network, average: average?.network, epoch: state.epoch, epochs: options.epochs,
      batch: state.totalBatches,
      learningRate: values.rate, images: images, pictures: batch.pictures,
      targets: batch.targets,
      isLabelled: batch.isLabelled, outputs: outputs)
    var (total, terms) = try withTechniques(
      value, step, share: Double(images.shape[0]) / Double(batch.pictureCount))
    // The gains are meant for 64 pictures a step (docs/formulas.md 5.2).
    total = try total * (Double(batch.pictureCount) / 64)
    try (scaler?.scale(total) ?? total).backward()
    for watcher in pass.observers { watcher.clear() }
    try communicator.sumInPlace([terms])
    try shareStatistics()
    try withoutGrad { _ = try lossSums.addInPlace(terms) }
    state.pending += 1
    state.batch += 1
    state.totalBatches += 1
    state.imagesSeen += Int64(batch.pictureCount)
    if state.pending >= values.batchesPerStep(options.accumulationSteps) || batch.isLastOfEpoch {
      try optimize(step, values)
    }
    return terms
  }

  private func optimize(_ step: TrainingStep, _ values: LearningRateSchedule.Values) throws {
    // Those that no loss has read become zero.
    let gradients = try optimizer.gradients
    try communicator.sumInPlace(gradients)
    let foundInfinity = try scaler?.unscale(gradients)
    var step = step
    step.foundInfinity = foundInfinity
    for technique in techniques { try technique.beforeStep(step) }
    try optimizer.step(values, foundInfinity: foundInfinity)
    try scaler?.update()
    try average?.update()
    for technique in techniques { try technique.afterStep(step) }
    state.pending = 0
    state.steps += 1
  }

  private func report(_ terms: Tensor, _ speed: Speed) throws {
    let losses = try terms.toFloats().map(Double.init)
    try check(losses)
    let metrics = try techniqueFigures(losses)
    let images = options.labelledPerEpoch(pictures: dataset.labelledCount)
    observer.progress(
      TrainingProgress(
        epoch: state.epoch, epochs: options.epochs,
        imagesDone: min(state.batch * (options.batchSize - options.unlabelledPerBatch), images),
        images: images, imagesPerSecond: speed.imagesPerSecond,
        losses: Array(losses.prefix(DetectionLoss.termNames.count)), metrics: metrics,
        memory: try? network.device.memoryUse().allocated))
  }

  /// Validates, and writes the figures and what is due: the pair, then the checkpoint.
  ///
  /// - Returns: whether the run is to stop, with everything written.
  private func finishEpoch() throws -> Bool {
    let losses = try lossSums.toFloats().map { Double($0) / Double(batchesPerEpoch) }
    try check(losses)
    let values = schedule(epoch: state.epoch, batch: max(state.totalBatches - 1, 0))
    var figures = EpochFigures(
      epoch: state.epoch, losses: Array(losses.prefix(DetectionLoss.termNames.count)),
      learningRate: values.rate,
      imagesPerSecond: state.imagesPerSecond ?? 0)
    let metrics = try techniqueFigures(losses)
    for metric in metrics {
      figures.techniques[metric.name] = metric.value
    }
    let isLast = state.epoch + 1 == options.epochs
    let interval = options.validationInterval
    let judged = average?.network ?? network
    var outcome: Evaluation.Outcome?
    if isLast || (interval > 0 && (state.epoch + 1) % interval == 0) {
      let judgement = try evaluate(judged, epoch: state.epoch)
      outcome = judgement.outcome
      figures.precision = judgement.figures?.precision.ifMeasured
      figures.recall = judgement.figures?.recall.ifMeasured
      figures.f1 = judgement.figures?.f1.ifMeasured
      figures.map50 = judgement.figures?.map50.ifMeasured
      figures.map = judgement.figures?.map.ifMeasured
    }
    let isBest = isBest(figures)
    if isBest { state.best = figures }
    if let map50 = figures.map50 { state.highest = max(map50, state.highest ?? 0) }
    let saving = options.checkpointInterval
    let stops = try shouldStop()
    let isDue = isLast || (saving > 0 && (state.epoch + 1) % saving == 0) || stops
    // Weights that only follow the last ones wait until those are due: of a large network and few
    // pictures they are more to write than there is to compute.
    let isBestDue = isBest && (validation != nil || isDue)
    // Where no picture to judge by could be read, the last weights are all there is.
    let isOnly = isLast && !fileExists(folder.weightsPath)
    if communicator.isFirst, isBestDue || isDue {
      let parameters = try finished(judged.parameters(imagesSeen: state.imagesSeen))
      if isBestDue || isOnly {
        try write(parameters, of: judged, to: folder.weightsPath) {
          try folder.writeBest(
            parameters, for: network.spec, validation: outcome?.result.quality,
            on: validationPictures)
        }
      }
      if isDue {
        try write(parameters, of: judged, to: folder.lastWeightsPath) {
          try folder.writeLast(parameters, for: network.spec)
        }
      }
    }
    // Before the checkpoint, which says that the line is there.
    try history.append(figures)
    try withoutGrad { _ = try lossSums.zeroInPlace() }
    state.epoch += 1
    state.batch = 0
    state.imagesPerSecond = nil
    if isDue { try saveCheckpoint() }
    try runReport?.update(
      history.figures, outcome: outcome, isBest: figures.map50 != nil && isBest,
      isLast: isLast || stops, concludes: isLast)
    observer.finished(figures, telling: metrics.map(\.name), isBest: isBest)
    return stops
  }

  /// Parameters as they are to those who run the network.
  func finished(_ parameters: NetworkParameters) throws -> NetworkParameters {
    try techniques.reduce(parameters) { try $1.finished($0) }
  }

  private func result(wasStopped: Bool) -> TrainingResult {
    TrainingResult(
      epochs: history.figures.count, start: state.start,
      best: state.best ?? countedStart.map(EpochFigures.init(before:)),
      last: history.figures.last,
      trend: TrainingTrend(history.figures, objects: validation?.dataset.labelCount),
      imagesPerSecond: history.figures.medianSpeed ?? 0,
      trainingSeconds: trainingSeconds, wasStopped: wasStopped)
  }

  /// Seconds that the batches of all epochs took.
  private var trainingSeconds: Double {
    let pictures =
      options.labelledPerEpoch(pictures: dataset.labelledCount)
      + options.unlabelledPerBatch * batchesPerEpoch
    return history.figures.filter { $0.imagesPerSecond > 0 }
      .reduce(0) { $0 + Double(pictures) / $1.imagesPerSecond }
  }
}
