import Networks
import Torch

/// Something that plugs into the training loop: sparsity, distillation, quantization. Techniques
/// combine freely; the loop calls them in the order in which they are listed.
public protocol TrainingTechnique: AnyObject {
  /// A short name for figures and logs.
  var name: String { get }

  /// Called once before the first step, also after a resume.
  ///
  /// - Returns: lines for the start of the log: what the technique is going to act on.
  func prepare(_ network: Network) throws -> [String]

  /// A term to add to the loss of this batch, or `nil`.
  func extraLoss(_ step: TrainingStep) throws -> Tensor?

  /// Called once per optimizer step, when the gradients are complete and unscaled.
  func afterBackward(_ step: TrainingStep) throws

  /// Called once per optimizer step, after the parameters have changed.
  func afterStep(_ step: TrainingStep) throws

  /// Figures of the moment, for progress and the results file. Reading them may wait for the
  /// device: the loop asks every few steps at most.
  func metrics() throws -> [(name: String, value: Double)]
}

extension TrainingTechnique {
  /// Prepares nothing.
  public func prepare(_ network: Network) throws -> [String] { [] }
  /// Adds nothing.
  public func extraLoss(_ step: TrainingStep) throws -> Tensor? { nil }
  /// Does nothing.
  public func afterBackward(_ step: TrainingStep) throws {}
  /// Does nothing.
  public func afterStep(_ step: TrainingStep) throws {}
  /// Has no figures.
  public func metrics() throws -> [(name: String, value: Double)] { [] }
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
}
