import ArgumentParsing
import Commands
import Runs

/// Work that a signal has ended.
package struct Stopped: ExitStatusError {
  package let description: String

  /// What is said of it.
  package init(_ description: String) { self.description = description }

  package var exitCode: ExitCode { ExitCode(Interruption.exitStatus) }
}

extension ConsoleObserver {
  /// Says what the options let it say, and stops the run when a signal comes.
  package convenience init(_ report: ReportOptions, leavesBars: Bool = true) {
    self.init(
      isQuiet: report.quiet, leavesBars: leavesBars, isAskedToStop: { Interruption.isRequested })
  }
}
