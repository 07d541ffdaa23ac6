import Terminal

/// How much lies where on a rectangle, as a self-contained SVG picture.
public struct HeatMap: Hashable, Sendable {
  /// Stands above the map.
  public var title: String
  /// Cells from left to right.
  public let columns: Int
  /// Cells from top to bottom.
  public let rows: Int
  /// `rows × columns` values from the top, at least 0.
  public let values: [Double]

  /// A map of values; those that are negative or not finite count as 0.
  ///
  /// - Precondition: `rows × columns` values.
  public init(_ title: String, columns: Int, rows: Int, values: [Double]) {
    precondition(columns > 0 && rows > 0 && values.count == columns * rows, "a value a cell")
    (self.title, self.columns, self.rows) = (title, columns, rows)
    self.values = values.map { $0.isFinite ? max($0, 0) : 0 }
  }

  /// The picture: an `svg` element with its own colours and fonts. The greatest value is darkest.
  public var svg: String {
    let (side, top) = (12, 36)
    let (mapWidth, height) = (columns * side, rows * side)
    let width = max(mapWidth, title.displayWidth * 9)
    let most = values.max() ?? 0
    var text = """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width + 2) \(height + top + 24)" \
      width="\(width + 2)" height="\(height + top + 24)" role="img">
      <title>\(escapedForXML(title))</title>
      <style>
      text { font: 12px system-ui, "DejaVu Sans", sans-serif; fill: #333; }
      text.title { font-size: 15px; font-weight: 600; }
      </style>
      <text x="1" y="22" class="title">\
      \(escapedForXML(title))</text>

      """
    for (index, value) in values.enumerated() where value > 0 {
      let (row, column) = index.quotientAndRemainder(dividingBy: columns)
      let share = Figures.fixed(value / most, 3)
      text +=
        "<rect x=\"\(1 + column * side)\" y=\"\(top + row * side)\" width=\"\(side)\" "
        + "height=\"\(side)\" fill=\"#0072B2\" fill-opacity=\"\(share)\"/>\n"
    }
    text +=
      "<rect x=\"1\" y=\"\(top)\" width=\"\(mapWidth)\" height=\"\(height)\" fill=\"none\" "
      + "stroke=\"#888\"/>\n"
    text +=
      "<text x=\"1\" y=\"\(height + top + 17)\">darkest: "
      + "\(Figures.significant(most, 3))</text>\n"
    return text + "</svg>\n"
  }
}
