import Parsing
import Testing

@Suite struct JSONReaderTests {
  private func reader(_ text: String) -> JSONReader { JSONReader(Array(text.utf8)) }

  /// A reader that gets so many bytes at a time.
  private func reader(_ text: String, pieces count: Int) -> JSONReader {
    var rest = Array(text.utf8)[...]
    return JSONReader(window: count) { buffer in
      let piece = rest.prefix(min(count, buffer.count))
      buffer.copyBytes(from: piece)
      rest = rest.dropFirst(piece.count)
      return piece.count
    }
  }

  @Test(arguments: [
    (#""a""#, "a"), (#""""#, ""), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"),
    (#""\u00e9\u4E2D""#, "é中"), (#""\ud83d\ude00!""#, "😀!"), ("\"é\"", "é"),
    (#""\u0000\u001b""#, "\u{0}\u{1B}"),
  ])
  func `strings are unescaped`(text: String, expected: String) throws {
    let reader = reader(text)
    #expect(try reader.string() == expected)
    try reader.finish()
  }

  @Test func `bytes that are not UTF-8 are replaced, or refused`() throws {
    let bytes: [UInt8] = [0x22, 0xFF, 0x61, 0xC3, 0x22]
    #expect(try JSONReader(bytes).string() == "\u{FFFD}a\u{FFFD}")
    #expect(throws: ParsingFault.self) { try JSONReader(bytes, checksText: true).string() }
  }

  @Test(
    arguments: [
      ("0", 0), ("-12.5", -12.5), ("1e3", 1000), ("1E-2", 0.01),
      ("123456789012345678", 1.2345678901234568e17),
      ("1e999", nil), ("\"1\"", nil), ("null", nil), ("[1]", nil), ("{\"a\":[1]}", nil),
    ] as [(String, Double?)])
  func `numbers are finite or nothing`(text: String, expected: Double?) throws {
    let reader = reader(text)
    #expect(try reader.number() == expected)
    try reader.finish()
  }

  @Test func `whole numbers are exact or nothing`() throws {
    var found: [Int?] = []
    try reader("[9007199254740993, -1, 1.0, 9223372036854775808, \"1\"]")
      .forEachElement { found.append(try $0.integer()) }
    #expect(found == [9_007_199_254_740_993, -1, nil, nil, nil])
  }

  @Test func `identifiers are numbers and strings alike`() throws {
    var found: [String?] = []
    try reader(#"[7, 7.0, "7", "7.0", 900100000000000000009, null, "a b"]"#)
      .forEachElement { found.append(try $0.identifier()) }
    #expect(found == ["7", "7", "7", "7.0", "900100000000000000009", nil, "a b"])
  }

  @Test func `what is not asked for is passed over`() throws {
    let reader = reader(
      #"{"a":[1,{"b":"]}"},[]],"c":true,"d":null,"e":{"f":1},"g":[1,2],"h":false}"#)
    var keys: [String] = []
    var values: [[Double]?] = []
    var flags: [Bool?] = []
    try reader.forEachMember { key, reader in
      keys.append(key)
      switch key {
      case "g", "e": values.append(try reader.numbers(2))
      case "h", "c": flags.append(try reader.flag())
      default: break
      }
    }
    try reader.finish()
    #expect(keys == ["a", "c", "d", "e", "g", "h"])
    #expect(values == [nil, [1, 2]])
    #expect(flags == [true, false])
  }

  @Test func `small pieces read the same as large ones`() throws {
    let text = """
      \u{FEFF}{"a long key": "a long \\"value\\" \\u00e9", "numbers": [1234567890.5, -12e3 , 7],
       "nested": {"x": [[1, 2], "[[{\\\\", {}], "y": null},
       "t": true, "f": false}
      """
    let expected = [
      "a long key=a long \"value\" é", "1234567890.5", "-12000.0", "7.0", "t true", "f false",
      "line 3",
    ]
    for count in [1, 2, 3, 8, 9, 1 << 20] {
      let reader = reader(text, pieces: count)
      var seen: [String] = []
      try reader.forEachMember { key, reader in
        switch key {
        case "numbers":
          try reader.forEachElement { seen.append("\(try $0.number() ?? .nan)") }
        case "t", "f": seen.append("\(key) \(try reader.flag() ?? false)")
        case "nested": break
        default: seen.append("\(key)=\(try reader.string() ?? "")")
        }
      }
      try reader.finish()
      #expect(seen + ["line \(reader.line)"] == expected)
      #expect(reader.position == text.utf8.count)
    }
  }

  // The lines are where a person would look; the words are yajl's.
  @Test(arguments: [
    ("", 1, "ends inside of a value"), ("\n\n{\"a\":1", 3, "ends inside of a value"),
    ("{\n\"a\"\n1}", 3, "object key and value must be separated by a colon (':')"),
    ("{a:1}", 1, "invalid char in json text."), ("[1,\n]", 2, "unallowed token at this point"),
    ("[\"a]", 1, "ends inside of a value"), ("[fal", 1, "ends inside of a value"),
    ("[tru]", 1, "invalid string in json text."),
    ("[\"\\x\"]", 1, "inside a string, '\\' occurs before a character which it may not."),
    ("[\"\\u12\"]", 1, "hex"),
    ("[\u{1}]", 1, "invalid char in json text."), ("[[}]", 1, "unallowed token"),
    ("[1]\n[]", 2, "trailing garbage"), ("[NaN]", 1, "invalid char"), ("[01]", 1, "after array"),
    ("[-]", 1, "malformed number"), ("[1.]", 1, "malformed number"),
    ("[/**/]", 1, "probable comment found in input text"),
  ])
  func `what is wrong is said with its line`(text: String, line: Int, reason: String) {
    for count in [1, 1000] {
      let fault = #expect(throws: ParsingFault.self) {
        let reader = reader(text, pieces: count)
        try reader.skip()
        try reader.finish()
      }
      #expect(fault?.line == line)
      #expect(fault?.reason.contains(reason) == true, "\(fault?.reason ?? "")")
      #expect(fault?.reason.contains { $0.isNewline } == false)
    }
  }

  @Test func `depth is bounded`() throws {
    let limit = JSONReader.maximumDepth
    func nested(_ depth: Int) -> JSONReader {
      reader(String(repeating: "[", count: depth) + String(repeating: "]", count: depth))
    }
    let deepest = nested(limit)
    try deepest.skip()
    try deepest.finish()
    for count in [limit + 1, 1_000_000] {
      #expect(throws: ParsingFault(line: 1, reason: "arrays and objects more than \(limit) deep")) {
        try nested(count).skip()
      }
    }
  }

  @Test func `a text is read up to its limit and not beyond`() throws {
    let limit = JSONReader.maximumToken
    func text(_ count: Int) -> JSONReader {
      reader("[\n\"" + String(repeating: "a", count: count) + "\"]")
    }
    var length: Int?
    try text(limit - 100).forEachElement { length = try $0.string()?.utf8.count }
    #expect(length == limit - 100)
    #expect(
      throws: ParsingFault(line: 2, reason: "a text or number of more than \(limit) bytes")
    ) { try text(4 * limit).skip() }
  }
}
