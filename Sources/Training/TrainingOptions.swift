import Boxes
import Darknet
import Inference
import Loading
import Reports
import Torch
import Vision

/// What a training run is told, apart from its network and data.
public struct TrainingOptions: Codable, Equatable, Sendable {
  /// Passes over the training pictures.
  public var epochs = 300
  /// Pictures a batch.
  public var batchSize = 16
  /// The part of each batch that is of pictures without labels; nil where the data set has none.
  public var unlabelledShare: Double?
  /// Batches an epoch, whatever the number of pictures, which then are drawn anew whenever all have
  /// been seen; as many as show every picture with labels once unless given.
  public var epochBatches: Int?
  /// Batches an optimizer step; rises from 1 during the warm-up.
  public var accumulationSteps = 4
  /// Width of training pictures, in pixels.
  public var imageWidth = 416
  /// Height of training pictures, in pixels.
  public var imageHeight = 416
  /// Bounds of the longer side at random, where sizes vary; proportions stay.
  public var multiScale: ClosedRange<Int>?
  /// Width of validation pictures, in pixels.
  public var testWidth = 416
  /// Height of validation pictures, in pixels.
  public var testHeight = 416
  /// Whether batches are of pictures of like proportions, with as little padding as possible, in
  /// place of squares and mosaics (docs/formulas.md 4.6).
  public var isRectangular = false
  /// How gradients become changes.
  public var method = Optimizer.Method.sgd
  /// Learning rate after the warm-up; see ``Optimizer/Method/usualRate``.
  public var learningRate = 0.01
  /// What is left of it in the last epoch.
  public var finalLearningRate = 0.05
  /// Momentum after the warm-up.
  public var momentum = 0.937
  /// Weight decay of convolution weights.
  public var weightDecay = 5e-4
  /// Epochs of warm-up; 500 batches at least, a fifth of the run at most.
  public var warmupEpochs = 3.0
  /// Batches of warm-up, in place of the rule above.
  public var warmupBatches: Int?
  /// Learning rate of biases at the first batch of the warm-up; 0.1 unless given, as in runs of
  /// versions that had no other.
  public var warmupBiasRate: Double?
  /// What pixel values become before the first layer.
  public var inputScale = InputScale.by255
  /// How pictures are brought to the input; nil is a letterbox.
  public var fit: PictureFit?
  /// How overlapping boxes are thinned out in the validation; nil is greedy.
  public var suppression: SuppressionRule?
  /// Overlap of the box term.
  public var overlap = DetectionLoss.Overlap.giou
  /// Weight of the class term for 80 classes; it is scaled by classes / 80.
  public var classGain = 37.4
  /// Arithmetic of the forward pass.
  public var precision = DType.float32
  /// Whether validation and the saved pair use the moving average of the weights.
  public var usesAverage = false
  /// Validate every so many epochs, and after the last; 0 for the last alone.
  public var validationInterval = 1
  /// Write a checkpoint and the last weights every so many epochs, and after the last; 0 for the
  /// last alone.
  public var checkpointInterval = 1
  /// Seed of weights, order and augmentation.
  public var seed: UInt64 = 0
  /// How pictures are varied.
  public var augmentation = AugmentationSettings.legacy

  /// The defaults of docs/formulas.md 5.2, 5.5 and 5.6.
  public init() {}

  /// Refuses values that no run can have; a file of options may say anything.
  ///
  /// - Throws: ``TrainingError/invalidOption(_:reason:)``.
  public func check() throws(TrainingError) {
    func require(_ name: String, _ value: Int, _ range: ClosedRange<Int>) throws(TrainingError) {
      guard range.contains(value) else {
        throw .invalidOption(
          name, reason: "\(value) is not in \(range.lowerBound) to \(range.upperBound)")
      }
    }
    func require(
      _ name: String, _ value: Double, _ range: ClosedRange<Double>
    ) throws(TrainingError) {
      guard range.contains(value) else {
        throw .invalidOption(
          name, reason: "\(value) is not in \(range.lowerBound) to \(range.upperBound)")
      }
    }
    let sides = 1...65_536
    try require("epochs", epochs, 1...1_000_000)
    try require("batchSize", batchSize, 1...65_536)
    if let unlabelledShare { try require("unlabelledShare", unlabelledShare, 0.01...0.99) }
    if let epochBatches {
      try require("epochBatches", epochBatches, 1...Int(Int32.max))
      guard unlabelledShare == nil, !isRectangular else {
        throw .invalidOption(
          "epochBatches", reason: "it goes with batches of pictures with labels, not rectangular")
      }
    }
    try require("accumulationSteps", accumulationSteps, 1...1_048_576)
    try require("imageWidth", imageWidth, sides)
    try require("imageHeight", imageHeight, sides)
    try require("testWidth", testWidth, sides)
    try require("testHeight", testHeight, sides)
    if let multiScale {
      try require("multiScale", multiScale.lowerBound, sides)
      try require("multiScale", multiScale.upperBound, sides)
    }
    guard learningRate > 0, learningRate.isFinite else {
      throw .invalidOption("learningRate", reason: "\(learningRate) is not a number above 0")
    }
    try require("finalLearningRate", finalLearningRate, 0...1)
    try require("momentum", momentum, 0...0.9999)
    try require("weightDecay", weightDecay, 0...1)
    try require("warmupEpochs", warmupEpochs, 0...1_000_000)
    if let warmupBatches { try require("warmupBatches", warmupBatches, 0...Int(Int32.max)) }
    if let warmupBiasRate { try require("warmupBiasRate", warmupBiasRate, 0...1) }
    guard classGain > 0, classGain.isFinite else {
      throw .invalidOption("classGain", reason: "\(classGain) is not a number above 0")
    }
    try require("validationInterval", validationInterval, 0...1_000_000)
    try require("checkpointInterval", checkpointInterval, 0...1_000_000)
  }

  /// What is odd about the learning rate, in a line; nil from a thousandth of the usual one to ten
  /// times as much.
  package var rateWarning: String? {
    let usual = method.usualRate
    let isHigh = learningRate > 10 * usual
    guard isHigh || learningRate < usual / 1000 else { return nil }
    return "a learning rate of \(Figures.significant(learningRate)) is far "
      + "\(isHigh ? "above" : "below") what is usual for \(method.rawValue), "
      + "\(Figures.significant(usual)): "
      + (isHigh ? "the loss may grow instead of falling" : "the network will hardly change")
  }

  /// How the trained pair wants to be fed.
  public var feeding: Feeding {
    Feeding(
      width: testWidth, height: testHeight, fit: fit ?? .letterbox, inputScale: inputScale,
      suppression: suppression ?? SuppressionRule(.greedy))
  }

  /// The longer side of training pictures, in pixels.
  public var longSide: Int { max(imageWidth, imageHeight) }

  /// The size of training pictures in the same proportions, both sides rounded up to multiples.
  public func size(longSide: Int, multiple: Int) -> (width: Int, height: Int) {
    let longest = self.longSide
    guard longSide != longest else { return (imageWidth, imageHeight) }
    func side(_ own: Int) -> Int {
      (own * longSide + longest * multiple - 1) / (longest * multiple) * multiple
    }
    return (side(imageWidth), side(imageHeight))
  }

  /// How training pictures are loaded: `settings` with what these options and the network say.
  ///
  /// - Parameter share: the part of every batch that is this process's.
  func loading(
    _ settings: BatchLoader.Settings, for spec: NetworkSpec, share: BatchShare? = nil
  ) -> BatchLoader.Settings {
    var settings = settings
    if let share { settings.share = share }
    settings.batchSize = batchSize
    settings.unlabelledPerBatch = unlabelledPerBatch
    settings.batchesPerEpoch = epochBatches
    (settings.width, settings.height) = size(
      longSide: multiScale?.upperBound ?? longSide, multiple: spec.greatestStride)
    settings.channels = spec.net.channels
    settings.fit = fit ?? .letterbox
    settings.augmentation = augmentation
    if isRectangular {
      settings.rectangularStride = spec.greatestStride
      settings.augmentation.mosaic = 0
    }
    settings.seed = seed
    return settings
  }

  /// Batches an epoch: as many as were asked for, else those of all pictures, the last one with what is
  /// left; at least one.
  ///
  /// - Parameter pictures: those with labels.
  package func batchesPerEpoch(pictures: Int) -> Int {
    let size = batchSize - unlabelledPerBatch
    return epochBatches ?? max(1, (pictures + size - 1) / size)
  }

  /// Pictures with labels that an epoch sees, each as often as it is seen.
  ///
  /// - Parameter pictures: those with labels.
  func labelledPerEpoch(pictures: Int) -> Int { epochBatches.map { $0 * batchSize } ?? pictures }

  /// Optimizer steps an epoch after the warm-up.
  ///
  /// - Parameter pictures: those with labels.
  package func stepsPerEpoch(pictures: Int) -> Int {
    (batchesPerEpoch(pictures: pictures) + accumulationSteps - 1) / accumulationSteps
  }

  /// Pictures of a batch that are without labels: one at least, and one fewer than all at most.
  package var unlabelledPerBatch: Int {
    guard let unlabelledShare else { return 0 }
    return max(min(Int((Double(batchSize) * unlabelledShare).rounded()), batchSize - 1), 1)
  }

  /// The schedule for a number of batches an epoch.
  package func schedule(batchesPerEpoch: Int) -> LearningRateSchedule {
    let total = batchesPerEpoch * epochs
    let wanted = Int(warmupEpochs * Double(batchesPerEpoch))
    let warmup = warmupBatches ?? (warmupEpochs > 0 ? min(max(wanted, 500), total / 5) : 0)
    return LearningRateSchedule(
      peak: learningRate, finalFraction: finalLearningRate, epochs: epochs,
      warmupBatches: warmup, momentum: momentum,
      warmupBiasRate: warmupBiasRate ?? LearningRateSchedule.usualWarmupBiasRate,
      weightDecay: weightDecay)
  }
}

extension DetectionLoss.Overlap: Codable {}
extension DType: Codable {}
