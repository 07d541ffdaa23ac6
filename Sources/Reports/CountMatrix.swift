import Terminal

/// How often one thing came with another, as a table whose cells are the darker the greater their
/// share of the row: a confusion matrix.
public struct CountMatrix: Hashable, Sendable {
  /// What the rows are, such as "labelled as".
  public var rowTitle: String
  /// What the columns are, such as "predicted as".
  public var columnTitle: String
  /// From top to bottom.
  public var rows: [String]
  /// From left to right.
  public var columns: [String]
  /// A row each, a value for each column; nil where there can be none.
  public var counts: [[Int?]]

  /// A matrix.
  ///
  /// - Precondition: a value for each row and column.
  public init(
    rowTitle: String, columnTitle: String, rows: [String], columns: [String], counts: [[Int?]]
  ) {
    precondition(counts.count == rows.count, "a row of counts for each row")
    precondition(counts.allSatisfy { $0.count == columns.count }, "a count for each column")
    (self.rowTitle, self.columnTitle) = (rowTitle, columnTitle)
    (self.rows, self.columns, self.counts) = (rows, columns, counts)
  }

  /// An HTML `table` element.
  public var html: String {
    let heads = columns.map { "<th>\(escapedForXML($0))</th>" }.joined()
    let body = zip(rows, counts).map { name, counts in
      let total = counts.reduce(0) { $0 + ($1 ?? 0) }
      let cells = counts.map { cell($0, share: Double($0 ?? 0) / Double(max(total, 1))) }
      return "<tr><th>\(escapedForXML(name))</th>\(cells.joined())</tr>\n"
    }
    return "<table class=\"matrix\">\n<thead>\n<tr><th class=\"axis\">\(escapedForXML(rowTitle)) ↓"
      + "</th><th class=\"axis\" colspan=\"\(max(columns.count, 1))\">"
      + "\(escapedForXML(columnTitle)) →</th></tr>\n<tr><th></th>\(heads)</tr>\n</thead>\n<tbody>\n"
      + body.joined() + "</tbody>\n</table>\n"
  }

  /// White to a dark blue, and letters that can be read on it.
  private func cell(_ count: Int?, share: Double) -> String {
    guard let count else { return "<td></td>" }
    let part = share.squareRoot()
    let channels = [(247.0, 0.0), (250.0, 90.0), (253.0, 160.0)].map { light, dark in
      "\(Int((light + (dark - light) * part).rounded()))"
    }
    return "<td style=\"background:rgb(\(channels.joined(separator: ",")))"
      + "\(part > 0.6 ? ";color:#fff" : count == 0 ? ";color:#999" : "")\">\(count)</td>"
  }
}
