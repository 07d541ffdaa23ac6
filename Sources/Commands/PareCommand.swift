import ArgumentParsing
import Diagnosis

/// The command `pare`: every subcommand's definition, without its work.
///
/// The front (`pare`) and the engine (`pare-engine`) parse with the same definitions. Each does
/// the work of some commands by conforming them to ``Executable``.
package struct PareCommand: ParsableCommand {
  package static let version = "0.1.0"

  package static let configuration = CommandConfiguration(
    commandName: "pare",
    abstract: "Makes YOLO detectors small: trains, prunes, tests and runs them.",
    discussion: """
      A network is always a pair of files: a Darknet cfg and its weights. Results go to stdout, \
      progress and warnings to stderr.
      """,
    version: version + (BuildStamp.commit.map { " (commit \($0))" } ?? ""),
    subcommands: [
      ConfigCommand.self, DatasetCommand.self, AnchorsCommand.self, ProfileCommand.self,
      ConvertCommand.self, TrainCommand.self, TestCommand.self, DetectCommand.self,
      PruneCommand.self, QuantizeCommand.self, ExportCommand.self, CompareCommand.self,
      DoctorCommand.self,
    ])

  package init() {}

  /// Every command that the engine does the work of.
  package static var engineCommands: [any EngineCommand.Type] {
    func below(_ command: any ParsableCommand.Type) -> [any EngineCommand.Type] {
      let own = (command as? any EngineCommand.Type).map { [$0] } ?? []
      return own + command.configuration.subcommands.flatMap { below($0) }
    }
    return below(PareCommand.self)
  }
}
