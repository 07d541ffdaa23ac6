import ArgumentParsing

/// A command whose work needs libtorch or OpenCV: the front starts the engine for it.
package protocol EngineCommand: ParsableCommand {
  /// What to tell the user about options that were accepted but change nothing; one line each,
  /// printed to stderr before the work.
  var notices: [String] { get }

  /// Pictures per pass as '--batch-size' sets them; nil for a command without it.
  var picturesPerPass: Int? { get }
}

extension EngineCommand {
  package var notices: [String] { [] }
  package var picturesPerPass: Int? { nil }
}

/// A command with its work: the front conforms some commands to it, the engine the others.
package protocol Executable: ParsableCommand {
  /// Does the work, prints the result.
  ///
  /// - Throws: any error whose description is one line; exit status 1. ``ValidationError`` for
  ///   wrong usage that only shows now; exit status 64.
  func execute() throws
}
