import Commands
import Darknet
import Terminal

/// Prints lines to stdout.
func show(_ lines: [String]) throws(StreamError) {
  guard !lines.isEmpty else { return }
  for line in lines { try StandardStream.output.writeLine(line) }
}

/// Rows of words, every column but the last as wide as its widest word.
func columns(_ rows: [[String]]) -> [String] {
  let count = rows.map(\.count).max() ?? 0
  let widths = (0..<count).map { column in
    rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
  }
  return rows.map { row in
    let cells = row.enumerated().map { column, word in
      column + 1 == row.count
        ? word : word + String(repeating: " ", count: widths[column] - word.count)
    }
    return cells.joined(separator: "  ")
  }
}

/// Says what to type next, on a line of its own that is not broken, so that it can be copied.
func suggest(_ report: ReportOptions, _ purpose: String, _ command: [String]) throws(StreamError) {
  guard report.printsTables, !report.quiet else { return }
  let line = shellCommand(["pare"] + command).escaped
  try StandardStream.output.write("next, \(purpose):\n  \(line)\n")
}
