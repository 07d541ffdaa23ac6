import Commands
import Darknet
import Datasets
import Foundation
import Runs
import Summaries

extension DatasetCheckCommand: Executable {
  package func execute() throws {
    let json = try JSONOutput(report)
    let network = try FittedNetwork(network)
    var settings = DatasetAudit.Settings()
    (settings.inputWidth, settings.inputHeight) = (network.width, network.height)
    settings.workers = workers ?? ProcessInfo.processInfo.activeProcessorCount
    let audit = try DatasetAudit(DataFile(contentsOf: data.data), settings: settings)
    let outcome = run(audit)
    let summary = outcome.summary(of: audit, for: network, self)
    let isSound = outcome.errorCount == 0
    try report.tell(summary, json, suggests: isSound)
    guard isSound else { throw EngineError.problemsFound(outcome.errorCount) }
  }

  private func run(_ audit: DatasetAudit) -> DatasetAudit.Outcome {
    var bars: [DatasetAudit.Stage: ConsoleProgress] = [:]
    let outcome = audit.run { stage, done, total in
      let bar =
        bars[stage]
        ?? ConsoleProgress(
          stage == .pictures ? "pictures" : "copies", total: total, done: done,
          isQuiet: report.quiet)
      bars[stage] = bar
      bar.update(done)
      if done == total { bar.finish() }
    }
    return outcome
  }
}
