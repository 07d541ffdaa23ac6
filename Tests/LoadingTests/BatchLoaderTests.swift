import Datasets
import Testing
import Torch
import Vision
import _TestSupport

@testable import Loading

@Suite struct BatchLoaderTests {
  /// A set of pictures of different colours and sizes with a label each.
  private func dataset(_ folder: TemporaryFolder, count: Int) throws -> DetectionDataset {
    var pictures: [DetectionDataset.Picture] = []
    for index in 0..<count {
      let path = try folder.writePicture(
        "images/\(index).png", width: 40 + index % 3 * 10, height: 30 + index % 4 * 10,
        color: Color(red: UInt8(index * 7), green: 200, blue: UInt8(255 - index * 5)))
      let label = Label(
        classIndex: index % 2, centerX: 0.5, centerY: 0.5, width: 0.5, height: 0.25)
      pictures.append(.init(path: path, labels: [label]))
    }
    return DetectionDataset(pictures: pictures, names: ["a", "b"])
  }

  private func settings(workers: Int = 2, batchSize: Int = 4) -> BatchLoader.Settings {
    var settings = BatchLoader.Settings()
    (settings.width, settings.height, settings.batchSize) = (64, 64, batchSize)
    (settings.workers, settings.seed) = (workers, 11)
    settings.augmentation = .legacy
    return settings
  }

  private struct Seen: Equatable {
    var images: [Float]
    var targets: [BatchTarget]
    var pictures: [Int]
    var place: [Int]
  }

  private func all(_ loader: BatchLoader) throws -> [Seen] {
    var seen: [Seen] = []
    while let batch = try loader.next() {
      seen.append(
        Seen(
          images: try batch.images.toFloats(), targets: batch.targets, pictures: batch.pictures,
          place: [batch.epoch, batch.index]))
    }
    return seen
  }

  // Ten pictures in batches of four: 4, 4 and 2, of which three processes get 1 + 1 + 2 and, filled
  // up, 1 + 1 + 1.
  @Test func `the parts of several processes make up the batches of one`() throws {
    let folder = try TemporaryFolder()
    let set = try dataset(folder, count: 10)
    let whole = try all(BatchLoader(set, settings: settings(), device: .cpu, epochs: 2))
    let parts = try (0..<3).map { rank in
      var settings = settings()
      settings.share = BatchShare(rank: rank, of: 3)
      return try all(BatchLoader(set, settings: settings, device: .cpu, epochs: 2))
    }
    #expect(
      parts.map { $0.map(\.pictures.count) } == [
        [1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1],
        [2, 2, 1, 2, 2, 1],
      ])
    for (number, batch) in whole.enumerated() {
      let all = parts.map { $0[number] }
      #expect(all.allSatisfy { $0.place == batch.place })
      let isFilled = batch.pictures.count == 2
      #expect(all.flatMap(\.pictures) == batch.pictures + (isFilled ? [batch.pictures[0]] : []))
      #expect(Array(all.flatMap(\.images).prefix(batch.images.count)) == batch.images)
      #expect(
        all.flatMap(\.targets).prefix(batch.targets.count).map(\.centerX)
          == batch.targets.map(\.centerX))
    }
  }

  @Test func `fewer pictures a batch than processes are refused`() throws {
    let folder = try TemporaryFolder()
    var few = settings()
    few.share = BatchShare(rank: 4, of: 5)
    #expect {
      _ = try BatchLoader(try dataset(folder, count: 10), settings: few, device: .cpu)
    } throws: { "\($0)" == "batch size is 4; expected 5, one for each process" }
  }

  @Test func `an epoch shows every picture once`() throws {
    let folder = try TemporaryFolder()
    let set = try dataset(folder, count: 10)
    let loader = try BatchLoader(set, settings: settings(), device: .cpu, epochs: 2)
    #expect(loader.batchesPerEpoch == 3)
    let batches = try all(loader)
    #expect(batches.map(\.place) == [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2]])
    let first = batches[..<3].flatMap(\.pictures)
    let second = batches[3...].flatMap(\.pictures)
    #expect(first.sorted() == Array(0..<10) && second.sorted() == Array(0..<10))
    #expect(first != second)
    #expect(batches[2].pictures.count == 2)
    #expect(batches.allSatisfy { $0.images.allSatisfy { (0...1).contains($0) } })
    #expect(batches.allSatisfy { $0.targets.allSatisfy { $0.imageIndex < 4 } })
    #expect(batches[0].images.count == 4 * 3 * 64 * 64)
  }

  // Eight batches of four are 32 samples: three rounds through ten pictures, and two more.
  @Test func `an epoch of a given length goes on with the round that it is in`() throws {
    let folder = try TemporaryFolder()
    let set = try dataset(folder, count: 10)
    var settings = settings()
    settings.batchesPerEpoch = 4
    let loader = try BatchLoader(set, settings: settings, device: .cpu, epochs: 2)
    #expect(loader.batchesPerEpoch == 4)
    let batches = try all(loader)
    #expect(batches.map(\.place) == (0..<2).flatMap { epoch in (0..<4).map { [epoch, $0] } })
    #expect(batches.allSatisfy { $0.pictures.count == 4 })
    let pictures = batches.flatMap(\.pictures)
    let rounds = (0..<3).map { Array(pictures[($0 * 10)..<(($0 + 1) * 10)]) }
    #expect(rounds.allSatisfy { $0.sorted() == Array(0..<10) } && Set(rounds).count == 3)
    // A picture that comes twice in an epoch is another one each time: both of the first epoch's.
    let size = 3 * 64 * 64
    let again = 10
    let first = try #require(pictures[..<10].firstIndex(of: pictures[again]))
    func pixels(_ place: Int) -> [Float] {
      Array(batches[place / 4].images[(place % 4 * size)..<((place % 4 + 1) * size)])
    }
    #expect(pixels(first) != pixels(again))

    // From the middle, the same.
    let later = try all(
      BatchLoader(set, settings: settings, device: .cpu, epoch: 1, batch: 1, epochs: 2))
    #expect(later.map(\.images) == batches[5...].map(\.images))
    settings.unlabelledPerBatch = 1
    #expect(throws: DatasetError.self) { try BatchLoader(set, settings: settings, device: .cpu) }
  }

  @Test func `threads, caches and bounds change nothing`() throws {
    let folder = try TemporaryFolder()
    let set = try dataset(folder, count: 9)
    let reference = try all(
      BatchLoader(set, settings: settings(workers: 0), device: .cpu, epochs: 2))
    for (workers, cache, limit) in [
      (1, PictureCache.none, 1 << 30), (5, .ram, 1 << 30), (3, .device, 1), (2, .disk, 1 << 30),
      (2, .disk, 1 << 30),
    ] {
      var other = settings(workers: workers)
      (other.cache, other.memoryLimit) = (cache, limit)
      other.cacheFolder = folder.path + "/cache"
      #expect(try all(BatchLoader(set, settings: other, device: .cpu, epochs: 2)) == reference)
    }
    var seeded = settings()
    seeded.seed = 12
    #expect(try all(BatchLoader(set, settings: seeded, device: .cpu, epochs: 2)) != reference)
  }

  @Test func `a start in the middle continues as if never stopped`() throws {
    let folder = try TemporaryFolder()
    let set = try dataset(folder, count: 9)
    let reference = try all(BatchLoader(set, settings: settings(), device: .cpu, epochs: 3))
    let resumed = try all(
      BatchLoader(set, settings: settings(), device: .cpu, epoch: 1, batch: 2, epochs: 3))
    #expect(resumed == Array(reference[5...]))
  }

  @Test func `unreadable pictures are replaced and listed`() throws {
    let folder = try TemporaryFolder()
    let set = try dataset(folder, count: 8)
    try folder.write("no picture", to: "images/3.png")
    try folder.write([], to: "images/4.png")
    let batches = try all(
      BatchLoader(set, settings: settings(workers: 0), device: .cpu, epochs: 1))
    // 5 stands in for 3 and 4.
    #expect(batches.flatMap(\.pictures).sorted() == [0, 1, 2, 5, 5, 5, 6, 7])
    let loader = try BatchLoader(set, settings: settings(workers: 4), device: .cpu, epochs: 1)
    #expect(try all(loader) == batches)
    #expect(
      loader.problems.map(\.description) == [
        "\(folder.path)/images/3.png: not a picture; expected JPEG, PNG, BMP, WebP, TIFF, "
          + "PBM/PGM/PPM, JPEG 2000, AVIF, Sun raster",
        "\(folder.path)/images/4.png: empty file where a picture was expected",
      ])
  }

  @Test func `a set without a readable picture is an error`() throws {
    let folder = try TemporaryFolder()
    let set = try dataset(folder, count: 2)
    for index in 0..<2 { try folder.write("x", to: "images/\(index).png") }
    let loader = try BatchLoader(set, settings: settings(), device: .cpu)
    #expect {
      try loader.next()
    } throws: { error in
      guard case .noPictures(folder.path + "/images", let first?) = error as? DatasetError else {
        return false
      }
      return first.path.hasPrefix(folder.path + "/images/")
        && first.reason.contains("not a picture")
    }
    #expect(throws: DatasetError.noPictures(path: "the data set")) {
      try BatchLoader(
        DetectionDataset(pictures: [], names: ["a"]), settings: settings(), device: .cpu)
    }
  }

  @Test func `the cost of a cache is known before`() throws {
    let folder = try TemporaryFolder()
    let set = try dataset(folder, count: 2)
    // 40×30 becomes 64×48, 50×40 becomes 64×51.
    #expect(
      BatchLoader.cacheBytes(of: set, width: 64, height: 64) == 3 * 64 * (48 + 51))
    #expect(BatchLoader.cacheBytes(of: set, width: 64, height: 64, channels: 1) == 64 * (48 + 51))
  }

  @Test func `batches ahead keep to their bound`() {
    var settings = settings(workers: 8, batchSize: 4)
    // A batch is 4 · 64 · 64 · 3 = 49,152 bytes.
    settings.memoryLimit = 3 * 49_152
    #expect(settings.batchesAhead == 3)
    settings.memoryLimit = 1
    #expect(settings.batchesAhead == 1)
    settings.memoryLimit = 1 << 40
    #expect(settings.batchesAhead == 10)
    settings.augmentation.degrees = 5
    settings.memoryLimit = 2 * 4 * 49_152
    #expect(settings.batchesAhead == 2)
  }

  @Test func `gray pictures have one channel`() throws {
    let folder = try TemporaryFolder()
    let set = try dataset(folder, count: 2)
    var gray = settings()
    gray.channels = 1
    let batch = try #require(try BatchLoader(set, settings: gray, device: .cpu).next())
    #expect(batch.images.shape == [2, 1, 64, 64])
  }

  @Test func `another size keeps the targets`() throws {
    let folder = try TemporaryFolder()
    let set = try dataset(folder, count: 2)
    let batch = try #require(try BatchLoader(set, settings: settings(), device: .cpu).next())
    let small = try batch.resized(longSide: 32, multiple: 32)
    #expect(small.images.shape == [2, 3, 32, 32])
    #expect(small.targets == batch.targets)
    let sizes = try MultiScale(300...500, seed: 1)
    let drawn = Set((0..<200).map { sizes(step: $0) })
    #expect(drawn == [320, 352, 384, 416, 448, 480])
    #expect(sizes(step: 5) == sizes(step: 5))
    #expect(throws: DatasetError.self) { try MultiScale(33...40, seed: 1) }
  }

  @Test func `wrong settings are refused`() throws {
    let folder = try TemporaryFolder()
    let set = try dataset(folder, count: 1)
    for change in [
      { (settings: inout BatchLoader.Settings) in settings.batchSize = 0 },
      { $0.width = 0 }, { $0.channels = 2 }, { $0.workers = -1 },
      { $0.augmentation.mosaic = 1.5 }, { $0.augmentation.scale = 1 },
      { $0.augmentation.hue = .nan }, { $0.cache = .disk }, { $0.rectangularStride = 32 },
      {
        $0.augmentation.mosaic = 0
        $0.rectangularStride = 48
      },
    ] {
      var wrong = settings()
      change(&wrong)
      #expect(throws: DatasetError.self) {
        try BatchLoader(set, settings: wrong, device: .cpu)
      }
    }
  }

  // At 64 and stride 16, in batches of two from the widest: heights over widths are 30/40 (0),
  // 40/50 (1), 50/60 (2), 60/40 (3), 30/50 (4), 40/60 (5): 4 and 5 (0.6, 0.667) take 64×48 (43
  // rows), 0 and 1 (0.75, 0.8) 64×64 (51 rows), 2 and 3 (0.833, 1.5) 64×64.
  @Test func `rectangular batches have pictures of like proportions`() throws {
    let folder = try TemporaryFolder()
    let set = try dataset(folder, count: 6)
    var rectangular = settings(batchSize: 2)
    rectangular.augmentation.mosaic = 0
    rectangular.augmentation.horizontalFlip = 0
    rectangular.rectangularStride = 16
    let loader = try BatchLoader(set, settings: rectangular, device: .cpu, epochs: 4)
    var shapes: [[Int]: Set<[Int]>] = [:]
    var orders: Set<[[Int]]> = []
    var order: [[Int]] = []
    while let batch = try loader.next() {
      shapes[batch.pictures, default: []].insert(batch.images.shape)
      #expect(batch.targets.count == 2)
      order.append(batch.pictures)
      if batch.isLastOfEpoch {
        orders.insert(order)
        order = []
      }
      guard batch.pictures == [4, 5] else { continue }
      // 50×30 becomes 64×38, 5 rows down; half of it is 32 wide, a quarter of it 9.5 high.
      let target = batch.targets[0]
      #expect(abs(target.centerY - (5 + 19) / 48) < 1e-6 && abs(target.height - 9.5 / 48) < 1e-6)
      #expect(target.centerX == 0.5 && target.width == 0.5)
    }
    #expect(
      shapes == [
        [4, 5]: [[2, 3, 48, 64]], [0, 1]: [[2, 3, 64, 64]], [2, 3]: [[2, 3, 64, 64]],
      ])
    #expect(orders.count > 1)
    rectangular.workers = 0
    let resumed = try BatchLoader(
      set, settings: rectangular, device: .cpu, epoch: 1, batch: 1, epochs: 4)
    let reference = try all(BatchLoader(set, settings: rectangular, device: .cpu, epochs: 4))
    #expect(try all(resumed) == Array(reference[4...]))
  }

  @Test func `a batch of another size keeps its proportions`() throws {
    let images = try Tensor.zeros([1, 3, 320, 416])
    let batch = TrainingBatch(
      images: images, targets: [], pictures: [0], pictureCount: 1, epoch: 0, index: 0,
      isLastOfEpoch: true)
    // 320·608/416 = 467.7 → 480; 320·256/416 = 196.9 → 224.
    #expect(try batch.resized(longSide: 608, multiple: 32).images.shape == [1, 3, 480, 608])
    #expect(try batch.resized(longSide: 256, multiple: 32).images.shape == [1, 3, 224, 256])
    #expect(try batch.resized(longSide: 416, multiple: 32).images.shape == [1, 3, 320, 416])
  }

  // Other suites' tensors come and go meanwhile, now some dozens, now thousands. One kept in each
  // batch would show in the calmest round too.
  @Test func `no tensor outlives its batch`() throws {
    let folder = try TemporaryFolder()
    let set = try dataset(folder, count: 4)
    var small = settings()
    (small.width, small.height, small.cache) = (32, 32, .ram)
    let loader = try BatchLoader(set, settings: small, device: .cpu)
    _ = try loader.next()
    var growth: [Int] = []
    while growth.count < 20, growth.allSatisfy({ $0 >= 200 }) {
      let before = TorchRuntime.liveTensorCount
      for _ in 0..<300 { _ = try loader.next() }
      growth.append(TorchRuntime.liveTensorCount - before)
    }
    #expect(growth.contains { $0 < 200 }, "\(growth)")
  }

  @Test(.enabled(if: Device.cudaIsAvailable, "no GPU"))
  func `a GPU makes the same batches`() throws {
    let folder = try TemporaryFolder()
    let set = try dataset(folder, count: 9)
    for degrees in [0.0, 20] {
      var settings = settings()
      settings.augmentation.degrees = degrees
      let reference = try all(BatchLoader(set, settings: settings, device: .cpu, epochs: 2))
      for cache in PictureCache.allCases {
        settings.cache = cache
        settings.cacheFolder = folder.path + "/cache"
        let found = try all(BatchLoader(set, settings: settings, device: .cuda(0), epochs: 2))
        #expect(found.map(\.targets) == reference.map(\.targets))
        for (a, b) in zip(found, reference) {
          let far = zip(a.images, b.images).count { abs($0 - $1) > 1e-3 }
          // A point on a tile's edge may round to either side.
          #expect(far <= (degrees == 0 ? 0 : a.images.count / 1_000))
        }
      }
    }
  }
}
