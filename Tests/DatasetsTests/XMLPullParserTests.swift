import Testing

@testable import Datasets

@Suite struct XMLPullParserTests {
  private func events(_ text: String) throws -> [XMLPullParser.Event] {
    var parser = XMLPullParser(Array(text.utf8))
    var events: [XMLPullParser.Event] = []
    while let event = try parser.next() { events.append(event) }
    return events
  }

  @Test func `elements and text come in order`() throws {
    let text = """
      \u{FEFF}<?xml version="1.0"?>
      <!DOCTYPE a [ <!ELEMENT a "]>"> <!-- ]> --> ]>
      <!-- <b> -->
      <a x = '1' y="&lt;>"><b/>1 &lt;&#65;&#x42;&amp;<![CDATA[<c>&]]></a >
      <!-- end -->
      """
    #expect(
      try events(text) == [
        .start("a"), .start("b"), .end("b"), .text("1 <AB&"), .text("<c>&"), .end("a"),
      ])
  }

  @Test(arguments: [
    ("", 1, "no element"),
    ("<a>\n<b>\n</a>", 3, "</a> where </b> was expected"),
    ("<a>\n<b>", 2, "ends inside of <b>"),
    ("<a/>\n<b/>", 2, "a second root element"),
    ("<a></a></a>", 1, "</a> without a start"),
    ("x<a/>", 1, "text outside of the root element"),
    ("<a>&b;</a>", 1, "unknown entity '&b;'"),
    ("<a>& b</a>", 1, "'&' without an entity; expected '&amp;'"),
    ("<a>&#xD800;</a>", 1, "unknown entity '&#xD800;'"),
    ("<a b></a>", 1, "an attribute without '='"),
    ("<a b=c></a>", 1, "an attribute's value without quotes"),
    ("<a b='<'></a>", 1, "'<' in an attribute"),
    ("<a b='c'd='e'/>", 1, "no blank between a tag's parts"),
    ("<a><!-- </a>", 1, "ends inside of a comment"),
    ("<1a/>", 1, "a name was expected after '<', '</' or a blank in a tag"),
    ("<a", 1, "ends inside of a tag"),
    ("<!DOCTYPE a [", 1, "ends inside of DOCTYPE"),
  ])
  func `what is wrong is said with its line`(text: String, line: Int, reason: String) {
    #expect(throws: XMLPullParser.Fault(line: line, reason: reason)) { try events(text) }
  }

  @Test func `any bytes end in events or a fault`() {
    let valid = Array(
      """
      <?xml version="1.0" encoding="UTF-8"?><!DOCTYPE annotation><!-- c --><annotation v="1">
      <filename>a&amp;b.jpg</filename><size><width>640</width><height>480</height></size>
      <object><name><![CDATA[RBC]]></name><difficult>0</difficult><bndbox><xmin>1.5</xmin>
      <ymin>2</ymin><xmax>30</xmax><ymax>40</ymax></bndbox><part/></object></annotation>
      """.utf8)
    var random = SampleRandom(seed: 2)
    var faults = 0
    for _ in 0..<20_000 {
      var bytes = valid
      for _ in 0...random.integer(below: 4) {
        let place = random.integer(below: bytes.count)
        let length = min(1 + random.integer(below: 12), bytes.count - place)
        switch random.integer(below: 4) {
        case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
        case 1: bytes.removeSubrange(place..<(place + length))
        case 2: bytes.insert(contentsOf: bytes[place..<(place + length)], at: place)
        default: bytes.removeSubrange(place...)
        }
        if bytes.isEmpty { bytes = [0x3C] }
      }
      do {
        let annotation = try VOCAnnotation(parsing: bytes)
        #expect(annotation.objects.count <= bytes.count / 8)
      } catch {
        faults += 1
        #expect(error.line ?? 0 >= 1 && !error.reason.isEmpty)
      }
    }
    #expect(faults > 10_000)
  }
}
