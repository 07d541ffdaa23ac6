/// A report as one HTML file that needs nothing else: styles, plots and pictures are inside.
public struct HTMLReport: Sendable {
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
    body += "<pre><code>\(escapedForXML(text))</code></pre>\n"
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

  /// Pictures side by side, with captions.
  ///
  /// - Parameter pictures: the bytes of JPEG, PNG or WebP files.
  public mutating func pictures(_ pictures: [(bytes: [UInt8], caption: String)]) {
    body += "<div class=\"pictures\">\n"
    for (bytes, caption) in pictures {
      let caption = escapedForXML(caption)
      body +=
        "<figure><img alt=\"\(caption)\" src=\"data:\(Self.mediaType(of: bytes));base64,"
        + "\(base64(bytes))\"><figcaption>\(caption)</figcaption></figure>\n"
    }
    body += "</div>\n"
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
      \(navigation)\(body)</body>
      </html>

      """
  }

  /// Writes the page, whole or not at all.
  public func write(to path: String) throws(ReportsError) {
    try writeFile(Array(html.utf8), to: path)
  }

  private static func mediaType(of bytes: [UInt8]) -> String {
    if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) { return "image/png" }
    if bytes.starts(with: "RIFF".utf8) { return "image/webp" }
    return "image/jpeg"
  }

  private static let style = """
    body { font: 16px/1.5 system-ui, "DejaVu Sans", sans-serif; color: #222; background: #fff;
      max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
    h2 { margin-top: 2.5rem; border-bottom: 1px solid #ddd; }
    nav a { color: #0072b2; }
    .wide { overflow-x: auto; }
    table { border-collapse: collapse; font-size: 0.9rem; }
    th, td { padding: 0.25rem 0.75rem; text-align: left; border-bottom: 1px solid #ddd; }
    th { border-bottom: 2px solid #888; }
    .right { text-align: right; font-variant-numeric: tabular-nums; }
    .total td { border-top: 2px solid #888; }
    dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.25rem 1rem; }
    dt { color: #666; } dd { margin: 0; overflow-wrap: anywhere; }
    pre { background: #f4f4f4; padding: 0.75rem; overflow-x: auto; }
    figure { margin: 1rem 0; } svg { max-width: 100%; height: auto; }
    @media (min-width: 60rem) {
      body > figure { display: inline-block; width: calc(50% - 0.75rem); vertical-align: top; }
    }
    .pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(18rem, 1fr));
      gap: 1rem; }
    .pictures figure { margin: 0; } img { width: 100%; } figcaption { font-size: 0.85rem; }
    """
}

/// RFC 4648, section 4.
func base64(_ bytes: [UInt8]) -> String {
  let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  var text: [UInt8] = []
  text.reserveCapacity((bytes.count + 2) / 3 * 4)
  for start in stride(from: 0, to: bytes.count, by: 3) {
    let group = bytes[start..<min(start + 3, bytes.count)]
    let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
    for place in 0..<4 {
      text.append(place <= group.count ? alphabet[bits >> (18 - 6 * place) & 63] : 0x3D)
    }
  }
  return String(decoding: text, as: UTF8.self)
}
