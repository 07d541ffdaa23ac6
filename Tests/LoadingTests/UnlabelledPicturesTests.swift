import Datasets
import Testing
import Torch
import Vision
import _TestSupport

@testable import Loading

@Suite struct UnlabelledPicturesTests {
  /// Pictures with a label each, and some whose labels are not known.
  private func dataset(
    _ folder: TemporaryFolder, labelled: Int, unlabelled: Int
  ) throws -> DetectionDataset {
    func picture(_ index: Int) throws -> String {
      try folder.writePicture(
        "images/\(index).png", width: 32, height: 32, color: Color(red: 9, green: 9, blue: 9))
    }
    let label = Label(classIndex: 0, centerX: 0.5, centerY: 0.5, width: 0.5, height: 0.5)
    var set = DetectionDataset(
      pictures: try (0..<labelled).map { .init(path: try picture($0), labels: [label]) },
      names: ["a"])
    set.append(unlabelled: try (0..<unlabelled).map { try picture(labelled + $0) })
    return set
  }

  private func settings(workers: Int = 2) -> BatchLoader.Settings {
    var settings = BatchLoader.Settings()
    (settings.width, settings.height, settings.batchSize) = (32, 32, 4)
    (settings.workers, settings.seed, settings.unlabelledPerBatch) = (workers, 3, 2)
    settings.augmentation = .legacy
    return settings
  }

  // Five with labels, two a batch: 2, 2 and 1. Three without, two a batch: six in three batches,
  // each twice.
  @Test func `batches have both, and an epoch has seen all with labels`() throws {
    let folder = try TemporaryFolder()
    let set = try dataset(folder, labelled: 5, unlabelled: 3)
    #expect(set.labelledCount == 5 && set.unlabelledCount == 3)
    let loader = try BatchLoader(set, settings: settings(), device: .cpu, epochs: 2)
    #expect(loader.batchesPerEpoch == 3)
    var batches: [TrainingBatch] = []
    while let batch = try loader.next() { batches.append(batch) }
    #expect(
      batches.count == 6
        && batches.map(\.isLastOfEpoch) == [false, false, true, false, false, true])
    for epoch in 0..<2 {
      let own = batches.filter { $0.epoch == epoch }
      #expect(own.map(\.images.shape[0]) == [4, 4, 3])
      let pictures = own.flatMap(\.pictures)
      #expect(pictures.filter { $0 < 5 }.sorted() == [0, 1, 2, 3, 4])
      #expect(pictures.filter { $0 >= 5 }.sorted() == [5, 5, 6, 6, 7, 7])
      for batch in own {
        let isLabelled = try #require(batch.isLabelled)
        #expect(isLabelled == batch.pictures.map { $0 < 5 })
        // Mosaics of pictures without labels are of such alone.
        #expect(batch.targets.allSatisfy { isLabelled[$0.imageIndex] })
      }
    }
    #expect(batches[0].pictures != batches[3].pictures)

    // From the middle, and by another number of threads, the same.
    let later = try BatchLoader(
      set, settings: settings(workers: 0), device: .cpu, epoch: 1, batch: 1, epochs: 2)
    let batch = try #require(try later.next())
    #expect(batch.pictures == batches[4].pictures && batch.targets == batches[4].targets)
    #expect(try batch.images.toFloats() == batches[4].images.toFloats())
  }

  @Test func `an unreadable picture is replaced by one of its kind`() throws {
    let folder = try TemporaryFolder()
    let set = try dataset(folder, labelled: 2, unlabelled: 2)
    // The last one with labels, and the last one without.
    for index in [1, 3] { try folder.write("no picture", to: "images/\(index).png") }
    let loader = try BatchLoader(set, settings: settings(), device: .cpu, epochs: 1)
    let batch = try #require(try loader.next())
    #expect(batch.pictures.sorted() == [0, 0, 2, 2])
    #expect(batch.isLabelled == batch.pictures.map { $0 < 2 })
  }

  @Test func `the two kinds are spread over a batch`() {
    let share = UnlabelledPictures(pictures: 9, unlabelled: 3, perBatch: 2)
    #expect(share.mixed([0, 1, 2, 3], with: [6, 7]) == [0, 1, 6, 2, 3, 7])
    #expect(share.mixed([0], with: [6, 7]) == [0, 6, 7])
    #expect(share.mixed([0, 1], with: []) == [0, 1])
    #expect(share.pool(of: 5) == 0..<6 && share.pool(of: 6) == 6..<9)
    // The third batch begins with the second of the second round.
    let found = share.pictures(ofBatch: 2) { round in round == 0 ? [2, 1, 0] : [1, 2, 0] }
    #expect(found == [6 + 2, 6 + 0])
  }

  @Test func `only whole batches of pictures without labels are refused`() throws {
    let folder = try TemporaryFolder()
    let set = try dataset(folder, labelled: 2, unlabelled: 2)
    var settings = settings()
    settings.unlabelledPerBatch = 4
    #expect(throws: DatasetError.self) { try BatchLoader(set, settings: settings, device: .cpu) }
  }

  @Test func `pictures without labels are part of what a run was trained on`() throws {
    let folder = try TemporaryFolder()
    let set = try dataset(folder, labelled: 2, unlabelled: 2)
    var same = DetectionDataset(pictures: set.pictures, names: set.names)
    #expect(same.fingerprint != set.fingerprint)
    same = DetectionDataset(pictures: Array(set.pictures.prefix(2)), names: set.names)
    same.append(unlabelled: set.pictures.suffix(2).map(\.path))
    #expect(same.fingerprint == set.fingerprint)
  }
}
