import ArgumentParsing
import Commands
import Reports
import Terminal

/// Where words go: results to stdout, progress and warnings to stderr.
///
/// Lines are broken at words where the terminal ends, progress bars step aside, and what a terminal
/// would obey in the names of files and classes is written out.
package enum Console {
  /// Prints a line of the result, or several that are laid out already, such as a table.
  package static func print(_ line: String = "") throws {
    try StandardStream.output.writeLine(line)
  }

  /// Prints a table of the result: in lines that fit the terminal, whole elsewhere.
  ///
  /// - Parameter cutsNames: whether what stands first is cut before the table is parted.
  package static func print(_ table: Table, cutsNames: Bool = true) throws {
    try print(
      StandardStream.output.columns.map { table.text(width: $0, cutsNames: cutsNames) }
        ?? table.text)
  }

  /// Prints lines and tables of the result.
  package static func print(_ lines: Lines) throws {
    for part in lines.parts {
      switch part {
      case .line(let line): try print(line)
      case .table(let table, let cutsNames): try print(table, cutsNames: cutsNames)
      }
    }
  }

  /// Prints a warning.
  package static func warn(_ line: String) { note("Warning: \(line)") }

  /// Prints a line beside the result; a closed stderr is no reason to stop the work.
  package static func note(_ line: String) { try? StandardStream.error.writeLine(line) }

  /// Prints what was skipped: at most ten entries, then their number.
  ///
  /// - Parameters:
  ///   - what: "pictures skipped"; `one` is the same for a single one, "picture skipped".
  ///   - count: how many there are, if more than the entries.
  package static func list(
    _ problems: [some CustomStringConvertible], what: String, one: String? = nil,
    count: Int? = nil
  ) {
    let lines = listed(problems, what: what, one: one, count: count)
    if let first = lines.first { warn(first) }
    for line in lines.dropFirst() { note(line) }
  }

  /// The lines of such a list; none of no entries.
  static func listed(
    _ problems: [some CustomStringConvertible], what: String, one: String?, count: Int?
  ) -> [String] {
    guard !problems.isEmpty else { return [] }
    let count = count ?? problems.count
    var lines = ["\(grouped(count)) \(count == 1 ? one ?? singular(what) : what):"]
    lines += problems.prefix(10).map { "  " + "\($0)".escaped }
    if count > 10 { lines.append("  and \(grouped(count - 10)) more") }
    return lines
  }

  /// "pictures skipped" of one picture: the first word without its s.
  private static func singular(_ what: String) -> String {
    let words = what.split(separator: " ", maxSplits: 1)
    guard let first = words.first else { return what }
    let noun =
      first == "entries" ? "entry" : first.hasSuffix("s") ? String(first.dropLast()) : String(first)
    return ([noun] + words.dropFirst().map(String.init)).joined(separator: " ")
  }
}

extension ReportOptions {
  /// Prints what people are told, unless JSON goes to stdout.
  package func say(_ lines: @autoclosure () throws -> Lines) throws {
    if printsTables { try Console.print(lines()) }
  }

  /// Tells a result: to programs first, for a reader that has gone must not cost the file, then to
  /// people, whatever became of that file.
  ///
  /// - Parameter suggests: whether to say what to type next.
  package func tell(_ summary: Summary, _ json: JSONOutput, suggests: Bool = true) throws {
    let written = Result { try json.write(summary.json, tells: false) }
    try say(summary.lines)
    try written.get()
    try json.tell()
    if suggests { try suggest(summary.next) }
  }
}
