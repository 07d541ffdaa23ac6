import Darknet
import Diagnosis
import Foundation
import Synchronization
import Torch

/// Sets how many CPU threads a tensor operation may use, unless a number was asked for: as many as
/// the largest of the networks makes work for.
///
/// - Parameters:
///   - networks: each with the size of its input in pixels.
///   - batchSize: pictures in one pass.
package func setThreads(
  _ asked: Int?, for networks: [(spec: NetworkSpec, width: Int, height: Int)], batchSize: Int = 1,
  on device: Device
) throws {
  guard asked == nil, !device.isCUDA else { return }
  if let count = try suggestedThreads(for: networks, batchSize: batchSize) {
    try chooseThreads(count)
  }
}

/// Sets a number of threads that nobody asked for.
func chooseThreads(_ count: Int) throws {
  let before = availableThreads
  try TorchRuntime.setThreadCount(count)
  chosenThreads.withLock { $0 = (count, before) }
}

/// What ``chooseThreads(_:)`` has set, and what it found: a small network is not to keep
/// threads from a large one that the same program runs after it.
private let chosenThreads = Mutex<(count: Int, before: Int)?>(nil)

/// CPU threads that tensor operations had before a run chose fewer by itself.
private var availableThreads: Int {
  let now = TorchRuntime.threadCount
  return chosenThreads.withLock { chosen in
    if let chosen, chosen.count == now { chosen.before } else { now }
  }
}

/// How many CPU threads the largest of some networks makes work for; nil for no network.
///
/// Never more than the machine has cores, or the limits of a container and `OMP_NUM_THREADS` leave.
package func suggestedThreads(
  for networks: [(spec: NetworkSpec, width: Int, height: Int)], batchSize: Int
) throws -> Int? {
  let cores = min(availableThreads, Machine.current().cores)
  return try networks.map { network in
    try network.spec.profile(width: network.width, height: network.height)
      .suggestedThreads(batchSize: batchSize, cores: cores)
  }.max()
}

/// The device that a user names, ready for what has to be exact.
///
/// - Parameter threads: CPU threads of tensor operations, where a number was asked for.
package func openDevice(_ name: String, threads: Int? = nil) throws -> Device {
  if let threads { try TorchRuntime.setThreadCount(threads) }
  let device = try Device.named(name)
  // TF32's 10 bits of mantissa would fail proofs and move boxes.
  if device.isCUDA { try TorchRuntime.setAllowsTF32(false) }
  return device
}

/// Threads that decode pictures, unless a number is asked for: as many as the machine has cores.
var processorCount: Int { ProcessInfo.processInfo.activeProcessorCount }

/// An absolute path, for what is read elsewhere.
package func absolute(_ path: String) -> String {
  URL(filePath: path).standardizedFileURL.path(percentEncoded: false)
}

/// A path as short as it can be from here.
package func displayed(_ path: String) -> String {
  let here = FileManager.default.currentDirectoryPath + "/"
  return path.hasPrefix(here) ? String(path.dropFirst(here.count)) : path
}
