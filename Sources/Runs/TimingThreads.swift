import Darknet
import Diagnosis
import Foundation
import Torch
import Training

/// Sets how many CPU threads a measurement of time uses: as ``setThreads(_:for:batchSize:on:)``,
/// but no more than other processes leave cores for. Beside a busy process two threads of a small
/// network wait for one another most of the time, and the figure says nothing of the network.
///
/// It is not for commands with results: another number of threads may change their last bit.
package func setThreadsForTiming(
  _ asked: Int?, for networks: [(spec: NetworkSpec, width: Int, height: Int)], on device: Device,
  _ observer: any RunObserver
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
    observer.note(
      "other processes keep \(cores - free) of \(cores) cores busy: times are measured on "
        + "\(free == 1 ? "1 thread" : "\(free) threads"); --threads asks for another number")
  }
  try chooseThreads(min(count, free))
}
