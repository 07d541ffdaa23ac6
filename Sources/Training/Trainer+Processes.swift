import Networks
import Torch

extension Trainer {
  /// Makes running statistics the mean over all processes: each batch moves those of one process by
  /// its own pictures.
  func shareStatistics() throws {
    guard communicator.size > 1 else { return }
    let statistics = try network.allParameters.filter { $0.group == .statistics }.map(\.value)
    try withoutGrad {
      try communicator.sumInPlace(statistics)
      for tensor in statistics { _ = try tensor.mulInPlace(1 / Double(communicator.size)) }
    }
  }
}
