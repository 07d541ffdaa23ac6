import Darknet
import Loading
import Reports
import Torch

/// Trains 1,000 small steps, data loading included, and compares memory after 100 and at the end.
///
/// - Returns: whether resident memory grew by 2 % at most and no tensor was left over.
func memoryStays(_ options: Options) throws -> Bool {
  var small = options
  (small.batch, small.size) = (4, 64)
  let step = try TrainingStep(
    BuiltInNetwork.yolov4Tiny.configuration(classes: 4, width: small.size, widthMultiple: 0.25))
  var stays = false
  try withSyntheticDataset(pictures: 64, side: 96) { dataset in
    let loader = try BatchLoader(dataset, settings: loading(small), device: .cpu)
    defer { loader.close() }
    var early = (resident: 0, tensors: 0)
    var late = early
    for number in 1...1000 {
      guard let batch = try loader.next() else { break }
      try step(batch.images, batch.targets)
      if number == 100 { early = (MemoryUsage.resident ?? 0, TorchRuntime.liveTensorCount) }
      if number == 1000 { late = (MemoryUsage.resident ?? 0, TorchRuntime.liveTensorCount) }
    }
    let growth = 100 * (Double(late.resident) / Double(early.resident) - 1)
    print("narrow yolov4-tiny, batch \(small.batch), \(small.size) px")
    print("  after 100 steps:   \(early.resident >> 10) KiB resident, \(early.tensors) tensors")
    print("  after 1,000 steps: \(late.resident >> 10) KiB resident, \(late.tensors) tensors")
    print("  growth, %: \(rounded(growth)) (at most 2)")
    stays = growth <= 2 && late.tensors == early.tensors
  }
  return stays
}
