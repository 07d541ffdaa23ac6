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
  ///
  /// - Parameter count: how many there are, if more than the entries.
  static func list(_ problems: [some CustomStringConvertible], what: String, count: Int? = nil) {
    guard !problems.isEmpty else { return }
    let count = count ?? problems.count
    warn("\(count) \(what):")
    for problem in problems.prefix(10) { note("  \(problem)") }
    if count > 10 { note("  and \(count - 10) more") }
  }
}
