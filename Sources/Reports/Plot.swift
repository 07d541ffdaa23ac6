import Terminal

/// A plot as a self-contained SVG picture: lines, bars or a histogram over two axes.
public struct Plot: Hashable, Sendable {
  /// A line with a name.
  public struct Line: Hashable, Sendable {
    /// Stands in the legend.
    public var name: String
    /// Points from left to right; where one is not finite, the line has a gap.
    public var x: [Double]
    /// As many as `x`.
    public var y: [Double]
    /// Whether it stands out among its neighbours, as a mean among its parts does.
    public var isMain = false

    /// A line through points.
    public init(_ name: String, x: [Double], y: [Double]) {
      precondition(x.count == y.count, "as many x as y")
      (self.name, self.x, self.y) = (name, x, y)
    }

    /// A line over 1, 2, 3, …, such as epochs.
    public init(_ name: String, _ y: [Double]) {
      self.init(name, x: y.indices.map { Double($0 + 1) }, y: y)
    }
  }

  /// A bar with a name.
  public struct Bar: Hashable, Sendable {
    /// Stands beside the bar.
    public var name: String
    /// Its length; one that is not finite shows no bar.
    public var value: Double

    /// A bar.
    public init(_ name: String, _ value: Double) { (self.name, self.value) = (name, value) }
  }

  private struct Mark: Hashable {
    var x: Double
    var label: String
  }

  private enum Content: Hashable {
    case lines([Line])
    case bars([Bar])
    case histogram(Histogram)
  }

  /// Stands above the plot.
  public var title: String
  /// Stands below the horizontal axis, with its unit.
  public var xLabel: String
  /// Stands beside the vertical axis, with its unit.
  public var yLabel: String
  /// In pixels; the picture scales to any size. Letters can still be read on a telephone's screen.
  public var width = 480
  /// In pixels; plots of bars are as high as they need.
  public var height = 300
  /// What the vertical axis of lines covers; the lines themselves unless given.
  public var yRange: ClosedRange<Double>?
  /// Whether the values are numbers of things, so that no mark stands between two whole numbers.
  public var hasCounts = false
  /// A place on the horizontal axis of lines that is pointed out, with a few words.
  public var mark: (x: Double, label: String)? {
    get { marked.map { ($0.x, $0.label) } }
    set { marked = newValue.map { Mark(x: $0.x, label: $0.label) } }
  }
  private var marked: Mark?
  private let content: Content

  /// Lines over a common axis.
  public init(_ title: String, lines: [Line], xLabel: String = "", yLabel: String = "") {
    (self.title, self.xLabel, self.yLabel) = (title, xLabel, yLabel)
    content = .lines(lines)
  }

  /// Horizontal bars from zero, one below the other.
  public init(_ title: String, bars: [Bar], xLabel: String = "") {
    (self.title, self.xLabel, yLabel) = (title, xLabel, "")
    content = .bars(bars)
  }

  /// How often values fall where.
  public init(_ title: String, _ histogram: Histogram, xLabel: String = "", yLabel: String = "") {
    (self.title, self.xLabel, self.yLabel) = (title, xLabel, yLabel)
    content = .histogram(histogram)
  }

  /// The picture: an `svg` element with its own colours and fonts.
  public var svg: String {
    switch content {
    case .lines(let lines): svg(of: lines)
    case .bars(let bars): svg(of: bars)
    case .histogram(let histogram): svg(of: histogram)
    }
  }

  private func svg(of lines: [Line]) -> String {
    let lines = lines.map { $0.thinned(toBuckets: Self.buckets) }
    let places = lines.flatMap(\.x)
    let isWhole = places.allSatisfy { $0 == $0.rounded() }
    let x = Axis(covering: places, count: 8, fits: true, isWhole: isWhole)
    let y =
      yRange.map { Axis(covering: [$0.lowerBound, $0.upperBound]) }
      ?? Axis(covering: lines.flatMap(\.y), isWhole: hasCounts)
    let left = yMargin(y)
    let legend = Legend(lines.map(\.name), left: left, right: width - 16)
    let frame = Frame(
      width: width, height: height, left: left, right: 16, plot: self, above: legend.height)
    var body = frame.horizontalGrid(y) + frame.horizontalMarks(x)
    for (index, line) in lines.enumerated() {
      let color = Self.colors[index % Self.colors.count]
      for run in runs(of: line, x, y, in: frame) {
        if run.count == 1 {
          body += "<circle cx=\"\(run[0].x)\" cy=\"\(run[0].y)\" r=\"3\" fill=\"\(color)\"/>\n"
        } else {
          let path = run.map { "\($0.x),\($0.y)" }.joined(separator: " ")
          body +=
            "<polyline points=\"\(path)\" fill=\"none\" stroke=\"\(color)\" "
            + "stroke-width=\"\(line.isMain ? 3 : 1.5)\" stroke-linejoin=\"round\"/>\n"
        }
      }
    }
    if let marked, (x.low...x.high).contains(marked.x) { body += svg(of: marked, x, in: frame) }
    return frame.document(body + legend.svg(top: frame.top - legend.height, Self.colors))
  }

  /// A dashed line from the bottom to the top, its words on the side where there is room.
  private func svg(of mark: Mark, _ axis: Axis, in frame: Frame) -> String {
    let place = frame.point(axis.position(mark.x), 0).x
    let isLeft = axis.position(mark.x) > 0.5
    return "<line x1=\"\(place)\" y1=\"\(frame.top)\" x2=\"\(place)\" y2=\"\(frame.bottom)\" "
      + "class=\"mark\"/>\n<text x=\"\(place.moved(by: isLeft ? -6 : 6))\" y=\"\(frame.bottom - 8)\" "
      + "text-anchor=\"\(isLeft ? "end" : "start")\" class=\"mark\">\(escapedForXML(mark.label))"
      + "</text>\n"
  }

  private func svg(of bars: [Bar]) -> String {
    let values = bars.map(\.value).filter(\.isFinite)
    let x = Axis(covering: values + [0], count: 6, isWhole: hasCounts)
    let names = bars.map { $0.name.truncated(toWidth: 32) }
    let left = 16 + (names.map(\.displayWidth).max() ?? 0) * 7
    let height = Frame.margins(of: self) + max(bars.count, 1) * 22 + 2
    let frame = Frame(width: width, height: height, left: left, right: 64, plot: self)
    var body = frame.verticalGrid(x)
    for (index, bar) in bars.enumerated() {
      let top = frame.top + index * 22 + 3
      let name = escapedForXML(names[index])
      body += "<text x=\"\(frame.left - 8)\" y=\"\(top + 12)\" text-anchor=\"end\">\(name)</text>\n"
      guard bar.value.isFinite else { continue }
      let from = frame.point(x.position(min(bar.value, 0)), 0).x
      let to = frame.point(x.position(max(bar.value, 0)), 0).x
      let length = Figures.fixed(to.value - from.value, 1)
      body +=
        "<rect x=\"\(from)\" y=\"\(top)\" width=\"\(length)\" height=\"16\" "
        + "fill=\"\(Self.colors[0])\"/>\n<text x=\"\(to.moved(by: 6))\" y=\"\(top + 12)\">"
        + "\(Figures.significant(bar.value, 4))</text>\n"
    }
    return frame.document(body)
  }

  private func svg(of histogram: Histogram) -> String {
    let x = Axis(covering: histogram.edges, count: 8, fits: true, isWhole: hasCounts)
    let y = Axis(covering: histogram.counts.map(Double.init) + [0], isWhole: true)
    let frame = Frame(width: width, height: height, left: yMargin(y), right: 16, plot: self)
    var body = frame.horizontalGrid(y) + frame.horizontalMarks(x)
    for (index, count) in histogram.counts.enumerated() where count > 0 {
      let low = frame.point(x.position(histogram.edges[index]), y.position(Double(count)))
      let high = frame.point(x.position(histogram.edges[index + 1]), y.position(0))
      let width = Figures.fixed(max(high.x.value - low.x.value - 1, 0.5), 1)
      let height = Figures.fixed(high.y.value - low.y.value, 1)
      body +=
        "<rect x=\"\(low.x)\" y=\"\(low.y)\" width=\"\(width)\" height=\"\(height)\" "
        + "fill=\"\(Self.colors[0])\"/>\n"
    }
    return frame.document(body)
  }

  /// The places of points between gaps.
  private func runs(of line: Line, _ x: Axis, _ y: Axis, in frame: Frame) -> [[Place]] {
    var runs: [[Place]] = [[]]
    for (px, py) in zip(line.x, line.y) {
      if px.isFinite && py.isFinite {
        runs[runs.count - 1].append(frame.point(x.position(px), y.position(py)))
      } else {
        runs.append([])
      }
    }
    return runs.filter { !$0.isEmpty }
  }

  private func yMargin(_ axis: Axis) -> Int {
    let longest = axis.ticks.map { axis.label($0).count }.max() ?? 0
    return 20 + longest * 7 + (yLabel.isEmpty ? 0 : 18)
  }

  /// Four points of each are more than the picture has columns.
  private static let buckets = 240

  /// Told apart by most people with colour blindness (M. Okabe, K. Ito, 2008), the yellow darkened.
  private static let colors = [
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#A08C00", "#555555",
  ]
}

/// A coordinate of the picture, with one decimal.
private struct Coordinate: CustomStringConvertible {
  let value: Double
  var description: String { Figures.fixed(value, 1) }
  func moved(by distance: Double) -> Coordinate { Coordinate(value: value + distance) }
}

/// Names of lines, in as many rows as they need.
private struct Legend {
  private var entries: [(name: String, x: Int, row: Int)] = []

  init(_ names: [String], left: Int, right: Int) {
    var (x, row) = (left, 0)
    for name in names {
      let width = 36 + name.displayWidth * 7
      if x + width > right, x > left { (x, row) = (left, row + 1) }
      entries.append((name, x, row))
      x += width
    }
    if !names.contains(where: { !$0.isEmpty }) { entries = [] }
  }

  /// In pixels.
  var height: Int { entries.last.map { ($0.row + 1) * 18 + 4 } ?? 0 }

  func svg(top: Int, _ colors: [String]) -> String {
    entries.enumerated().map { index, entry in
      let y = top + entry.row * 18 + 10
      return "<line x1=\"\(entry.x)\" y1=\"\(y - 4)\" x2=\"\(entry.x + 16)\" y2=\"\(y - 4)\" "
        + "stroke=\"\(colors[index % colors.count])\" stroke-width=\"3\"/>\n"
        + "<text x=\"\(entry.x + 22)\" y=\"\(y)\">\(escapedForXML(entry.name))</text>\n"
    }.joined()
  }
}

private typealias Place = (x: Coordinate, y: Coordinate)

/// The rectangle between the axes, and what stands around it.
private struct Frame {
  let width: Int
  let height: Int
  let left: Int
  let right: Int
  let top: Int
  let bottom: Int
  private let plot: Plot

  init(width: Int, height: Int, left: Int, right margin: Int, plot: Plot, above: Int = 0) {
    (self.width, self.height, self.left) = (width, height, left)
    right = max(width - margin, left + 1)
    top = Self.topMargin(of: plot) + above
    bottom = height - Self.margins(of: plot) + Self.topMargin(of: plot)
    self.plot = plot
  }

  /// Pixels above and below the rectangle.
  static func margins(of plot: Plot) -> Int {
    topMargin(of: plot) + (plot.xLabel.isEmpty ? 26 : 44)
  }

  private static func topMargin(of plot: Plot) -> Int { plot.title.isEmpty ? 12 : 36 }

  /// A place by shares of the rectangle, from the lower left.
  func point(_ x: Double, _ y: Double) -> Place {
    let (px, py) = (Double(right - left) * x, Double(bottom - top) * y)
    return (Coordinate(value: Double(left) + px), Coordinate(value: Double(bottom) - py))
  }

  func horizontalGrid(_ axis: Axis) -> String {
    axis.ticks.map { tick in
      let y = point(0, axis.position(tick)).y
      return "<line x1=\"\(left)\" y1=\"\(y)\" x2=\"\(right)\" y2=\"\(y)\" class=\"grid\"/>\n"
        + "<text x=\"\(left - 6)\" y=\"\(y.moved(by: 4))\" text-anchor=\"end\">"
        + "\(axis.label(tick))</text>\n"
    }.joined()
  }

  func horizontalMarks(_ axis: Axis) -> String {
    axis.ticks.map { tick in
      let x = point(axis.position(tick), 0).x
      return
        "<line x1=\"\(x)\" y1=\"\(bottom)\" x2=\"\(x)\" y2=\"\(bottom + 4)\" class=\"axis\"/>\n"
        + "<text x=\"\(x)\" y=\"\(bottom + 17)\" text-anchor=\"middle\">\(axis.label(tick))</text>\n"
    }.joined()
  }

  func verticalGrid(_ axis: Axis) -> String {
    axis.ticks.map { tick in
      let x = point(axis.position(tick), 0).x
      return "<line x1=\"\(x)\" y1=\"\(top)\" x2=\"\(x)\" y2=\"\(bottom)\" class=\"grid\"/>\n"
        + "<text x=\"\(x)\" y=\"\(bottom + 17)\" text-anchor=\"middle\">\(axis.label(tick))</text>\n"
    }.joined()
  }

  func document(_ body: String) -> String {
    var text =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(width) \(height)\" "
      + "width=\"\(width)\" height=\"\(height)\" role=\"img\">\n"
    if !plot.title.isEmpty { text += "<title>\(escapedForXML(plot.title))</title>\n" }
    text += """
      <style>
      text { font: 12px system-ui, "DejaVu Sans", sans-serif; fill: #333; }
      text.title { font-size: 15px; font-weight: 600; }
      line.grid { stroke: #ddd; } line.axis { stroke: #888; }
      line.mark { stroke: #333; stroke-dasharray: 4 3; } text.mark { font-weight: 600; }
      </style>
      <rect width="100%" height="100%" fill="#fff"/>

      """
    let middle = (left + right) / 2
    if !plot.title.isEmpty {
      let title = escapedForXML(plot.title)
      text +=
        "<text x=\"\(middle)\" y=\"22\" text-anchor=\"middle\" class=\"title\">\(title)</text>\n"
    }
    if !plot.xLabel.isEmpty {
      let label = escapedForXML(plot.xLabel)
      text += "<text x=\"\(middle)\" y=\"\(height - 8)\" text-anchor=\"middle\">\(label)</text>\n"
    }
    if !plot.yLabel.isEmpty {
      let y = (top + bottom) / 2
      let label = escapedForXML(plot.yLabel)
      text +=
        "<text transform=\"translate(14 \(y)) rotate(-90)\" text-anchor=\"middle\">\(label)</text>\n"
    }
    text += body
    text +=
      "<line x1=\"\(left)\" y1=\"\(bottom)\" x2=\"\(right)\" y2=\"\(bottom)\" class=\"axis\"/>\n"
    text += "<line x1=\"\(left)\" y1=\"\(top)\" x2=\"\(left)\" y2=\"\(bottom)\" class=\"axis\"/>\n"
    return text + "</svg>\n"
  }
}
