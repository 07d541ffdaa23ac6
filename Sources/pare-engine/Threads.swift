import Darknet
import Diagnosis
import Foundation
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

/// Sets how many CPU threads a measurement of time uses: as ``setThreads(_:for:batchSize:on:)``, but no
/// more than other processes leave cores for. Beside a busy process two threads of a small network
/// wait for one another most of the time, and the figure says nothing of the network.
///
/// It is not for commands with results: another number of threads may change their last bit.
func setThreadsForTiming(
  _ asked: Int?, for networks: [(spec: NetworkSpec, width: Int, height: Int)], on device: Device
) throws {
  guard asked == nil, !device.isCUDA, let count = try suggestedThreads(for: networks, batchSize: 1)
  else { return }
  let before = CoreUse.current()
  usleep(100_000)
  let after = CoreUse.current()
  let working = after.workingCores(since: before)
  let cores = Machine.current().cores
  // Of more cores than a container may use, others may be free.
  let free = min(max(max(after.count, cores) - Int(working.rounded()), 1), cores)
  if free < count {
    Console.note(
      "other processes keep \(cores - free) of \(cores) cores busy: measured on "
        + "\(free == 1 ? "1 thread" : "\(free) threads"); --threads asks for another number")
  }
  try TorchRuntime.setThreadCount(min(count, free))
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
