import Foundation
import Testing

@testable import Reports

@Suite struct PlotTests {
  @Test func `axes have round marks around the values`() {
    let axis = Axis(covering: [0.13, 0.87])
    #expect(axis.ticks.map(axis.label) == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"])
    #expect(axis.position(axis.low) == 0 && axis.position(axis.high) == 1)
    let epochs = Axis(covering: [1, 200], count: 8, fits: true)
    #expect(epochs.low == 1 && epochs.high == 200)
    #expect(epochs.ticks.map(epochs.label) == ["50", "100", "150", "200"])
    #expect(
      Axis(covering: [-0.3, 0.1]).ticks.map(Axis(covering: [-0.3, 0.1]).label).contains("0.0"))
  }

  @Test(
    arguments: [
      [], [5], [0, 0], [.nan], [-1e308, 1e308], [1e-12, 2e-12], [3, .infinity], [1e15, 1e15 + 1],
    ] as [[Double]])
  func `any values have an axis`(values: [Double]) {
    for fits in [false, true] {
      let axis = Axis(covering: values, fits: fits)
      #expect(axis.low < axis.high)
      #expect(axis.ticks.count <= 12)
      #expect(axis.ticks.allSatisfy { $0.isFinite })
      #expect(axis.ticks.allSatisfy { !axis.label($0).isEmpty })
    }
  }

  // Nothing is below none: of zeros alone the axis goes up to 1.
  @Test func `zeros have an axis that begins at zero`() {
    let axis = Axis(covering: [0, 0])
    #expect(axis.low == 0 && axis.high == 1)
    let svg = Plot("share", lines: [.init("a", [0, 0, 0])]).svg
    #expect(svg.contains(">0.0</text>") && svg.contains(">1.0</text>") && !svg.contains(">-"))
    #expect(!Plot("AP", bars: [.init("a", 0), .init("b", 0)]).svg.contains(">-"))
  }

  @Test(arguments: [[0, 0], [1, 1], [1, 2], [3, 0]])
  func `counts have no halves on their axes`(counts: [Int]) {
    var bars = Plot("boxes", bars: counts.map { .init("class", Double($0)) })
    var lines = Plot("boxes", lines: [.init("a", counts.map(Double.init))])
    var histogram = Plot(
      "boxes", Histogram(counts.map(Double.init), from: -0.5, to: 3.5, count: 4))
    for plot in [bars, lines, histogram] {
      var plot = plot
      plot.hasCounts = true
      #expect(!plot.svg.contains(/>[\d]*\.\d+<\/text>/), "\(plot.svg)")
    }
    (bars.hasCounts, lines.hasCounts, histogram.hasCounts) = (false, false, false)
    #expect(counts != [1, 2] || bars.svg.contains(">0.5</text>"))
  }

  @Test func `lines go through their points`() {
    let plot = Plot(
      "loss <&>", lines: [Plot.Line("train", [3, 2, 1]), Plot.Line("valid", [3, .nan, 2, 1])],
      xLabel: "epoch", yLabel: "loss")
    let svg = plot.svg
    #expect(isBalanced(svg))
    #expect(svg.contains("loss &lt;&amp;&gt;"))
    // The gap leaves a point on its own, and a line of two.
    #expect(svg.components(of: "<polyline") == 2)
    #expect(svg.components(of: "<circle") == 1)
    #expect(svg.contains(">train</text>") && svg.contains(">valid</text>"))
    #expect(!svg.contains("nan") && !svg.contains("inf"))
  }

  // 100,000 points of a flat line with one peak, one dip and one gap: at most 5 × 240 are drawn,
  // and none of the three is lost.
  @Test func `long lines are thinned, but for what stands out`() {
    var y = [Double](repeating: 0.5, count: 100_000)
    (y[31_415], y[70_001], y[92_653]) = (9, -3, .nan)
    let line = Plot.Line("x", y)
    let thin = line.thinned(toBuckets: 240)
    #expect(thin.x.count <= 1200)
    #expect(thin.x.first == 1 && thin.x.last == 100_000)
    #expect(thin.x == thin.x.sorted())
    let kept = Dictionary(uniqueKeysWithValues: zip(thin.x, thin.y))
    #expect(kept[31_416] == 9 && kept[70_002] == -3 && kept[92_654]?.isNaN == true)
    #expect(Plot("x", lines: [line]).svg.utf8.count < 30_000)
    let short = Plot.Line("x", [1, 2, 3])
    #expect(short.thinned(toBuckets: 240) == short)
  }

  @Test func `a place can be pointed out`() {
    var plot = Plot("F1", lines: [.init("all", x: [0, 1], y: [0.2, 0.8])], xLabel: "confidence")
    plot.mark = (0.25, "best at 0.25 <")
    plot.yRange = 0...1
    let svg = plot.svg
    #expect(isBalanced(svg))
    #expect(svg.contains("class=\"mark\">best at 0.25 &lt;</text>"))
    #expect(svg.contains(">1.0</text>"))
    // Outside of the axis there is nothing to point at.
    plot.mark = (3, "elsewhere")
    #expect(!plot.svg.contains("elsewhere"))
  }

  // 0...3 counts over 60 pixels' height and so on are checked by eye; here: one bar for each bin
  // with values, the tallest three times the lowest.
  @Test func `a histogram has a bar for each bin that holds something`() throws {
    let svg = Plot("γ", Histogram([0, 0, 0, 9], bins: .count(3)), xLabel: "|γ|").svg
    #expect(isBalanced(svg))
    #expect(svg.components(of: "<rect x=") == 2)
    let heights = svg.split(separator: "height=\"").dropFirst().compactMap {
      Double($0.prefix { $0 != "\"" })
    }.suffix(2)
    let (tall, low) = (try #require(heights.first), try #require(heights.last))
    #expect(abs(tall / low - 3) < 0.01)
  }

  @Test func `bars start at zero, to either side`() {
    let svg = Plot(
      "change", bars: [.init("a", 2), .init("b", -1), .init("c", .nan)], xLabel: "points"
    ).svg
    #expect(isBalanced(svg))
    #expect(svg.components(of: "<rect x=") == 2)
    #expect(svg.contains(">-1</text>") && svg.contains(">c</text>"))
  }

  @Test func `empty plots are plots`() {
    #expect(isBalanced(Plot("", lines: []).svg))
    #expect(isBalanced(Plot("", bars: []).svg))
    #expect(isBalanced(Plot("", Histogram([])).svg))
    #expect(isBalanced(Plot("one", lines: [.init("x", [1])]).svg))
  }
}

@Suite struct HTMLReportTests {
  @Test func `a section is added to a page that is written, and put in place of an earlier one`()
    throws
  {
    let path = "\(NSTemporaryDirectory())section-\(UUID().uuidString).html"
    defer { try? FileManager.default.removeItem(atPath: path) }
    // Where there is no page nothing is added.
    try HTMLReport.setSection("Gain", of: path) { $0.paragraph("none") }
    #expect(!FileManager.default.fileExists(atPath: path))
    var report = HTMLReport(title: "Run")
    report.paragraph("own")
    try report.write(to: path)
    for text in ["first", "second & last"] {
      try HTMLReport.setSection("Gain", of: path) { $0.paragraph(text) }
    }
    try HTMLReport.setSection("Other", of: path) { $0.paragraph("more") }
    let added =
      "<!-- added: Gain -->\n<h2>Gain</h2>\n<p>second &amp; last</p>\n<!-- end -->\n"
      + "<!-- added: Other -->\n<h2>Other</h2>\n<p>more</p>\n<!-- end -->\n</body>"
    #expect(
      try String(contentsOfFile: path, encoding: .utf8)
        == report.html.replacing("</body>", with: added))
  }

  @Test func `a report holds all that it shows`() throws {
    var report = HTMLReport(title: "Run <1>")
    report.section("Figures")
    report.paragraph("a < b")
    report.facts([("seed", "7")])
    var table = Table("model", "mAP")
    table.append(["dense", "0.9"])
    report.table(table)
    report.section("Plots & pictures")
    report.plot(Plot("loss", lines: [.init("train", [2, 1])]))
    report.pictures([(bytes: [0x89, 0x50, 0x4E, 0x47, 1], caption: "\"dog\"")])
    report.sideBySide(
      [(bytes: [0xFF, 0xD8], caption: "before"), (bytes: [0xFF, 0xD8], caption: "after")],
      caption: "<dog>.jpg")
    report.tiles([("mAP@0.5", "0.91")])
    report.matrix(
      CountMatrix(
        rowTitle: "label", columnTitle: "prediction", rows: ["a<b", "nothing"],
        columns: ["a<b", "missed"], counts: [[3, 1], [2, nil]]))
    report.folded("more & more") { $0.code("pare train --cfg x\n  a-<b") }
    let html = report.html
    #expect(html.hasPrefix("<!DOCTYPE html>"))
    #expect(html.contains("<title>Run &lt;1&gt;</title>"))
    #expect(html.contains("<a href=\"#s2\">Plots &amp; pictures</a>"))
    #expect(html.contains("src=\"data:image/png;base64,iVBORwE=\""))
    #expect(html.contains("alt=\"&quot;dog&quot;\""))
    #expect(html.components(of: "data:image/jpeg;base64,/9g=") == 2)
    #expect(html.contains("<figcaption>&lt;dog&gt;.jpg</figcaption>"))
    // Each of the three pictures is enlarged by a click, without a script.
    #expect(html.components(of: "<label class=\"zoom\"><input type=\"checkbox\"") == 3)
    #expect(!html.contains("<script") && !html.contains("onclick"))
    #expect(html.contains("<summary>more &amp; more</summary>"))
    // Browsers break lines after hyphens, too: what has some is kept in one piece.
    #expect(
      html.contains(
        "<pre><code>pare train <span>--cfg</span> x\n  <span>a-&lt;b</span></code></pre>"))
    #expect(html.contains("pre span { display: inline-block;"))
    #expect(html.contains("<th>a&lt;b</th>") && !html.contains("a<b"))
    // Nothing is fetched: the one address is the name of SVG.
    #expect(html.components(of: "http") == 1)
    #expect(isBalanced(html.split(separator: "<body>").last.map { "<html><body>" + $0 } ?? "<"))
    try withTemporaryFolder { folder in
      try report.write(to: "\(folder)/report.html")
      #expect(try text(of: "\(folder)/report.html") == html)
    }
  }

  // RFC 4648, section 10.
  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
    ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
  ])
  func `pictures are in base 64`(text: String, expected: String) {
    #expect(base64(Array(text.utf8)) == expected)
  }
}

/// Whether each element that opens closes, in order; for pages without scripts and comments.
private func isBalanced(_ markup: String) -> Bool {
  var open: [Substring] = []
  for part in markup.split(separator: "<", omittingEmptySubsequences: false).dropFirst() {
    guard let end = part.firstIndex(of: ">") else { return false }
    let tag = part[..<end]
    let name = tag.drop { $0 == "/" }.prefix { $0.isLetter || $0.isNumber }
    if tag.hasPrefix("/") {
      guard open.popLast() == name else { return false }
    } else if !tag.hasSuffix("/"), name != "img", name != "input" {
      open.append(name)
    }
  }
  return open.isEmpty
}

extension String {
  fileprivate func components(of part: String) -> Int { split(separator: part).count - 1 }
}
