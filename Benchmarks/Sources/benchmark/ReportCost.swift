import Foundation
import Reports
import Training

/// What an epoch's figures cost: a row of `results.csv`, an event and the run's page, in runs of 10
/// to 10,000 epochs.
///
/// An epoch takes as long as it says, so that the page is written as often as in a run whose epochs
/// do.
///
/// - Returns: whether an epoch of the longest run costs at most twice one of 1,000.
func reportStaysCheap(_ options: Options) throws -> Bool {
  print(
    "cost of an epoch's figures, ms; epochs of 5 ms, median (range) of \(options.rounds) rounds")
  var medians: [Int: Double] = [:]
  for epochs in [10, 100, 1000, 10_000] {
    var (cost, share, bytes) = (Samples(), Samples(), 0)
    for _ in 0..<options.rounds {
      let folder = FileManager.default.temporaryDirectory
        .appendingPathComponent("pare-report-\(UUID().uuidString)").path
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let report = try RunReport(RunFolder(path: folder), after: [], techniques: [])
      var history: [EpochFigures] = []
      var spent = 0.0
      let whole = try seconds {
        for epoch in 0..<epochs {
          usleep(5000)
          var figures = EpochFigures(
            epoch: epoch, losses: [1, 2, 3, 6].map { $0 / Double(epoch + 1) }, learningRate: 0.01,
            imagesPerSecond: 100)
          (figures.map50, figures.map) = (0.5, 0.25)
          history.append(figures)
          spent += try seconds { try report.update(history, isLast: epoch == epochs - 1) }
        }
      }
      cost.append(1000 * spent / Double(epochs))
      share.append(100 * spent / whole)
      bytes = try Data(contentsOf: URL(fileURLWithPath: folder + "/report.html")).count
    }
    medians[epochs] = cost.median
    print("  \(epochs) epochs: \(cost); \(share) % of the time; a page of \(bytes >> 10) KiB")
  }
  return (medians[10_000] ?? .infinity) <= 2 * (medians[1000] ?? 0)
}
