import Boxes
import Commands
import Darknet
import Foundation
import Inference
import Loading
import Networks
import Torch
import Training

extension TrainingRequest {
  /// What a command line asks for, for a network of a cfg.
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
      try spec.checkInput(width: size.width, height: size.height)
    }
    try spec.checkInput(width: options.testWidth, height: options.testHeight)
    options.isRectangular = command.input.rect
    options.method = command.schedule.optimizer == .adam ? .adam : .sgd
    options.learningRate = command.schedule.learningRate
    options.finalLearningRate = command.schedule.finalLearningRate
    options.momentum = command.schedule.momentum
    options.weightDecay = command.schedule.weightDecay
    options.warmupEpochs = command.schedule.warmupEpochs
    options.warmupBatches = command.schedule.warmupSteps
    options.usesAverage = command.schedule.ema
    let (cfg, weights) = (command.input.cfg ?? "", command.input.weights)
    let start = try Feeding(
      of: spec, cfg: cfg, weights: weights, scale: command.scale.inputScale, warn: Console.warn)
    options.inputScale = start.inputScale
    // A pair of ours goes on as it was; what Darknet trained is trained in our way from here on,
    // unless its cfg says otherwise.
    let isOurs = try ModelDescription.find(cfg: cfg, weights: weights) != nil
    let ownFit = isOurs || spec.net.raw["letter_box"] != nil ? start.fit : .letterbox
    options.fit = command.input.resize?.fit ?? (options.isRectangular ? .letterbox : ownFit)
    options.suppression = isOurs ? start.suppression : SuppressionRule(.greedy)
    options.overlap = command.loss.iouLoss == .ciou ? .ciou : .giou
    options.classGain = command.loss.classGain
    options.precision = command.machine.precision.dtype
    options.validationInterval = command.run.evaluateEvery
    options.checkpointInterval = command.run.saveEvery
    options.seed = command.run.seed
    var augmentation = AugmentationSettings.legacy
    augmentation.follow(spec.net)
    let changes = command.augmentation
    if let mosaic = changes.mosaic { augmentation.mosaic = mosaic ? 1 : 0 }
    if changes.hsv.count == 3 {
      (augmentation.hue, augmentation.saturation) = (changes.hsv[0], changes.hsv[1])
      augmentation.value = changes.hsv[2]
    }
    if let degrees = changes.degrees { augmentation.degrees = degrees }
    augmentation.translation = changes.translate
    augmentation.scale = changes.scale
    augmentation.shear = changes.shear
    if let flip = changes.flip { augmentation.horizontalFlip = flip }
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
