import Boxes
import Datasets
import Torch
import Vision

/// Pictures brought to the network's input without any augmentation, for testing and detecting; in
/// order, or in batches of like proportions.
public final class EvaluationLoader {
  /// What batches are made of and how.
  public struct Settings: Hashable, Sendable {
    /// Pictures a batch.
    public var batchSize = 16
    /// The network's input, in pixels.
    public var width = 416
    /// The network's input, in pixels.
    public var height = 416
    /// 3, or 1 for gray.
    public var channels = 3
    /// How pictures are brought to the input.
    public var fit = PictureFit.letterbox
    /// Batches of pictures of like proportions with as little padding as the network's stride
    /// allows (docs/formulas.md 4.6): the greatest stride, which the longer input side is a
    /// multiple of. Pictures then come in another order. Nil: every batch is `width × height`.
    public var rectangularStride: Int?
    /// Threads that decode.
    public var workers = 2
    /// Bytes that batches made ahead may take; one batch at least is made.
    public var memoryLimit = 1 << 30

    /// The usual settings.
    public init() {}
  }

  /// The settings that it was made with.
  public let settings: Settings
  /// Batches in all.
  public let batchCount: Int
  private let device: Device
  private let batches: OrderedWorkers<HostBatch>
  /// Pictures that could not be read so far; they are left out of their batches.
  public private(set) var problems: [DatasetProblem] = []

  /// Starts decoding; for rectangular batches the pictures' headers are read first.
  public init(
    _ pictures: [DetectionDataset.Picture], settings: Settings, device: Device
  ) throws(DatasetError) {
    try settings.check()
    (self.settings, self.device) = (settings, device)
    let plan = Self.plan(pictures, settings)
    batchCount = plan.count
    let longSide = max(settings.width, settings.height)
    let bytes = settings.batchSize * longSide * longSide * settings.channels
    batches = OrderedWorkers(
      workers: settings.workers,
      ahead: min(max(settings.memoryLimit / bytes, 1), settings.workers + 2),
      range: 0..<plan.count
    ) { HostBatch(pictures, plan[$0], settings) }
  }

  /// Which pictures make up each batch, and its size.
  private static func plan(
    _ pictures: [DetectionDataset.Picture], _ settings: Settings
  ) -> [RectangularBatches.Batch] {
    guard let stride = settings.rectangularStride else {
      return Swift.stride(from: 0, to: pictures.count, by: settings.batchSize).map { start in
        RectangularBatches.Batch(
          pictures: Array(start..<min(start + settings.batchSize, pictures.count)),
          width: settings.width, height: settings.height)
      }
    }
    return RectangularBatches(
      pictureSizes(pictures.map(\.path), workers: settings.workers),
      batchSize: settings.batchSize, longSide: max(settings.width, settings.height),
      multiple: stride
    ).batches
  }

  /// The pictures of a data set's list.
  public convenience init(
    _ dataset: DetectionDataset, settings: Settings, device: Device
  ) throws(DatasetError) {
    try self.init(dataset.pictures, settings: settings, device: device)
  }

  /// The next batch; nil after the last. One whose pictures all cannot be read is passed over.
  public func next() throws -> EvaluationBatch? {
    while let host = batches.next() {
      problems += host.problems
      guard !host.items.isEmpty else { continue }
      let bytes = try Tensor(
        host.pixels,
        shape: [host.items.count, host.height, host.width, settings.channels],
        device: device, pinned: device.isCUDA)
      return EvaluationBatch(
        pictures: try bytes.permuted([0, 3, 1, 2]), items: host.items)
    }
    return nil
  }

  /// Ends and joins the threads; letting go of the loader does so too.
  public func close() { batches.close() }

  private struct HostBatch: Sendable {
    let width, height: Int
    var pixels: [UInt8] = []
    var items: [EvaluationBatch.Item] = []
    var problems: [DatasetProblem] = []

    init(
      _ pictures: [DetectionDataset.Picture], _ batch: RectangularBatches.Batch,
      _ settings: Settings
    ) {
      (width, height) = (batch.width, batch.height)
      pixels.reserveCapacity(batch.pictures.count * width * height * settings.channels)
      for index in batch.pictures {
        let picture = pictures[index]
        do {
          let image = try Image(contentsOf: picture.path, channels: settings.channels)
          let geometry = InputGeometry(
            pictureWidth: image.width, pictureHeight: image.height, inputWidth: width,
            inputHeight: height, fit: settings.fit)
          pixels += try image.placed(geometry)
          items.append(
            EvaluationBatch.Item(
              index: index, path: picture.path, geometry: geometry, labels: picture.labels))
        } catch {
          problems.append(
            DatasetProblem(path: picture.path, reason: reason(error, at: picture.path)))
        }
      }
    }
  }
}

/// A batch for one forward pass.
public struct EvaluationBatch {
  /// `[N, C, H, W]`, `uint8`; a pixel's values lie together.
  public var pictures: Tensor
  /// What each picture is, `N` of them.
  public var items: [Item]

  /// One picture of a batch.
  public struct Item: Hashable, Sendable {
    /// Its number in the list.
    public var index: Int
    /// Its file.
    public var path: String
    /// Where it lies in the input, and the way back for boxes.
    public var geometry: InputGeometry
    /// Its labels.
    public var labels: [Label]

    /// The labels as boxes in pixels of the original picture.
    public var groundTruths: [GroundTruth] {
      labels.map {
        GroundTruth(
          box: $0.box(
            pictureWidth: geometry.pictureWidth, pictureHeight: geometry.pictureHeight),
          classIndex: $0.classIndex)
      }
    }
  }
}

extension EvaluationLoader.Settings {
  func check() throws(DatasetError) {
    var training = BatchLoader.Settings()
    (training.batchSize, training.width, training.height) = (batchSize, width, height)
    (training.channels, training.workers) = (channels, workers)
    training.rectangularStride = rectangularStride
    try training.check()
  }
}
