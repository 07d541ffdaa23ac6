import Terminal

/// Bars of two values each, the second inside of the first: how much of each thing is left.
public struct PairedBars: Hashable, Sendable {
  /// One bar.
  public struct Bar: Hashable, Sendable {
    /// Stands before the bar.
    public var name: String
    /// How long the outer bar is, above 0.
    public var whole: Int
    /// How long the inner bar is, `0...whole`.
    public var left: Int

    /// A bar.
    public init(_ name: String, whole: Int, left: Int) {
      (self.name, self.whole, self.left) = (name, whole, left)
    }
  }

  /// What the names are, such as "layer".
  public var title: String
  /// From top to bottom.
  public var bars: [Bar]

  /// Bars on one scale.
  public init(_ title: String, _ bars: [Bar]) { (self.title, self.bars) = (title, bars) }

  /// A table whose bars are as wide as its column: it fits a telephone, and its figures can be
  /// copied.
  public var html: String {
    let longest = Double(max(bars.map(\.whole).max() ?? 1, 1))
    let width = { (value: Int) in Figures.fixed(100 * Double(value) / longest, 2) }
    var text = "<table class=\"bars\">\n<thead><tr><th class=\"right\">\(escapedForXML(title))</th>"
    text += "<th>before, and what is left</th><th class=\"right\">left</th></tr></thead>\n<tbody>\n"
    for bar in bars {
      let share = Figures.percent(Double(bar.left) / Double(max(bar.whole, 1)), 0)
      text += "<tr><td class=\"right\">\(escapedForXML(bar.name))</td>"
      text += "<td><span class=\"whole\" style=\"width:\(width(bar.whole))%\"></span>"
      text += "<span class=\"left\" style=\"width:\(width(bar.left))%\"></span></td>"
      text += "<td class=\"right\">\(bar.left) of \(bar.whole), \(share)</td></tr>\n"
    }
    return text + "</tbody>\n</table>\n"
  }

  /// What the page needs to draw them.
  static let style = """
    .bars { width: 100%; } .bars th:nth-child(2) { width: 60%; }
    .bars td { position: relative; padding-top: 0.15rem; padding-bottom: 0.15rem; }
    .bars td:nth-child(2) { height: 1.3rem; }
    .bars span { position: absolute; left: 0; height: 0.8rem; top: 0.35rem; border-radius: 2px; }
    .bars .whole { background: #c8d3dd; } .bars .left { background: #0072b2; }
    .bars td:last-child { white-space: nowrap; }
    """
}
