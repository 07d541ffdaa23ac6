import Parsing
import Testing

@Suite struct XMLReaderTests {
  /// The events of a text, its pieces joined.
  private func events(_ text: String) throws(ParsingFault) -> [XMLReader.Event] {
    var events: [XMLReader.Event] = []
    try XMLReader.read(Array(text.utf8)) { event, _ in
      if case .text(let more) = event, case .text(let text)? = events.last {
        events[events.count - 1] = .text(text + more)
      } else {
        events.append(event)
      }
    }
    return events
  }

  @Test func `elements and text come in order`() throws {
    let text = """
      \u{FEFF}<?xml version="1.0"?>
      <!DOCTYPE a [ <!ELEMENT a ANY> <!-- ]> --> ]>
      <!-- <b> -->
      <a x = '1' y="&lt;>"><b/>1 &lt;&#65;&#x42;&amp;<![CDATA[<c>&]]></a >
      <!-- end -->
      """
    #expect(
      try events(text) == [
        .start("a"), .start("b"), .end("b"), .text("1 <AB&<c>&"), .end("a"),
      ])
  }

  @Test func `lines are those of the events, blanks before the declaration counted`() throws {
    var lines: [Int] = []
    try XMLReader.read(Array("\n \n<?xml version='1.0'?>\n<a>\n<b/></a>".utf8)) { event, line in
      if case .text = event { return }
      lines.append(line)
    }
    #expect(lines == [4, 5, 5, 5])
  }

  @Test(arguments: [
    ("", 1, "no element"),
    ("<a>\n<b>\n</a>", 3, "an end tag that does not match <b>"),
    ("<a>\n<b>", 2, "ends inside of <b>"),
    ("<a/>\n<b/>", 2, "no XML: junk after document element"),
    ("<a></a></a>", 1, "no XML: not well-formed (invalid token)"),
    ("x<a/>", 1, "no XML: not well-formed (invalid token)"),
    ("<a>&b;</a>", 1, "no XML: undefined entity"),
    ("<a>& b</a>", 1, "no XML: not well-formed (invalid token)"),
    ("<a>&#xD800;</a>", 1, "no XML: reference to invalid character number"),
    ("<a b></a>", 1, "no XML: not well-formed (invalid token)"),
    ("<a b='<'></a>", 1, "no XML: not well-formed (invalid token)"),
    ("<a b='1' b='2'/>", 1, "no XML: duplicate attribute"),
    ("<a><!-- </a>", 1, "no XML: unclosed token"),
    ("<a", 1, "no XML: unclosed token"),
    ("<a>\u{1}</a>", 1, "no XML: not well-formed (invalid token)"),
  ])
  func `what is wrong is said with its line`(text: String, line: Int, reason: String) {
    #expect(throws: ParsingFault(line: line, reason: reason)) { try events(text) }
  }

  // A billion laughs, and a file that another one is to be read into.
  @Test(arguments: [
    "<!DOCTYPE a [<!ENTITY b 'c'><!ENTITY d '&b;&b;&b;&b;'>]>\n<a>&d;&d;</a>",
    "<!DOCTYPE a [<!ENTITY b SYSTEM '/etc/passwd'>]><a>&b;</a>",
    "<!DOCTYPE a [<!ENTITY % b 'c'> %b;]><a/>",
  ])
  func `entities are refused where they are declared`(text: String) {
    #expect(throws: ParsingFault(line: 1, reason: "declares the entity 'b'")) { try events(text) }
  }

  @Test func `a fault of the caller ends the reading`() {
    var count = 0
    #expect(throws: ParsingFault(line: 2, reason: "enough")) {
      try XMLReader.read(Array("<a>\n<b/><c/></a>".utf8)) { event, line throws(ParsingFault) in
        count += 1
        if event == .start("b") { throw ParsingFault(line: line, reason: "enough") }
      }
    }
    #expect(count == 3)
  }

  @Test func `depth and names are bounded`() throws {
    let limit = XMLReader.maximumDepth
    func nested(_ depth: Int) -> String {
      String(repeating: "<a>", count: depth) + String(repeating: "</a>", count: depth)
    }
    #expect(try events(nested(limit)).count == 2 * limit)
    #expect(throws: ParsingFault(line: 1, reason: "elements more than \(limit) deep")) {
      try events(nested(limit + 1))
    }
    let name = String(repeating: "n", count: XMLReader.maximumName + 1)
    #expect(throws: ParsingFault(line: 1, reason: "a name of more than 1024 bytes")) {
      try events("<\(name)/>")
    }
  }

  // Each name is kept by the parser: a million of them is no file of annotations.
  @Test func `names and attributes beyond measure are refused`() {
    let names = (0..<200_000).map { "<n\($0)/>" }.joined()
    let attributes = (0..<200_000).map { " n\($0)=''" }.joined()
    for text in ["<a>\(names)</a>", "<a\(attributes)/>"] {
      let fault = #expect(throws: ParsingFault.self) { try events(text) }
      #expect(fault?.reason == "tags and names that take more memory than any annotations")
    }
  }
}
