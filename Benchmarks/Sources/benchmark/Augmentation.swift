import Darknet
import Datasets
import Foundation
import Loading
import Torch

/// Prints what reading and augmenting pictures adds to a training step.
///
/// Steps on one fixed batch and steps on the loader's batches are timed in turn; the loader works
/// ahead on threads of its own, on the same processors.
func measureAugmentation(_ options: Options) throws {
  let configuration = try Configuration(contentsOf: options.requiredCfg())
  let step = try TrainingStep(configuration)
  let fixed = try step.randomBatch(options)
  try withSyntheticDataset(pictures: 16 * options.batch, side: options.size) { dataset in
    let settings = loading(options)
    var plain = Samples()
    var augmented = Samples()
    var shares = Samples()
    for _ in 0..<3 {
      try step(fixed.images, fixed.targets)
      let without = try seconds {
        for _ in 0..<options.repeats { try step(fixed.images, fixed.targets) }
      }
      let loader = try BatchLoader(dataset, settings: settings, device: .cpu)
      defer { loader.close() }
      let run = {
        guard let batch = try loader.next() else { return }
        try step(batch.images, batch.targets)
      }
      // Until what was made ahead is used up, and each step waits for its own share of the work.
      for _ in 0..<(settings.workers + 3) { try run() }
      let with = try seconds { for _ in 0..<options.repeats { try run() } }
      plain.append(without / Double(options.repeats))
      augmented.append(with / Double(options.repeats))
      shares.append(100 * (with - without) / with)
    }
    print("batch \(options.batch), \(options.size) px, mosaic, HSV, flip; seconds a step")
    print("  without: \(plain)")
    print("  with:    \(augmented)")
    print("  share of a step, %: \(shares)")
  }
}

/// Training batches as `pare train` has them.
func loading(_ options: Options) -> BatchLoader.Settings {
  var settings = BatchLoader.Settings()
  settings.batchSize = options.batch
  (settings.width, settings.height) = (options.size, options.size)
  settings.augmentation = .legacy
  return settings
}

/// Calls `body` with a drawn data set that is removed afterwards.
func withSyntheticDataset(
  pictures: Int, side: Int, _ body: (DetectionDataset) throws -> Void
) throws {
  let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("pare-benchmark-\(ProcessInfo.processInfo.processIdentifier)").path
  defer { try? FileManager.default.removeItem(atPath: folder) }
  var drawing = SyntheticDataset(output: folder)
  (drawing.train, drawing.valid, drawing.test, drawing.side) = (pictures, 0, 0, side)
  let data = try DataFile(contentsOf: drawing.draw().data)
  try body(DetectionDataset(data, split: .train))
}
