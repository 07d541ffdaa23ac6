import Darknet
import Foundation
import Networks
import Torch

/// Something that plugs into the training loop: sparsity, distillation, quantization. Techniques
/// combine freely; the loop calls them in the order in which they are listed.
public protocol TrainingTechnique: AnyObject {
  /// A short name for figures and logs.
  var name: String { get }

  /// Whether it steers by validation: a run without one, or with one at its end only, is refused,
  /// and the network is judged before the first step too.
  var needsEvaluation: Bool { get }

  /// Called once before the first step, also after a resume; what ``state()`` had been is restored
  /// then. It may change the parameters.
  ///
  /// - Returns: lines for the start of the log: what the technique is going to act on.
  func prepare(_ network: Network) throws -> [String]

  /// Called after ``prepare(_:)`` of a run that begins.
  ///
  /// - Returns: lines for the log: what cannot come out of this run as it is asked for.
  func outlook(on course: TrainingCourse) throws -> [String]

  /// A term to add to the loss of this batch, or `nil`.
  func extraLoss(_ step: TrainingStep) throws -> Tensor?

  /// Called once per optimizer step, when the gradients are complete and unscaled.
  func afterBackward(_ step: TrainingStep) throws

  /// Called once per optimizer step, after the parameters have changed.
  func afterStep(_ step: TrainingStep) throws

  /// Called after each validation, and before the first step where ``needsEvaluation`` asks for it.
  /// What changes here holds from the next step on, and goes into the epoch's checkpoint.
  ///
  /// - Returns: lines for the log.
  func afterEvaluation(_ evaluation: TrainingEvaluation) throws -> [String]

  /// What the parameters of the network in training, or of its average, are to those who run it: the
  /// opposite of what ``prepare(_:)`` changed. Written pairs hold these.
  func finished(_ parameters: NetworkParameters) throws -> NetworkParameters

  /// What a resumed run has to know besides the network's parameters, for the checkpoint.
  func state() throws -> Data?

  /// Takes up what ``state()`` gave; called before ``prepare(_:)``.
  func restore(_ state: Data) throws

  /// Figures of the moment, for progress and the results file; the most telling come first. Reading
  /// them may wait for the device: the loop asks every few steps at most.
  func metrics() throws -> [(name: String, value: Double)]

  /// Which ``metrics()`` belong into one picture, since they have one unit.
  var charts: [TechniqueChart] { get }

  /// Values whose distribution is kept for each epoch.
  func distributions() throws -> [TechniqueDistribution]
}

extension TrainingTechnique {
  /// Does without.
  public var needsEvaluation: Bool { false }
  /// Prepares nothing.
  public func prepare(_ network: Network) throws -> [String] { [] }
  /// Says nothing.
  public func outlook(on course: TrainingCourse) throws -> [String] { [] }
  /// Adds nothing.
  public func extraLoss(_ step: TrainingStep) throws -> Tensor? { nil }
  /// Does nothing.
  public func afterBackward(_ step: TrainingStep) throws {}
  /// Does nothing.
  public func afterStep(_ step: TrainingStep) throws {}
  /// Learns nothing from it.
  public func afterEvaluation(_ evaluation: TrainingEvaluation) throws -> [String] { [] }
  /// Leaves them as they are.
  public func finished(_ parameters: NetworkParameters) throws -> NetworkParameters { parameters }
  /// Has none.
  public func state() throws -> Data? { nil }
  /// Takes up nothing.
  public func restore(_ state: Data) throws {}
  /// Has no figures.
  public func metrics() throws -> [(name: String, value: Double)] { [] }
  /// Draws nothing.
  public var charts: [TechniqueChart] { [] }
  /// Has none.
  public func distributions() throws -> [TechniqueDistribution] { [] }
}

/// What a validation came to, as techniques see it.
public struct TrainingEvaluation: Hashable, Sendable {
  /// The epoch that has ended, from 0; nil before the first step.
  public var epoch: Int?
  /// Epochs of the whole run.
  public var epochs: Int
  /// mAP at an overlap of 0.5, `0...1`.
  public var map50: Double
  /// mAP over overlaps of 0.5 to 0.95, `0...1`.
  public var map: Double
  /// Share of right detections at the threshold of the best F1.
  public var precision: Double
  /// Share of objects found at that threshold.
  public var recall: Double

  /// The figures of a validation.
  public init(
    epoch: Int?, epochs: Int, map50: Double, map: Double, precision: Double, recall: Double
  ) {
    self.epoch = epoch
    self.epochs = epochs
    self.map50 = map50
    self.map = map
    self.precision = precision
    self.recall = recall
  }
}

/// Figures of a technique over the epochs, in one picture.
public struct TechniqueChart: Hashable, Sendable {
  /// Heads the picture.
  public var title: String
  /// Names of metrics.
  public var metrics: [String]
}

/// Values of a technique after an epoch.
public struct TechniqueDistribution: Hashable, Sendable {
  /// What the values are, such as `gamma/12`.
  public var name: String
  /// The values.
  public var values: [Double]
  /// Whether the report shows it; all go into the event file.
  public var isSummary = false
}

/// Where training is, as techniques see it.
public struct TrainingStep {
  /// The network that is being trained.
  public let network: Network
  /// From 0.
  public let epoch: Int
  /// Epochs of the whole run.
  public let epochs: Int
  /// Batches since the start of the run.
  public let batch: Int
  /// Learning rate of the scales of batch normalisation, of the step that this batch belongs to.
  public let learningRate: Double
  /// The pictures of the batch, `[N, C, H, W]`.
  public let images: Tensor
  /// Raw outputs of the heads.
  public let outputs: [Tensor]
  /// 1 where a gradient overflowed and the optimizer leaves the step out, else 0, on the device; nil
  /// where gradients are not scaled.
  public internal(set) var foundInfinity: Tensor?
}
