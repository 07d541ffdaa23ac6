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
