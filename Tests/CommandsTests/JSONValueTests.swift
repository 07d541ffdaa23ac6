import Commands
import Terminal
import Testing

@Suite struct JSONValueTests {
  @Test func `keys keep their order and rows stay on a line`() {
    let value = JSONValue.members([
      "run": "runs/train-1", "epochs": 3, "best": JSONValue.members(["epoch": 2, "map": 0.25]),
      "rows": [[1, 2], [3, 4]], "empty": JSONValue.array([]), "none": Optional<Int>.none,
    ])
    #expect(
      value.text == """
        {
          "run": "runs/train-1",
          "epochs": 3,
          "best": {"epoch": 2, "map": 0.25},
          "rows": [
            [1, 2],
            [3, 4]
          ],
          "empty": [],
          "none": null
        }
        """)
    #expect(value["best"]?["map"] == .number(0.25))
    #expect(value["absent"] == nil && JSONValue.integer(1)["a"] == nil)
  }

  @Test func `text is escaped`() {
    let value: JSONValue = ["a\"b\\c\n\r\t\u{1}\u{1F}\u{7F}é💥/": "\u{0}"]
    #expect(value.compactText == #"{"a\"b\\c\n\r\t\u0001\u001f\u007fé💥/": "\u0000"}"#)
  }

  @Test(arguments: [
    (1.0, "1"), (0.1, "0.1"), (-2.5e-7, "-2.5e-07"), (1e300, "1e+300"), (1e20, "1e+20"),
    (.infinity, "null"), (.nan, "null"), (123_456_789.0, "123456789"),
  ])
  func `numbers are as short as they can be`(number: Double, text: String) {
    #expect(JSONValue.number(number).compactText == text)
  }

  @Test func `single precision numbers keep their own digits`() {
    #expect(Float(0.1).json.compactText == "0.1")
    #expect([Float(0.6), 12].json.compactText == "[0.6, 12]")
  }

  // A terminal would take them for commands, or turn the text around.
  @Test func `no control character stands in it as it is`() {
    #expect(
      "a\u{1B}b\u{9B}c\u{202E}d\u{2028}é".quotedAsJSON == "\"a\\u001bb\\u009bc\\u202ed\\u2028é\"")
  }
}
