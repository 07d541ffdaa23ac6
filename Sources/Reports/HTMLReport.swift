import Terminal

/// A report as one HTML file that needs nothing else: styles, plots and pictures are inside.
public struct HTMLReport: Sendable {
  /// A picture inside of the page: the bytes of a JPEG, PNG or WebP file, and words below it.
  public typealias Picture = (bytes: [UInt8], caption: String)

  /// Heads the page and names it.
  public var title: String
  private var body = ""
  private var sections: [String] = []

  /// An empty report.
  public init(title: String) { self.title = title }

  /// Begins a section; sections are listed at the top.
  public mutating func section(_ heading: String) {
    sections.append(heading)
    body += "<h2 id=\"s\(sections.count)\">\(escapedForXML(heading))</h2>\n"
  }

  /// A paragraph.
  public mutating func paragraph(_ text: String) { body += "<p>\(escapedForXML(text))</p>\n" }

  /// Text as it is, such as a command line.
  public mutating func code(_ text: String) {
    body += "<pre><code>\(Self.wholeWords(text))</code></pre>\n"
  }

  /// Text whose lines break at spaces alone: browsers break after hyphens too, which takes options apart.
  private static func wholeWords(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.split(separator: " ", omittingEmptySubsequences: false).map { word in
        let escaped = escapedForXML(String(word))
        return word.contains("-") ? "<span>\(escaped)</span>" : escaped
      }.joined(separator: " ")
    }.joined(separator: "\n")
  }

  /// Names and values, one pair a line.
  public mutating func facts(_ facts: [(String, String)]) {
    body += "<dl>\n"
    for (name, value) in facts {
      body += "<dt>\(escapedForXML(name))</dt><dd>\(escapedForXML(value))</dd>\n"
    }
    body += "</dl>\n"
  }

  /// A table, scrolled sideways where it is wider than the page.
  public mutating func table(_ table: Table) {
    body += "<div class=\"wide\">\(table.html)</div>\n"
  }

  /// A plot.
  public mutating func plot(_ plot: Plot) { body += "<figure>\(plot.svg)</figure>\n" }

  /// Bars of what there was and what is left.
  public mutating func bars(_ bars: PairedBars) { body += bars.html }

  /// A heat map.
  public mutating func heatMap(_ map: HeatMap) { body += "<figure>\(map.svg)</figure>\n" }

  /// The figures that matter most, in large type.
  public mutating func tiles(_ tiles: [(name: String, value: String)]) {
    body += "<div class=\"tiles\">\n"
    for (name, value) in tiles {
      body += "<div><b>\(escapedForXML(value))</b><span>\(escapedForXML(name))</span></div>\n"
    }
    body += "</div>\n"
  }

  /// A matrix of counts.
  public mutating func matrix(_ matrix: CountMatrix) {
    body += "<div class=\"wide\">\(matrix.html)</div>\n"
  }

  /// What few readers want, behind a line that opens it.
  public mutating func folded(
    _ summary: String, _ content: (inout HTMLReport) throws -> Void
  ) rethrows {
    body += "<details><summary>\(escapedForXML(summary))</summary>\n"
    try content(&self)
    body += "</details>\n"
  }

  /// Pictures in as many columns as fit, with captions.
  ///
  /// - Parameter isDetailed: whether there is much to see, and one column on a telephone.
  public mutating func pictures(_ pictures: [Picture], isDetailed: Bool = false) {
    body += "<div class=\"pictures\(isDetailed ? " detailed" : "")\">\n"
    for picture in pictures { body += Self.figure(picture) }
    body += "</div>\n"
  }

  /// Pictures to compare, such as before and after: side by side, on narrow screens too, with one
  /// caption below them all.
  public mutating func sideBySide(_ pictures: [Picture], caption: String) {
    body += "<figure class=\"pair\">\n<div>\n"
    for picture in pictures { body += Self.figure(picture) }
    body += "</div>\n<figcaption>\(escapedForXML(caption))</figcaption></figure>\n"
  }

  /// A picture that a click enlarges to the whole window, and another one puts back; without a
  /// script.
  private static func figure(_ picture: Picture) -> String {
    let caption = escapedForXML(picture.caption)
    return "<figure><label class=\"zoom\"><input type=\"checkbox\" aria-label=\"enlarge\">"
      + "<img alt=\"\(caption)\" src=\"data:\(mediaType(of: picture.bytes));base64,"
      + "\(base64(picture.bytes))\"></label><figcaption>\(caption)</figcaption></figure>\n"
  }

  /// The whole page.
  public var html: String {
    let title = escapedForXML(title)
    let contents = sections.enumerated().map { index, heading in
      "<a href=\"#s\(index + 1)\">\(escapedForXML(heading))</a>"
    }
    let navigation =
      sections.count > 1 ? "<nav>\(contents.joined(separator: " · "))</nav>\n" : ""
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(title)</title>
      <style>
      \(Self.style)
      \(PairedBars.style)
      </style>
      </head>
      <body>
      <h1>\(title)</h1>
      \(navigation)\(body)\(Self.foot)
      """
  }

  /// Writes the page, whole or not at all.
  public func write(to path: String) throws(ReportsError) {
    try writeFile(Array(html.utf8), to: path)
  }

  /// Adds a section at the end of a page that is written, or puts it in the place of the one that was
  /// added there under the same heading; does nothing where there is no page.
  ///
  /// - Throws: `ReportsError` when the page cannot be read or written.
  public static func setSection(
    _ heading: String, of path: String, _ content: (inout HTMLReport) -> Void
  ) throws(ReportsError) {
    guard var page = try readFile(path) else { return }
    var section = HTMLReport(title: heading)
    section.body = "<h2>\(escapedForXML(heading))</h2>\n"
    content(&section)
    let start = Array("<!-- added: \(escapedForXML(heading)) -->\n".utf8)
    let (end, foot) = (Array("<!-- end -->\n".utf8), Array(Self.foot.utf8))
    if let first = page.firstRange(of: start),
      let last = page[first.upperBound...].firstRange(of: end)
    {
      page.removeSubrange(first.lowerBound..<last.upperBound)
    }
    if page.suffix(foot.count).elementsEqual(foot) { page.removeLast(foot.count) }
    try writeFile(page + start + Array(section.body.utf8) + end + foot, to: path)
  }

  /// What ends a page.
  private static let foot = "</body>\n</html>\n"

  private static func mediaType(of bytes: [UInt8]) -> String {
    if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) { return "image/png" }
    if bytes.starts(with: "RIFF".utf8) { return "image/webp" }
    return "image/jpeg"
  }

  private static let style = """
    * { box-sizing: border-box; }
    html { -webkit-text-size-adjust: 100%; }
    body { font: 16px/1.5 system-ui, "DejaVu Sans", sans-serif; color: #222; background: #fff;
      max-width: 72rem; margin: 1.5rem auto 4rem; padding: 0 1rem; overflow-wrap: anywhere; }
    h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 0.75rem; }
    h2 { font-size: 1.25rem; margin: 2.5rem 0 0.75rem; padding-bottom: 0.25rem;
      border-bottom: 1px solid #ddd; }
    p { max-width: 46rem; margin: 0.5rem 0; }
    nav { line-height: 1.9; } nav a { color: #0072b2; white-space: nowrap; }
    .wide { overflow-x: auto; margin: 0.75rem 0; }
    table { border-collapse: collapse; font-size: 0.9rem; overflow-wrap: normal; }
    th, td { padding: 0.25rem 0.75rem; text-align: left; border-bottom: 1px solid #ddd; }
    th { border-bottom: 2px solid #888; }
    .right { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
    .total td { border-top: 2px solid #888; }
    .matrix td { text-align: right; min-width: 2.75rem; border: 1px solid #fff;
      font-variant-numeric: tabular-nums; }
    .matrix th { border: 0; font-weight: 600; } .matrix thead th { text-align: right; }
    .matrix .axis { font-weight: 400; color: #666; text-align: left; }
    .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr));
      gap: 0.75rem; margin: 1rem 0; }
    .tiles div { background: #f4f6f8; border-radius: 0.5rem; padding: 0.6rem 0.8rem; }
    .tiles b { display: block; font-size: 1.4rem; line-height: 1.3; }
    .tiles span { color: #555; font-size: 0.85rem; }
    dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.25rem 1rem; }
    dt { color: #666; } dd { margin: 0; overflow-wrap: anywhere; }
    pre { background: #f4f6f8; border-radius: 0.5rem; padding: 0.75rem; white-space: pre-wrap; }
    pre span { display: inline-block; max-width: 100%; }
    summary { cursor: pointer; color: #0072b2; margin: 0.5rem 0; }
    figure { margin: 1rem 0; } svg { width: 100%; max-width: 100%; height: auto; }
    img { width: 100%; height: auto; display: block; border-radius: 0.25rem; background: #eee; }
    .zoom { display: block; position: relative; cursor: zoom-in; }
    .zoom input { position: absolute; opacity: 0; }
    .zoom input:focus-visible + img { outline: 3px solid #0072b2; }
    .zoom input:checked + img { position: fixed; inset: 0; z-index: 1; width: 100%; height: 100%;
      object-fit: contain; border-radius: 0; background: rgb(0 0 0 / 88%); cursor: zoom-out; }
    figcaption { font-size: 0.85rem; color: #444; margin-top: 0.25rem; }
    .pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(10rem, 1fr));
      gap: 0.75rem; margin: 1rem 0; }
    .pictures.detailed { grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); }
    .pictures figure { margin: 0; }
    .pair > div { display: flex; gap: 0.5rem; } .pair figure { flex: 1; min-width: 0; margin: 0; }
    .pair > figcaption { color: #222; }
    @media (min-width: 60rem) {
      body > figure { display: inline-block; width: calc(50% - 0.75rem); vertical-align: top;
        margin-right: 0.5rem; }
      .pictures, .pictures.detailed { grid-template-columns: repeat(4, 1fr); }
    }
    @media (max-width: 72rem) {
      table { font-size: 0.8rem; } th, td { padding: 0.25rem 0.4rem; }
    }
    @media (max-width: 30rem) {
      h1 { font-size: 1.3rem; }
      dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: 0.4rem; }
    }
    """
}

/// RFC 4648, section 4.
func base64(_ bytes: [UInt8]) -> String {
  let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  let count = (bytes.count + 2) / 3 * 4
  return String(unsafeUninitializedCapacity: count) { text in
    for (group, start) in stride(from: 0, to: bytes.count, by: 3).enumerated() {
      let size = min(3, bytes.count - start)
      let bits = (0..<3).reduce(0) { $0 << 8 | ($1 < size ? Int(bytes[start + $1]) : 0) }
      for place in 0..<4 {
        text[4 * group + place] = place <= size ? alphabet[bits >> (18 - 6 * place) & 63] : 0x3D
      }
    }
    return count
  }
}
