import Darknet
import Testing
import _TestSupport

@Suite struct ConfigurationTests {
  @Test func `sections and entries keep their order, unknown keys and lines`() throws {
    let text = """
      # a comment
      [net]
      width = 416   # pixels
      height=416 ; also pixels
        ; indented
      channels=3

      [convolutional] # the first
      filters=16
      mine = a, b
      """
    let configuration = try Configuration(parsing: text, path: "a.cfg")
    #expect(configuration.sections.map(\.name) == ["net", "convolutional"])
    #expect(configuration.sections.map(\.line) == [2, 8])
    let net = configuration.sections[0]
    #expect(net.entries.map(\.key) == ["width", "height", "channels"])
    #expect(net.entries.map(\.value) == ["416", "416", "3"])
    #expect(net.entries.map(\.line) == [3, 4, 6])
    #expect(configuration.sections[1]["mine"] == "a, b")
    #expect(configuration.sections[1]["yours"] == nil)
  }

  @Test func `a mark inside a value is no comment`() throws {
    let configuration = try Configuration(
      parsing: "[net]\nname=a#b;c\n[route]\nlayers=-1", path: "a.cfg")
    #expect(configuration.sections[0]["name"] == "a#b;c")
  }

  @Test(arguments: ["\n", "\r\n", "\r"])
  func `every line ending gives the same configuration and lines`(ending: String) throws {
    let lines = ["[net]", "width=8", "", "# c", "[route]", "layers=-1", ""]
    let configuration = try Configuration(
      parsing: lines.joined(separator: ending), path: "a.cfg")
    #expect(configuration.sections.map(\.line) == [1, 5])
    #expect(configuration.sections[0].entries.first?.line == 2)
    #expect(configuration.sections[1]["layers"] == "-1")
  }

  @Test func `a byte order mark is dropped`() throws {
    let configuration = try Configuration(
      parsing: "\u{FEFF}[net]\nwidth=8\n[route]\nlayers=-1", path: "a.cfg")
    #expect(configuration.sections[0].name == "net")
  }

  @Test func `bytes that are not UTF-8 do not stop the parser`() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      Array("[net]\n# caf".utf8) + [0xE9, 0x0A] + Array("k=".utf8) + [0xFF, 0x0A]
        + Array("[route]\nlayers=-1".utf8), to: "latin.cfg")
    let configuration = try Configuration(contentsOf: folder.file("latin.cfg"))
    #expect(configuration.sections[0]["k"] == "\u{FFFD}")
  }

  @Test func `the first of two equal keys counts, as in Darknet`() throws {
    let configuration = try Configuration(
      parsing: "[net]\nwidth=8\nwidth=16\n[route]\nlayers=-1", path: "a.cfg")
    #expect(configuration.sections[0]["width"] == "8")
    #expect(configuration.sections[0].entries.count == 2)
  }

  @Test func `setting a key replaces it in place, appends it or removes it`() {
    var section = Configuration.Section(name: "convolutional")
    section["filters"] = "16"
    section["size"] = "3"
    section["filters"] = "8"
    #expect(section.entries.map(\.key) == ["filters", "size"])
    #expect(section["filters"] == "8")
    section["filters"] = nil
    #expect(section.entries.map(\.key) == ["size"])
  }

  @Test func `the canonical text parses to an equal configuration`() throws {
    let text = "[net]\nwidth = 8\nodd key=  1,  2 \n\n\n[route]\nlayers=-1"
    let configuration = try Configuration(parsing: text, path: "a.cfg")
    #expect(
      configuration.text == "[net]\nwidth=8\nodd key=1,  2\n\n[route]\nlayers=-1\n\n")
    let again = try Configuration(parsing: configuration.text, path: "b.cfg")
    #expect(again == configuration)
    #expect(again.text == configuration.text)
    #expect(again.sections.map(\.line) == configuration.renumbered().sections.map(\.line))
    #expect(
      again.sections[1].entries.map(\.line)
        == configuration.renumbered().sections[1].entries.map(\.line))
  }

  @Test(arguments: [
    ("", "a.cfg: has no layers"),
    ("# only a comment", "a.cfg: has no layers"),
    ("[net]\nwidth=8", "a.cfg: has no layers"),
    ("width=8\n[net]", "a.cfg:1: 'width=8' stands before any [section]"),
    (
      "[convolutional]\nfilters=8\n[net]",
      "a.cfg:1: the first section is [convolutional], expected [net]"
    ),
    ("[n\u{2}t]\nwidth=8\n[x]", "a.cfg:1: the first section is [n\\x02t], expected [net]"),
    ("[net]\nwidth 8", "a.cfg:2: 'width 8' is neither a [section] nor key=value"),
    ("[net]\n=8", "a.cfg:2: '=8' is neither a [section] nor key=value"),
    ("[net]\nwidth=", "a.cfg:2: 'width=' is neither a [section] nor key=value"),
    ("[net]\nwidth= # none", "a.cfg:2: 'width=' is neither a [section] nor key=value"),
    ("[net\nwidth=8", "a.cfg:1: '[net' is neither a [section] nor key=value"),
    ("[]\nwidth=8", "a.cfg:1: '[]' is neither a [section] nor key=value"),
    ("[net]]", "a.cfg:1: '[net]]' is neither a [section] nor key=value"),
    ("\u{0}\u{1}x\u{1B}[2J", "a.cfg:1: 'x\\x1B[2J' is neither a [section] nor key=value"),
    (
      String(repeating: "x", count: 100),
      "a.cfg:1: '" + String(repeating: "x", count: 60)
        + "…' is neither a [section] nor key=value"
    ),
  ])
  func `text that is no cfg is an error of one line`(text: String, message: String) {
    let error = #expect(throws: ConfigurationError.self) {
      try Configuration(parsing: text, path: "a.cfg")
    }
    #expect(error?.description == message)
  }

  @Test func `a cfg with more layers than any network is refused`() {
    let text = "[net]\n" + String(repeating: "[dropout]\n", count: 10_001)
    let error = #expect(throws: ConfigurationError.self) {
      try Configuration(parsing: text, path: "a.cfg")
    }
    #expect(
      error?.description
        == "a.cfg:10002: layer 10001 is one more than the 10000 that a network may have")
  }

  @Test func `a file that cannot be read says why`() throws {
    let folder = try TemporaryFolder()
    #expect(
      throws: ConfigurationError.file(
        .cannotRead(path: folder.file("none.cfg"), reason: "No such file or directory"))
    ) { try Configuration(contentsOf: folder.file("none.cfg")) }
    #expect(throws: ConfigurationError.file(.folder(path: folder.path, files: []))) {
      try Configuration(contentsOf: folder.path)
    }
    try folder.write([UInt8](repeating: 0x23, count: (1 << 19) + 1), to: "large.cfg")
    let error = #expect(throws: ConfigurationError.self) {
      try Configuration(contentsOf: folder.file("large.cfg"))
    }
    #expect(
      error?.description == folder.file("large.cfg")
        + ": 524289 bytes is more than such a file can have (524288)")
  }

  @Test func `of comments those stay that say which layer a section was`() throws {
    let text =
      "# layer 3\n[net]\nwidth=32\n# a note\n[dropout]\n# layer 7, 2 of 5 channels: 88\n[dropout]\n"
      + "# layer 9\n\n[dropout]\n"
    let configuration = try Configuration(parsing: text, path: "net.cfg")
    // An empty line parts the last one from its section.
    #expect(
      configuration.sections.map(\.comment)
        == ["layer 3", nil, "layer 7, 2 of 5 channels: 88", nil])
    let again = try Configuration(parsing: configuration.text, path: "net.cfg")
    #expect(again.sections.map(\.comment) == configuration.sections.map(\.comment))
  }

  // 88 is 1000 1000: channels 0 and 4.
  @Test(
    arguments: [
      ("layer 7, 2 of 5 channels: 88", [0, 4]), ("layer 7, 2 of 5 channels", nil),
      ("layer 7, 3 of 5 channels: 88", nil), ("layer 7, 2 of 5 channels: 8", nil),
      ("layer 7, 2 of 5 channels: 81", nil), ("layer 7, 2 of 5 channels: 8x", nil),
      ("layer 7", [0, 1]), ("a note", [0, 1]), ("layer -7", [0, 1]), (nil, [0, 1]),
    ] as [(String?, [Int]?)])
  func `channels are read where a comment says them`(comment: String?, channels: [Int]?) {
    let own = comment?.hasPrefix("layer 7, 3") == true ? 3 : 2
    #expect(LayerOrigin(layer: 1, width: own, comment: comment).channels == channels)
  }
}
