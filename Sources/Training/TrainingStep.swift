import Loading
import Networks
import Torch

/// Where training is, as techniques see it.
public struct TrainingStep {
  /// The network that is being trained.
  public let network: Network
  /// The moving average of it, where the run keeps one.
  public let average: Network?
  /// From 0.
  public let epoch: Int
  /// Epochs of the whole run.
  public let epochs: Int
  /// Batches since the start of the run.
  public let batch: Int
  /// Learning rate of the scales of batch normalisation, of the step that this batch belongs to.
  public let learningRate: Double
  /// This process's pictures of the batch, `[N, C, H, W]`.
  public let images: Tensor
  /// Which these are, by index in the data set.
  public let pictures: [Int]
  /// What is in them.
  public let targets: [BatchTarget]
  /// Of each of the pictures, whether its labels are known; nil where those of all are.
  public let isLabelled: [Bool]?
  /// Raw outputs of the heads.
  public let outputs: [Tensor]
  /// 1 where a gradient overflowed and the optimizer leaves the step out, else 0, on the device;
  /// nil where gradients are not scaled.
  public internal(set) var foundInfinity: Tensor?

  /// A batch's place in a run.
  package init(
    network: Network, average: Network? = nil, epoch: Int, epochs: Int, batch: Int,
    learningRate: Double, images: Tensor,
    pictures: [Int] = [], targets: [BatchTarget] = [], isLabelled: [Bool]? = nil, outputs: [Tensor],
    foundInfinity: Tensor? = nil
  ) {
    self.network = network
    self.average = average
    self.epoch = epoch
    self.epochs = epochs
    self.batch = batch
    self.learningRate = learningRate
    self.images = images
    self.pictures = pictures
    self.targets = targets
    self.isLabelled = isLabelled
    self.outputs = outputs
    self.foundInfinity = foundInfinity
  }
}
