import ArgumentParsing
import Commands

/// Where words go: results to stdout, progress and warnings to stderr.
enum Console {
  /// Prints a line of the result.
  static func print(_ line: String = "") throws { try StandardStream.output.write(line + "\n") }

  /// Prints a warning.
  static func warn(_ line: String) { note("Warning: \(line)") }

  /// Prints a line beside the result; a closed stderr is no reason to stop the work.
  static func note(_ line: String) { try? StandardStream.error.write(line + "\n") }

  /// Prints what was skipped: at most ten entries, then their number.
  static func list(_ problems: [some CustomStringConvertible], what: String) {
    guard !problems.isEmpty else { return }
    warn("\(problems.count) \(what):")
    for problem in problems.prefix(10) { note("  \(problem)") }
    if problems.count > 10 { note("  and \(problems.count - 10) more") }
  }
}
