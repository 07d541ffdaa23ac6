import Testing
import _TestSupport

@testable import Datasets

@Suite struct JSONPullParserTests {
  private func parser(_ text: String) -> JSONPullParser { JSONPullParser(Array(text.utf8)) }

  @Test(arguments: [
    (#""a""#, "a"), (#""""#, ""), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"),
    (#""\u00e9\u4E2D""#, "é中"), (#""\ud83d\ude00!""#, "😀!"), (#""\ud83d!""#, "\u{FFFD}!"),
    (#""\ude00\ud83d\u0041""#, "\u{FFFD}\u{FFFD}A"), ("\"é\"", "é"),
  ])
  func `strings are unescaped`(text: String, expected: String) throws {
    var parser = parser(text)
    #expect(try parser.string() == expected)
    try parser.finish()
  }

  @Test func `bytes that are not UTF-8 are replaced`() throws {
    var parser = JSONPullParser([0x22, 0xFF, 0x61, 0xC3, 0x22])
    #expect(try parser.string() == "\u{FFFD}a\u{FFFD}")
  }

  @Test(
    arguments: [
      ("0", 0), ("-12.5", -12.5), ("1e3", 1000), ("1E-2", 0.01),
      ("123456789012345678", 1.2345678901234568e17),
      ("1e999", nil), ("-", nil), ("1-2", nil), ("\"1\"", nil), ("null", nil), ("[1]", nil),
    ] as [(String, Double?)])
  func `numbers are finite or nothing`(text: String, expected: Double?) throws {
    var parser = parser(text)
    #expect(try parser.number() == expected)
    try parser.finish()
  }

  @Test func `identifiers are numbers and strings alike`() throws {
    var found: [String?] = []
    var parser = parser(#"[7, 7.0, "7", 900100000000000000009, null, "a b"]"#)
    try parser.forEachElement { found.append(try $0.identifier()) }
    #expect(found == ["7", "7", "7", "900100000000000000009", nil, "a b"])
  }

  @Test func `what is not asked for is passed over`() throws {
    var parser = parser(
      #"{"a":[1,{"b":"]}"},[]],"c":true,"d":null,"e":{"f":1},"g":[1,2],"h":false}"#)
    var keys: [String] = []
    var values: [[Double]?] = []
    var raw = ""
    var flags: [Bool?] = []
    try parser.forEachMember { key, parser in
      keys.append(key)
      switch key {
      case "g": values.append(try parser.numbers(2))
      case "e": values.append(try parser.numbers(2))
      case "a": raw = String(decoding: try parser.raw() ?? [], as: UTF8.self)
      case "h", "c": flags.append(try parser.flag())
      default: break
      }
    }
    try parser.finish()
    #expect(keys == ["a", "c", "d", "e", "g", "h"])
    #expect(values == [nil, [1, 2]])
    #expect(flags == [true, false])
    #expect(raw == #"[1,{"b":"]}"},[]]"#)
  }

  // A window of 8 bytes over a file whose tokens are longer than that.
  @Test func `a small window reads the same as a large one`() throws {
    let folder = try TemporaryFolder()
    let text = """
      \u{FEFF}{"a long key": "a long \\"value\\" \\u00e9", "numbers": [1234567890.5, -12e3 , 7],
       "nested": {"x": [[1, 2], "[[{\\\\", {}], "y": null}, "raw": [ {"a": "b c d e f g"} , 1 ],
       "t": true, "f": false}
      """
    let path = try folder.write(text, to: "x.json")
    func read(_ parser: inout JSONPullParser) throws -> [String] {
      var seen: [String] = []
      try parser.forEachMember { key, parser in
        switch key {
        case "numbers":
          try parser.forEachElement { seen.append("\(try $0.number() ?? .nan)") }
        case "raw": seen.append(String(decoding: try parser.raw() ?? [], as: UTF8.self))
        case "t", "f": seen.append("\(key) \(try parser.flag() ?? false)")
        case "nested": break
        default: seen.append("\(key)=\(try parser.string() ?? "")")
        }
      }
      try parser.finish()
      return seen + ["line \(parser.line)"]
    }
    let expected = [
      "a long key=a long \"value\" é", "1234567890.5", "-12000.0", "7.0",
      #"[ {"a": "b c d e f g"} , 1 ]"#, "t true", "f false", "line 3",
    ]
    for window in [1, 2, 3, 8, 9, 1 << 20] {
      var parser = try JSONPullParser(contentsOf: path, window: window)
      #expect(try read(&parser) == expected)
    }
  }

  @Test(arguments: [
    ("", 1, "ends inside of a value"), ("{\"a\":1", 1, "ends inside of a value"),
    ("{\n\"a\"\n1}", 3, "':' was expected after a key"), ("{a:1}", 1, "a key was expected"),
    ("{\"a\":1,}", 1, "a key was expected"), ("[1,]", 1, "']' where a value was expected"),
    ("[\"a]", 1, "ends inside of a string"), ("[tru]", 1, "a word other than true, false and null"),
    ("[\"\\x\"]", 1, "the escape '\\'x'' in a string"),
    ("[\"\\u12\"]", 1, "'\\u' without four hexadecimal digits"),
    ("[\u{1}]", 1, "byte 1 where a value was expected"), ("[[}]", 1, "'}' closes what is not open"),
    ("[] []", 1, "'[' after the end"),
  ])
  func `what is wrong is said with its line`(text: String, line: Int, reason: String) {
    #expect(throws: AnnotationFault(line: line, reason: reason)) {
      var parser = parser(text)
      try parser.forEachElement { parser in
        if try parser.kind() == .string { _ = try parser.string() }
      }
      if text.hasPrefix("{") {
        parser = JSONPullParser(Array(text.utf8))
        try parser.forEachMember { _, _ in }
      }
      try parser.finish()
    }
  }

  @Test func `depth is bounded`() throws {
    let limit = JSONPullParser.maximumDepth
    func nested(_ depth: Int) -> JSONPullParser {
      parser(String(repeating: "[", count: depth) + String(repeating: "]", count: depth))
    }
    var deepest = nested(limit)
    try deepest.skip()
    try deepest.finish()
    for count in [limit + 1, 1_000_000] {
      #expect(
        throws: AnnotationFault(line: 1, reason: "arrays and objects more than \(limit) deep")
      ) {
        var parser = nested(count)
        try parser.skip()
      }
    }
  }
}
