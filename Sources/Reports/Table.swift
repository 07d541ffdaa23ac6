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
  public var text: String { text(columns.indices.map { $0 }, widths) }

  /// Columns of a terminal that ``text`` takes.
  public var width: Int { Self.sum(widths[...]) }

  /// Words are cut to no less than this.
  private static let leastWords = 16

  /// As ``text``, in lines of at most `width` columns: words in columns that stand left are cut in
  /// their middle; what is still too wide comes in parts, one below the other, each with the first
  /// column.
  ///
  /// - Parameter cutsNames: whether words of the first column are cut where they leave half of the
  ///   width or more to the others.
  public func text(width: Int, cutsNames: Bool = true) -> String {
    var widths = widths
    let keepsFirst = !cutsNames && widths.first.map { 2 * $0 <= width } ?? false
    while case let excess = Self.sum(widths[...]) - width, excess > 0 {
      let words = columns.indices.filter {
        columns[$0].alignment == .left && widths[$0] > Self.leastWords && !($0 == 0 && keepsFirst)
      }
      guard let widest = words.max(by: { widths[$0] < widths[$1] }) else { break }
      widths[widest] = max(widths[widest] - excess, Self.leastWords)
    }
    var parts: [[Int]] = [[]]
    for column in columns.indices {
      let part = (parts.last ?? []) + [column]
      if part.count > 2, Self.sum(part.map { widths[$0] }[...]) > width {
        parts.append([0, column])
      } else {
        parts[parts.count - 1] = part
      }
    }
    return parts.map { text($0, widths) }.joined(separator: "\n")
  }

  /// Columns of a terminal that a row takes.
  private static func sum(_ widths: ArraySlice<Int>) -> Int {
    widths.reduce(0, +) + 2 * max(widths.count - 1, 0)
  }

  /// Of each column, headings and cells.
  private var widths: [Int] {
    columns.indices.map { column in
      ([columns[column].title] + rows.map { Self.cell($0, column) })
        .map(\.escaped.displayWidth).max() ?? 0
    }
  }

  /// Some of the columns, each as wide as that.
  private func text(_ shown: [Int], _ widths: [Int]) -> String {
    func line(_ cells: [String]) -> String {
      let padded = shown.map { column in
        // Names of classes and files are others' choice: a cell is one line of plain characters.
        Self.cell(cells, column).escaped.shortened(toWidth: widths[column]).padded(
          toWidth: widths[column], isRight: columns[column].alignment == .right)
      }
      var line = padded.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line
    }
    let rule = shown.map { String(repeating: "─", count: widths[$0]) }.joined(separator: "  ")
    var lines = [line(columns.map(\.title)), rule]
    for (index, row) in rows.enumerated() {
      if separated.contains(index) { lines.append(rule) }
      lines.append(line(row))
    }
    return lines.joined(separator: "\n") + "\n"
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
