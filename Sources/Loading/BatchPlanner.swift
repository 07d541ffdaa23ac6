import Datasets

/// Makes the plan of any batch of any epoch; worker threads call it, in any order.
final class BatchPlanner: @unchecked Sendable {
  let dataset: DetectionDataset
  let store: PictureStore
  let samples: SamplePlanner
  let batchSize: Int
  let batchesPerEpoch: Int
  /// Where each picture lies in the device's cache; nil without one.
  let places: DevicePlaces?
  /// Which pictures make up each batch, and its size; nil: any, of the input's size.
  let rectangular: RectangularBatches?
  /// Whether all batches are full, and rounds through the pictures do not end with epochs.
  let isContinuous: Bool
  /// What of each batch is planned.
  let share: BatchShare
  private let lock = ConditionLock()
  private var orders: [Round: [Int]] = [:]

  init(
    dataset: DetectionDataset, store: PictureStore, samples: SamplePlanner, batchSize: Int,
    batchesPerEpoch: Int, places: DevicePlaces?, rectangular: RectangularBatches? = nil,
    isContinuous: Bool = false, share: BatchShare = .whole
  ) {
    (self.dataset, self.store, self.samples) = (dataset, store, samples)
    (self.batchSize, self.batchesPerEpoch, self.places) = (batchSize, batchesPerEpoch, places)
    (self.rectangular, self.isContinuous, self.share) = (rectangular, isContinuous, share)
  }

  /// This process's part of the batch of this number, counted over all epochs; nil when no picture
  /// can be read.
  func plan(_ number: Int) -> BatchPlan? {
    let (epoch, index) = number.quotientAndRemainder(dividingBy: batchesPerEpoch)
    let (batch, rounds) = batch(epoch: epoch, index: index)
    let samples = samples.sized(width: batch.width, height: batch.height)
    let part = share.part(of: Array(batch.pictures.indices))
    var plan = BatchPlan(
      epoch: epoch, index: index, width: batch.width, height: batch.height,
      pictureCount: part.total)
    if places == nil {
      // As much as the inputs themselves, unless interpolated mosaics show more.
      plan.pixels.reserveCapacity(part.places.count * batch.width * batch.height * store.channels)
    }
    for place in part.places {
      let round = rounds?[place] ?? epoch
      guard add(batch.pictures[place], ofRound: round, samples, to: &plan) else { return nil }
    }
    return plan
  }

  private func add(
    _ sample: Int, ofRound round: Int, _ samples: SamplePlanner, to plan: inout BatchPlan
  ) -> Bool {
    var chosen: [(index: Int, picture: ScaledPicture)] = []
    for index in samples.pictures(epoch: round, index: sample) {
      guard let found = find(index) else { return false }
      chosen.append(found)
    }
    let sizes = chosen.map { index, picture in
      (
        index: index, width: picture.width, height: picture.height,
        labels: dataset.pictures[index].labels
      )
    }
    let own = samples.plan(epoch: round, index: sample, pictures: sizes)
    var patches = own.visiblePatches(
      inputWidth: samples.inputWidth, inputHeight: samples.inputHeight)
    for index in patches.indices {
      place(&patches[index], own, chosen[patches[index].place].picture, &plan.pixels)
    }
    plan.pictures.append(chosen[0].index)
    plan.samples.append(own)
    plan.patches.append(patches)
    return true
  }

  /// A picture that can be read: with its pixels, or in the device's cache.
  private func find(_ index: Int) -> (index: Int, picture: ScaledPicture)? {
    let pool = samples.pool(of: index)
    guard let places else { return store.readablePicture(index, in: pool) }
    return places.readablePlace(index, in: pool).map { index, place in
      (index, ScaledPicture(width: place.width, height: place.height, pixels: []))
    }
  }

  /// Says where a patch's pixels are, copying them from a picture outside of the device.
  private func place(
    _ patch: inout BatchPlan.Patch, _ sample: SamplePlan, _ picture: ScaledPicture,
    _ pixels: inout [UInt8]
  ) {
    let tile = sample.tiles[patch.place]
    let first = (patch.y - tile.y) * tile.width + patch.x - tile.x
    if let places {
      patch.offset = (places[tile.picture]?.offset ?? 0) + first
      patch.stride = tile.width
      return
    }
    let channels = store.channels
    patch.offset = pixels.count / channels
    patch.stride = patch.width
    for row in 0..<patch.height {
      let start = (first + row * tile.width) * channels
      pixels += picture.pixels[start..<(start + patch.width * channels)]
    }
  }

  /// The samples of a batch and its input's size; and of each sample, in which round through the
  /// pictures it is seen, where that is not the epoch's.
  private func batch(
    epoch: Int, index: Int
  ) -> (batch: RectangularBatches.Batch, rounds: [Int]?) {
    func whole(_ pictures: [Int]) -> RectangularBatches.Batch {
      RectangularBatches.Batch(
        pictures: pictures, width: samples.inputWidth, height: samples.inputHeight)
    }
    if isContinuous {
      let count = dataset.pictures.count
      let first = (epoch * batchesPerEpoch + index) * batchSize
      let places = first..<(first + batchSize)
      let pictures = places.map { order($0 / count, count: count)[$0 % count] }
      return (whole(pictures), places.map { $0 / count })
    }
    guard let rectangular else {
      let unlabelled = samples.unlabelled
      let order = order(epoch, count: unlabelled?.labelledCount ?? dataset.pictures.count)
      let size = batchSize - (unlabelled?.perBatch ?? 0)
      let range = (index * size)..<min((index + 1) * size, order.count)
      var pictures = Array(order[range])
      if let unlabelled {
        let others = unlabelled.pictures(ofBatch: epoch * batchesPerEpoch + index) { round in
          self.order(round, count: unlabelled.count, stream: 1)
        }
        pictures = unlabelled.mixed(pictures, with: others)
      }
      return (whole(pictures), nil)
    }
    let place = order(epoch, count: rectangular.batches.count)[index]
    return (rectangular.batches[place], nil)
  }

  /// The order of an epoch's samples, or of its rectangular batches; a function of seed and epoch.
  /// Other streams are of other rounds.
  private func order(_ epoch: Int, count: Int, stream: UInt64 = 0) -> [Int] {
    let round = Round(number: epoch, stream: stream)
    if let known = lock.withLock({ orders[round] }) { return known }
    var random = SampleRandom(seed: samples.seed, epoch: epoch, stream: stream)
    let order = random.permutation(count)
    lock.withLock {
      orders = orders.filter { $0.key.stream != stream || abs($0.key.number - epoch) <= 1 }
      orders[round] = order
    }
    return order
  }

  /// One time through all pictures of a kind.
  private struct Round: Hashable {
    var number: Int
    var stream: UInt64
  }
}

/// Where pictures lie in one long row of pixels on the device.
struct DevicePlaces: Sendable {
  struct Place: Hashable, Sendable {
    /// In pixels.
    var offset, width, height: Int
  }

  private var places: [Place?]
  /// Pixels of all pictures together.
  private(set) var pixelCount = 0

  /// Places for pictures of these sizes; nil for unreadable ones.
  init(_ sizes: [(width: Int, height: Int)?]) {
    places = []
    for size in sizes {
      places.append(size.map { Place(offset: pixelCount, width: $0.width, height: $0.height) })
      pixelCount += size.map { $0.width * $0.height } ?? 0
    }
  }

  subscript(index: Int) -> Place? { places[index] }

  /// Forgets a picture that turned out to be unreadable.
  mutating func remove(_ index: Int) { places[index] = nil }

  /// The picture at `index` or the next readable one after it, in circles within `pool`.
  func readablePlace(_ index: Int, in pool: Range<Int>) -> (index: Int, place: Place)? {
    for offset in 0..<pool.count {
      let candidate = pool.lowerBound + (index - pool.lowerBound + offset) % pool.count
      if let place = places[candidate] { return (candidate, place) }
    }
    return nil
  }
}
