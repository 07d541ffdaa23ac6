import Darknet
import Diagnosis
import Torch

/// Sets how many CPU threads a tensor operation may use, unless a number was asked for: as many as
/// the largest of the networks makes work for.
///
/// - Parameters:
///   - networks: each with the size of its input in pixels.
///   - batchSize: pictures in one pass.
func setThreads(
  _ asked: Int?, for networks: [(spec: NetworkSpec, width: Int, height: Int)], batchSize: Int = 1,
  on device: Device
) throws {
  guard asked == nil, !device.isCUDA else { return }
  if let count = try suggestedThreads(for: networks, batchSize: batchSize) {
    try TorchRuntime.setThreadCount(count)
  }
}

/// How many CPU threads the largest of some networks makes work for; nil for no network.
///
/// Never more than the machine has cores, or the limits of a container and `OMP_NUM_THREADS` leave.
func suggestedThreads(
  for networks: [(spec: NetworkSpec, width: Int, height: Int)], batchSize: Int
) throws -> Int? {
  let cores = min(TorchRuntime.threadCount, Machine.current().cores)
  return try networks.map { network in
    try network.spec.profile(width: network.width, height: network.height)
      .suggestedThreads(batchSize: batchSize, cores: cores)
  }.max()
}
