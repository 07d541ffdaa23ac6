import Reports
import Terminal

/// Lines and tables for people, in the order in which they are said.
package struct Lines: Hashable, Sendable {
  /// One of them.
  package enum Part: Hashable, Sendable {
    /// A line, which a terminal breaks at words, or several that are laid out already.
    case line(String)
    /// A table, which a terminal has in its width; whether its first column is cut for that.
    case table(Table, cutsNames: Bool)
  }

  /// From the first to the last.
  package private(set) var parts: [Part] = []

  /// None.
  package init() {}

  /// Adds a line, an empty one unless given.
  package mutating func add(_ line: String = "") { parts.append(.line(line)) }

  /// Adds lines.
  package mutating func add(_ lines: [String]) { parts += lines.map { .line($0) } }

  /// Adds a table, which an empty line ends.
  ///
  /// - Parameter cutsNames: whether what stands first is cut before the table is parted.
  package mutating func add(_ table: Table, cutsNames: Bool = true) {
    parts.append(.table(table, cutsNames: cutsNames))
  }

  /// Adds what others say.
  package mutating func add(_ others: Lines) { parts += others.parts }

  /// All of it as a file has it.
  package var text: String {
    parts.map { part in
      switch part {
      case .line(let line): line.escapedLines + "\n"
      case .table(let table, _): table.text + "\n"
      }
    }.joined()
  }
}
