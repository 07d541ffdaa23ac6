import Darknet
import Datasets
import Torch
import Vision

/// Training batches: pictures on the training device, targets on the host.
///
/// Threads decode and scale pictures and plan batches ahead of the training step, within a bound
/// on memory; the thread that calls ``next()`` makes the tensors. Order and augmentation are a
/// function of (seed, epoch, sample): any number of threads, and a start in the middle, give the
/// same batches bit for bit.
public final class BatchLoader {
  /// What batches are made of and how.
  public struct Settings: Hashable, Sendable {
    /// Pictures a batch, of all processes together.
    public var batchSize = 16
    /// The part of each batch that is loaded here.
    public var share = BatchShare.whole
    /// The network's input, in pixels.
    public var width = 416
    /// The network's input, in pixels.
    public var height = 416
    /// 3, or 1 for gray.
    public var channels = 3
    /// How pictures are brought to the input, or to the tiles of a mosaic.
    public var fit = PictureFit.letterbox
    /// What happens to the pictures.
    public var augmentation = AugmentationSettings()
    /// Of order and augmentation.
    public var seed: UInt64 = 0
    /// Threads that decode; with 0 the training thread does.
    public var workers = 2
    /// Where decoded pictures are kept.
    public var cache = PictureCache.none
    /// The folder of ``PictureCache/disk``.
    public var cacheFolder = ""
    /// Bytes that batches made ahead may take, besides the cache; one batch at least is made.
    public var memoryLimit = 1 << 30
    /// Rectangular training (docs/formulas.md 4.6): batches of pictures of like proportions with as
    /// little padding as the network's greatest stride, which this is, allows. The same pictures
    /// make up a batch in every epoch; the order of the batches changes. There can be no mosaics
    /// then.
    public var rectangularStride: Int?
    /// Pictures of each batch that are without labels, where the data set has such; the others are
    /// as many as fill the batch, and an epoch is over when all of these were seen.
    public var unlabelledPerBatch = 0
    /// Full batches an epoch has, whatever the number of pictures: these are drawn anew whenever all
    /// of them have been seen. As many as show every picture once unless given. For batches of pictures
    /// with labels, all of one size.
    public var batchesPerEpoch: Int?

    /// The usual settings.
    public init() {}
  }

  /// The settings that it was made with.
  public let settings: Settings
  /// Batches an epoch has.
  public let batchesPerEpoch: Int

  /// Pictures that have labels; nil where all have.
  private let labelledCount: Int?
  private let device: Device
  private let store: PictureStore
  private let composer: BatchComposer
  private let cache: Tensor?
  private let batches: OrderedWorkers<BatchPlan?>

  /// Starts making batches.
  ///
  /// With ``PictureCache/device`` on a GPU the whole set is decoded and uploaded first.
  ///
  /// - Parameters:
  ///   - epoch: of the first batch.
  ///   - batch: number of the first batch within its epoch, to resume in the middle of one.
  ///   - epochs: the epoch before which to end.
  public init(
    _ dataset: DetectionDataset, settings: Settings, device: Device, epoch: Int = 0, batch: Int = 0,
    epochs: Int = .max
  ) throws {
    try settings.check()
    guard !dataset.pictures.isEmpty else { throw DatasetError.noPictures(path: "the data set") }
    (self.settings, self.device) = (settings, device)
    labelledCount = dataset.unlabelledCount > 0 ? dataset.labelledCount : nil
    let count = dataset.pictures.count
    let unlabelled: UnlabelledPictures? =
      dataset.unlabelledCount > 0
      ? UnlabelledPictures(
        pictures: count, unlabelled: dataset.unlabelledCount, perBatch: settings.unlabelledPerBatch)
      : nil
    let perBatch = settings.batchSize - (unlabelled?.perBatch ?? 0)
    let perEpoch =
      settings.batchesPerEpoch
      ?? (dataset.labelledCount + perBatch - 1) / perBatch
    batchesPerEpoch = perEpoch
    store = PictureStore(
      paths: dataset.pictures.map(\.path), inputWidth: settings.width,
      inputHeight: settings.height, channels: settings.channels,
      fit: settings.fit,
      keeps: settings.cache == .ram || settings.cache == .device && !device.isCUDA,
      disk: settings.cache == .disk ? DiskCache(folder: settings.cacheFolder) : nil)
    composer = BatchComposer(
      device: device, channels: settings.channels, settings: settings.augmentation)
    var places: DevicePlaces?
    if settings.cache == .device && device.isCUDA {
      let filled = try Self.filledCache(store, workers: settings.workers, device: device)
      (cache, places) = (filled.pixels, filled.places)
    } else {
      cache = nil
    }
    let planner = BatchPlanner(
      dataset: dataset, store: store,
      samples: SamplePlanner(
        settings: settings.augmentation, inputWidth: settings.width, inputHeight: settings.height,
        seed: settings.seed, pictureCount: count, unlabelled: unlabelled),
      batchSize: settings.batchSize, batchesPerEpoch: perEpoch, places: places,
      rectangular: settings.rectangularStride.map {
        RectangularBatches(
          dataset.pictureSizes(workers: settings.workers), batchSize: settings.batchSize,
          longSide: max(settings.width, settings.height), multiple: $0)
      }, isContinuous: settings.batchesPerEpoch != nil, share: settings.share)
    let (end, overflow) = epochs.multipliedReportingOverflow(by: perEpoch)
    let first = epoch * perEpoch + batch
    batches = OrderedWorkers(
      workers: settings.workers, ahead: settings.batchesAhead,
      range: first..<max(first, overflow ? .max : end)
    ) { planner.plan($0) }
  }

  /// The next batch; nil after the last epoch, or when closed.
  ///
  /// - Throws: ``DatasetError/noPictures(path:first:)`` when not one picture can be read, or
  ///   `TorchError`.
  public func next() throws -> TrainingBatch? {
    guard let next = batches.next() else { return nil }
    guard let plan = next else {
      throw DatasetError.noPictures(
        path: (problems.first?.path ?? store.paths.first).map(folderPath(of:)) ?? "",
        first: problems.first)
    }
    return TrainingBatch(
      images: try composer.images(plan, cache: cache), targets: plan.targets,
      pictures: plan.pictures, pictureCount: plan.pictureCount, epoch: plan.epoch,
      index: plan.index,
      isLastOfEpoch: plan.index == batchesPerEpoch - 1,
      isLabelled: labelledCount.map { count in plan.pictures.map { $0 < count } })
  }

  /// Pictures that could not be read so far; the next readable one of the list stands in for each.
  public var problems: [DatasetProblem] { store.problems }

  /// Ends and joins the threads; letting go of the loader does so too.
  public func close() { batches.close() }

  /// Bytes that a cache of a data set would take, from the pictures' headers; unreadable ones count
  /// nothing.
  public static func cacheBytes(
    of dataset: DetectionDataset, width: Int, height: Int, channels: Int = 3,
    fit: PictureFit = .letterbox, workers: Int = 2
  ) -> Int {
    let store = PictureStore(
      paths: dataset.pictures.map(\.path), inputWidth: width, inputHeight: height,
      channels: channels, fit: fit, keeps: false)
    return sizes(store, workers: workers).reduce(0) { total, size in
      total + (size.map { $0.width * $0.height * channels } ?? 0)
    }
  }

  private static func sizes(_ store: PictureStore, workers: Int) -> [(width: Int, height: Int)?] {
    let headers = OrderedWorkers(
      workers: workers, ahead: 256, range: 0..<store.paths.count
    ) { index in store.scaledSize(index) }
    var sizes: [(width: Int, height: Int)?] = []
    while let size = headers.next() { sizes.append(size) }
    return sizes
  }

  /// All pictures on the device, one long row of pixels `[P, C]`.
  private static func filledCache(
    _ store: PictureStore, workers: Int, device: Device
  ) throws -> (pixels: Tensor, places: DevicePlaces) {
    var places = DevicePlaces(sizes(store, workers: workers))
    let pixels = try Tensor.empty(
      [max(places.pixelCount, 1), store.channels], dtype: .uint8, device: device)
    let pictures = OrderedWorkers(
      workers: workers, ahead: max(2 * workers, 1), range: 0..<store.paths.count
    ) { store.picture($0) }
    var index = 0
    while let picture = pictures.next() {
      if let picture, let place = places[index] {
        let count = place.width * place.height
        try pixels.narrow(dim: 0, start: place.offset, count: count)
          .copyInPlace(Tensor(picture.pixels, shape: [count, store.channels]))
      } else {
        places.remove(index)
      }
      index += 1
    }
    return (pixels, places)
  }
}

/// A batch for one training step.
public struct TrainingBatch {
  /// `[N, C, H, W]`, `float32` in `0...1`, on the training device.
  public var images: Tensor
  /// The boxes of all pictures, in order of pictures.
  public var targets: [BatchTarget]
  /// The data set's picture that each one is of (of a mosaic: its first).
  public var pictures: [Int]
  /// Pictures that all processes together have of this batch; `images` holds so many where one
  /// trains alone.
  public var pictureCount: Int
  /// From 0.
  public var epoch: Int
  /// Number within the epoch, from 0.
  public var index: Int
  /// Whether the epoch ends with it.
  public var isLastOfEpoch: Bool
  /// Of each picture, whether its labels are known; nil where those of all are.
  public var isLabelled: [Bool]?

  /// The batch with pictures of another size, bilinearly; targets are fractions and stay.
  ///
  /// - Parameters:
  ///   - longSide: the new longer side, in pixels; equal to the old one, nothing changes.
  ///   - multiple: what both sides are rounded up to multiples of (docs/formulas.md 4.5).
  public func resized(longSide: Int, multiple: Int) throws -> TrainingBatch {
    let (oldHeight, oldWidth) = (images.shape[2], images.shape[3])
    let longest = max(oldWidth, oldHeight)
    guard longest != longSide else { return self }
    func side(_ old: Int) -> Int {
      (old * longSide + longest * multiple - 1) / (longest * multiple) * multiple
    }
    let (width, height) = (side(oldWidth), side(oldHeight))
    var batch = self
    batch.images = try withoutGrad { try images.resized(height: height, width: width) }
    return batch
  }
}

extension BatchLoader.Settings {
  /// Batches that may wait or be in the making at a time.
  var batchesAhead: Int {
    // An interpolated mosaic may show all of its four pictures.
    let pictures = augmentation.isAffine && augmentation.mosaic > 0 ? SamplePlan.mosaicTiles : 1
    let own = (batchSize + share.size - 1) / share.size
    let bytes = own * width * height * channels * pictures
    return min(max(memoryLimit / bytes, 1), workers + 2)
  }

  func check() throws(DatasetError) {
    let positive = [
      ("batch size", batchSize, 1...65_536), ("input width", width, 1...16_384),
      ("input height", height, 1...16_384), ("workers", workers, 0...1_024),
    ]
    for (name, value, range) in positive where !range.contains(value) {
      throw .invalidSetting(
        name, value: "\(value)", expected: "\(range.lowerBound) to \(range.upperBound)")
    }
    if let batchesPerEpoch {
      guard batchesPerEpoch > 0, rectangularStride == nil, unlabelledPerBatch == 0 else {
        throw .invalidSetting(
          "batches an epoch", value: "\(batchesPerEpoch)",
          expected: "1 or more, of pictures with labels, not rectangular")
      }
    }
    if let rectangularStride {
      let longSide = max(width, height)
      guard rectangularStride > 0, longSide % rectangularStride == 0 else {
        throw .invalidSetting(
          "longer input side", value: "\(longSide)",
          expected: "a multiple of the network's stride, \(rectangularStride)")
      }
      guard augmentation.mosaic == 0 else {
        throw .invalidSetting(
          "mosaic", value: "\(augmentation.mosaic)", expected: "0 for rectangular batches")
      }
    }
    guard (0..<batchSize).contains(unlabelledPerBatch) else {
      throw .invalidSetting(
        "pictures without labels a batch", value: "\(unlabelledPerBatch)",
        expected: "0 to \(batchSize - 1)")
    }
    guard unlabelledPerBatch == 0 || rectangularStride == nil else {
      throw .invalidSetting(
        "pictures without labels a batch", value: "\(unlabelledPerBatch)",
        expected: "0 for rectangular batches")
    }
    guard share.size <= batchSize else {
      throw .invalidSetting(
        "batch size", value: "\(batchSize)", expected: "\(share.size), one for each process")
    }
    guard channels == 1 || channels == 3 else {
      throw .invalidSetting("channels", value: "\(channels)", expected: "1 or 3")
    }
    guard cache != .disk || !cacheFolder.isEmpty else {
      throw .invalidSetting("cache folder", value: "empty", expected: "a path")
    }
    try augmentation.check()
  }
}
