import ArgumentParsing
import Commands
import Darknet
import Foundation
import Inference
import Loading
import Runs
import Summaries
import Storage
import Torch
import Training

extension TrainingRecipe {
  /// What the options ask for, and the network says.
  init(_ command: TrainCommand, spec: NetworkSpec) throws {
    try self.init(
      spec, cfg: command.input.cfg ?? "", weights: command.input.weights,
      data: absolute(command.input.data ?? ""), scale: command.scale.inputScale,
      warn: Console.warn)
    takesWhatFits = command.input.pretrain ? true : nil
    isSingleClass = command.input.singleCls
    options.epochs = command.schedule.epochs
    options.batchSize = command.schedule.batchSize
    try options.takeSizes(command.input.imgSize, isMultiScale: command.input.multiScale, of: spec)
    options.isRectangular = command.input.rect
    options.method =
      switch command.schedule.optimizer {
      case .sgd: .sgd
      case .adam: .adam
      }
    takeUsualSteps()
    if let nominalBatch = command.schedule.nominalBatch {
      options.accumulationSteps = TrainingOptions.accumulationSteps(
        nominalBatch: nominalBatch, batchSize: options.batchSize)
    }
    options.accumulationSteps = command.schedule.accumulate ?? options.accumulationSteps
    options.finalLearningRate = command.schedule.finalLearningRate
    options.momentum = command.schedule.momentum
    options.weightDecay = command.schedule.weightDecay
    options.warmupEpochs = command.schedule.warmupEpochs
    options.warmupBatches = command.schedule.warmupSteps
    try quantize(command.quantization, spec)
    takeUsualRates()
    options.learningRate = command.schedule.learningRate ?? options.learningRate
    options.warmupBiasRate = command.schedule.warmupBiasRate ?? options.warmupBiasRate
    options.usesAverage = command.schedule.ema
    options.fit = command.input.resize?.fit ?? (options.isRectangular ? .letterbox : options.fit)
    options.overlap =
      switch command.loss.iouLoss {
      case .giou, nil: .giou
      case .ciou: .ciou
      }
    options.classGain = command.loss.classGain
    options.precision = command.machine.precision.dtype
    options.validationInterval = command.run.evaluateEvery
    options.checkpointInterval = command.run.saveEvery
    options.seed = command.run.seed
    vary(command.augmentation)
    sparsify(command.sparse)
    try distil(command.distillation)
    device = command.machine.common.device.name
    threads = command.machine.common.threads
    workers = command.machine.workers ?? workers
    cache = PictureCache(command.machine.cache)
    cacheFolder = absolute(command.machine.cacheFolder ?? cacheFolder)
    try begin(by: CommandLine.arguments, spec)
  }

  private mutating func vary(_ changes: AugmentationOptions) {
    if let mosaic = changes.mosaic { options.augmentation.mosaic = mosaic ? 1 : 0 }
    if changes.hsv.count == 3 {
      (options.augmentation.hue, options.augmentation.saturation) = (changes.hsv[0], changes.hsv[1])
      options.augmentation.value = changes.hsv[2]
    }
    if let degrees = changes.degrees { options.augmentation.degrees = degrees }
    options.augmentation.translation = changes.translate
    options.augmentation.scale = changes.scale
    options.augmentation.shear = changes.shear
    if let flip = changes.flip { options.augmentation.horizontalFlip = flip }
  }

  private mutating func sparsify(_ sparse: SparsityOptions) {
    sparsity = sparse.sparsity
    sparsityScope = sparse.sparsityScope.map { choice in
      switch choice {
      case .normal: .normal
      case .shortcut: .shortcut
      case .layer: .layer
      case .all: .all
      }
    }
    sparsitySchedule = sparse.sparsitySchedule.map { choice in
      switch choice {
      case .constant: .constant
      case .global: .global
      case .local: .local
      case .localEarly: .localEarly
      case .auto: .auto
      }
    }
    sparsityUpdate = sparse.sparsityUpdate.map { choice in
      switch choice {
      case .subgradient: .subgradient
      case .proximal: .proximal
      }
    }
    sparsityKeep = sparse.sparsityKeep
    sparsityBand = sparse.sparsityBand
    sparsityRescale = sparse.sparsityRescale
  }

  /// Takes up what a command that resumes asks for: other epochs, another machine, and where the
  /// data have gone if they are not where they were. Other options may be named again, but not with
  /// other values.
  mutating func extend(by resuming: TrainCommand, run: String) throws {
    let free: Set = ["--resume", "--output", "--name", "--json", "--quiet"]
    let epochs = options.epochs
    let before = try TrainCommand.options(of: command)
    let now = try TrainCommand.options(of: CommandLine.arguments)
    var different: [String] = []
    for option in now where !free.contains(option.name) {
      if try takes(option.name, from: resuming) { continue }
      // The run itself, named as a network.
      if option.name == "--model", resuming.input.model.map(resolvedPath) == resolvedPath(run) {
        continue
      }
      let paths = ["--cfg": cfg, "--data": data]
      if let path = paths[option.name], option.values.map(absolute) == [path] { continue }
      let known = before.first { $0.name == option.name }
      let values = known?.values ?? [option.byDefault]
      if !GivenOption.mean(option.values, values) { different.append(option.name) }
    }
    if different == ["--data"], fileExists(data) {
      throw RunError.dataIsThere(displayed(data), run: run)
    }
    guard different.isEmpty else { throw RunError.otherOptions(different, run: run) }
    resume(by: CommandLine.arguments, epochs: epochs)
  }

  /// Takes one of the options that a run may change.
  private mutating func takes(_ option: String, from resuming: TrainCommand) throws -> Bool {
    let machine = resuming.machine
    switch option {
    case "--epochs": options.epochs = resuming.schedule.epochs
    case "--learning-rate": return resuming.schedule.learningRate == options.learningRate
    case "--nominal-batch":
      return resuming.schedule.nominalBatch.map {
        TrainingOptions.accumulationSteps(nominalBatch: $0, batchSize: options.batchSize)
      } == options.accumulationSteps
    case "--warmup-bias-rate":
      return resuming.schedule.warmupBiasRate
        == options.warmupBiasRate ?? LearningRateSchedule.usualWarmupBiasRate
    case "--device": device = machine.common.device.name
    case "--threads": threads = machine.common.threads
    case "--workers": workers = machine.workers ?? workers
    case "--cache": cache = PictureCache(machine.cache)
    case "--cache-folder": cacheFolder = absolute(machine.cacheFolder ?? cacheFolder)
    case "--teacher", "--teacher-cfg", "--teacher-weights":
      return distillation?.move(to: resuming.distillation.sources) ?? false
    case "--data" where !fileExists(data): data = absolute(resuming.input.data ?? data)
    case "--unlabeled":
      guard let before = unlabeled, !fileExists(before), let now = resuming.distillation.unlabeled
      else { return false }
      unlabeled = absolute(now)
    default: return false
    }
    return true
  }
}

extension PictureCache {
  fileprivate init(_ choice: CacheChoice) {
    switch choice {
    case .none: self = .none
    case .ram: self = .ram
    case .disk: self = .disk
    case .device: self = .device
    }
  }
}
