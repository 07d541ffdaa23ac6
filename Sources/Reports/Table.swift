import Terminal

/// Rows and columns of text, for terminals, Markdown and HTML.
public struct Table: Hashable, Sendable {
  /// On which side a column's text stands.
  public enum Alignment: Hashable, Sendable {
    case left, right
  }

  /// A column's heading and side.
  public struct Column: Hashable, Sendable {
    /// The heading.
    public var title: String
    /// Numbers stand right, words left.
    public var alignment: Alignment

    /// A column.
    public init(_ title: String, _ alignment: Alignment = .right) {
      (self.title, self.alignment) = (title, alignment)
    }
  }

  /// From left to right.
  public var columns: [Column]
  /// From top to bottom; missing cells are empty, surplus ones are not shown.
  public private(set) var rows: [[String]] = []
  /// Rows with a line above them, such as totals.
  private var separated: Set<Int> = []

  /// An empty table.
  public init(_ columns: [Column]) { self.columns = columns }

  /// An empty table whose first column stands left and whose others stand right.
  public init(_ titles: String...) {
    columns = titles.enumerated().map { Column($1, $0 == 0 ? .left : .right) }
  }

  /// Adds a row below; `isSeparated` draws a line above it.
  public mutating func append(_ cells: [String], isSeparated: Bool = false) {
    if isSeparated { separated.insert(rows.count) }
    rows.append(cells)
  }

  /// Lines for a terminal: columns two spaces apart, a rule under the headings, no trailing spaces.
  public var text: String {
    // Names of classes and files are others' choice: a cell is one line of plain characters.
    let titles = columns.map(\.title.escaped)
    let rows = rows.map { $0.map(\.escaped) }
    let widths = columns.indices.map { column in
      ([titles[column]] + rows.map { Self.cell($0, column) }).map(\.displayWidth).max() ?? 0
    }
    func line(_ cells: [String]) -> String {
      let padded = columns.indices.map { column in
        Self.cell(cells, column).padded(
          toWidth: widths[column], isRight: columns[column].alignment == .right)
      }
      var line = padded.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line
    }
    let rule = widths.map { String(repeating: "─", count: $0) }.joined(separator: "  ")
    var lines = [line(titles), rule]
    for (index, row) in rows.enumerated() {
      if separated.contains(index) { lines.append(rule) }
      lines.append(line(row))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A table of GitHub's Markdown.
  public var markdown: String {
    func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }
    func escaped(_ text: String) -> String {
      text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
    }
    let sides = columns.map { $0.alignment == .right ? "---:" : "---" }
    let body = rows.map { row in
      line(columns.indices.map { escaped(Self.cell(row, $0)) })
    }
    return ([line(columns.map { escaped($0.title) }), line(sides)] + body).joined(separator: "\n")
      + "\n"
  }

  /// An HTML `table` element.
  public var html: String {
    func row(_ cells: [String], _ tag: String, _ attributes: String = "") -> String {
      let cells = columns.indices.map { column in
        let side = columns[column].alignment == .right ? " class=\"right\"" : ""
        return "<\(tag)\(side)>\(escapedForXML(Self.cell(cells, column)))</\(tag)>"
      }
      return "<tr\(attributes)>" + cells.joined() + "</tr>\n"
    }
    let body = rows.enumerated().map { index, cells in
      row(cells, "td", separated.contains(index) ? " class=\"total\"" : "")
    }
    return "<table>\n<thead>\n" + row(columns.map(\.title), "th") + "</thead>\n<tbody>\n"
      + body.joined() + "</tbody>\n</table>\n"
  }

  private static func cell(_ row: [String], _ column: Int) -> String {
    row.indices.contains(column) ? row[column] : ""
  }
}
