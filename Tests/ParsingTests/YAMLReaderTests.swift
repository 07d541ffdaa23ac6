import Parsing
import Testing

@Suite struct YAMLReaderTests {
  private func events(_ text: String) throws(ParsingFault) -> [YAMLReader.Event] {
    let reader = YAMLReader(Array(text.utf8))
    var events: [YAMLReader.Event] = []
    while let event = try reader.next() { events.append(event) }
    return events
  }

  @Test func `events come in order, and of the first document alone`() throws {
    let text = """
      a: [1, "b: \\u00e9", 'c''d']   # comment
      &x e: *x
      ---
      f: g
      """
    #expect(
      try events(text) == [
        .startOfMapping, .scalar("a"), .startOfList, .scalar("1"), .scalar("b: é"),
        .scalar("c'd"), .endOfList, .scalar("e"), .alias, .endOfMapping,
      ])
    #expect(try events("") == [])
  }

  @Test func `the rest of what has begun is passed over`() throws {
    let reader = YAMLReader(Array("a: [b, {c: [d]}, e]\nf: g\n".utf8))
    for _ in 0..<4 { _ = try reader.next() }
    try reader.skipRest(of: 1)
    #expect(try reader.next() == .scalar("f") && reader.line == 2)
  }

  @Test(arguments: [
    ("a: [b", 2, "did not find expected ',' or ']'"), ("a: \"b", 1, "unexpected end of stream"),
    ("a:\n\tb: c", 2, "cannot start any token"), ("a: b\n  c: d", 2, "mapping values"),
    ("a: @b", 1, "cannot start any token"), ("a: \u{1}", 1, "control characters"),
  ])
  func `what is wrong is said with its line`(text: String, line: Int, reason: String) {
    let fault = #expect(throws: ParsingFault.self) { try events(text) }
    #expect(fault?.line == line, "\(fault?.description ?? "")")
    #expect(fault?.reason.contains(reason) == true, "\(fault?.reason ?? "")")
  }

  @Test func `bytes that are not UTF-8 are a fault with a line`() {
    let reader = YAMLReader(Array("a: b\nc: ".utf8) + [0xFF, 0x0A])
    let fault = #expect(throws: ParsingFault.self) { while try reader.next() != nil {} }
    #expect(fault?.line == 2)
  }

  @Test func `depth is bounded`() {
    for opener in ["[", "- ", "{a: "] {
      let fault = #expect(throws: ParsingFault.self) {
        try events(String(repeating: opener, count: 1000))
      }
      #expect(fault?.reason == "lists and mappings more than 64 deep")
    }
  }
}
