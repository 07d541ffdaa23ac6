import Commands
import Runs
import Terminal

extension DoctorCommand: Executable {
  /// The engine's own checks, for the front to read.
  package func execute() throws {
    try EngineChecks { try StandardStream.output.write($0.text + "\n") }.perform()
  }
}
