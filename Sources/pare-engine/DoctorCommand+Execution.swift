import Commands
import Runs
import Terminal

extension DoctorCommand: Executable {
  /// The engine's own checks, and those of codes beside the weights, for the front to read.
  package func execute() throws {
    let pair = cfg.flatMap { cfg in weights.map { (cfg, $0) } }
    try EngineChecks(of: pair) { try StandardStream.output.write($0.text + "\n") }.perform()
  }
}
