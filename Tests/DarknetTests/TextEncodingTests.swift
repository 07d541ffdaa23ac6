import Testing
import _TestSupport

@testable import Darknet

@Suite struct TextEncodingTests {
  // 猫 is C3 A8 in GBK and E7 8C AB in UTF-8; é is E9 and ü FC in Windows-1252, which has € at 80. ü
  // before an r is FC 72, which GBK has a character for as well.
  @Test(
    arguments: [
      ([0x63, 0x61, 0x74], "cat", nil), ([0xE7, 0x8C, 0xAB], "猫", nil),
      ([0xC3, 0xA8, 0x0A, 0xB9, 0xB7], "猫\n狗", "GBK"),
      ([0x63, 0x61, 0x66, 0xE9], "café", "Windows-1252"),
      ([0x5A, 0xFC, 0x72, 0x69, 0x63, 0x68], "Zürich", "Windows-1252"),
      ([0x80, 0x35], "€5", "Windows-1252"), ([0x81, 0x20], "\u{81} ", "ISO-8859-1"),
    ] as [([UInt8], String, String?)])
  func `text that is not UTF-8 is decoded`(bytes: [UInt8], text: String, encoding: String?) {
    let decoded = DecodedText(guessing: bytes)
    #expect(String(decoding: decoded.bytes, as: UTF8.self) == text)
    #expect(decoded.encoding == encoding)
  }

  // Lists of two machines: only the line that is not UTF-8 is decoded.
  @Test func `lines of a list are decoded one by one`() {
    let list = Array("猫.jpg\ncaf".utf8) + [0xE9] + Array(".jpg\nü.jpg".utf8)
    let decoded = DecodedText(guessingLines: list)
    #expect(String(decoding: decoded.bytes, as: UTF8.self) == "猫.jpg\ncaf\u{E9}.jpg\nü.jpg")
    #expect(DecodedText(guessingLines: Array("猫\n\n".utf8)).bytes == Array("猫\n\n".utf8))
  }

  // RFC 3629: no overlong forms, no surrogates, nothing above 10FFFF, nothing cut.
  @Test(
    arguments: [
      ([], true), ([0x7F], true), ([0xC3, 0xA9], true), ([0xF0, 0x9F, 0x98, 0x80], true),
      ([0xF4, 0x8F, 0xBF, 0xBF], true), ([0x80], false), ([0xC1, 0x81], false),
      ([0xE0, 0x80, 0x80], false), ([0xED, 0xA0, 0x80], false), ([0xF4, 0x90, 0x80, 0x80], false),
      ([0xE7, 0x8C], false), ([0xE7, 0x8C, 0x41], false), ([0xFF], false),
    ] as [([UInt8], Bool)])
  func `UTF-8 is told apart`(bytes: [UInt8], isUTF8: Bool) {
    #expect(bytes.isUTF8 == isUTF8)
    #expect((String(validating: bytes, as: UTF8.self) != nil) == isUTF8)
  }

  @Test func `long text comes out whole`() throws {
    let bytes = [UInt8](repeating: 0xE9, count: 100_000)
    let text = String(repeating: "é", count: 100_000)
    #expect(DecodedText.utf8(bytes, from: "ISO-8859-1") == Array(text.utf8))
    #expect(DecodedText.utf8(bytes, from: "GBK") != Array(text.utf8))
    #expect(DecodedText.utf8([0xC3], from: "GBK") == nil)
    #expect(DecodedText.utf8([0x61], from: "UTF-8//IGNORE") == nil)
    #expect(DecodedText.utf8([0x61], from: "no-such") == nil)
  }

  @Test func `names of any encoding stay apart, and say which it was`() throws {
    let folder = try TemporaryFolder()
    try folder.write([0xC3, 0xA8, 0x0A, 0xB9, 0xB7, 0x0A], to: "a.names")
    let names = try NamesFile(contentsOf: folder.file("a.names"))
    #expect(names.names == ["猫", "狗"] && names.encoding == "GBK")
  }

  @Test func `control characters of names are escaped, read or written`() throws {
    let names = try NamesFile(parsing: "re\u{1B}[2Jd\nx\u{9B}y\n", path: "a.names")
    #expect(names.names == ["re\\x1B[2Jd", "x\\x9By"])
    #expect(NamesFile(["a\nb"]).text == "a\\x0Ab\n")
  }

  @Test func `names of several classes are found`() {
    let repeated = NamesFile(["a", "b", "a", "c", "b"]).repeated
    #expect(repeated.map(\.name) == ["a", "b"] && repeated.map(\.classes) == [[0, 2], [1, 4]])
  }
}

@Suite struct ListEntryTests {
  @Test(arguments: [
    ("images/a.jpg", "images/a.jpg"), ("\"images/a.jpg\"", "images/a.jpg"),
    ("\"a\\nb.jpg\"", "a\nb.jpg"), ("\"a\\\\\\\"\\x1Bb\"", "a\\\"\u{1B}b"), ("\"", "\""),
    ("a\"b.jpg", "a\"b.jpg"), ("\"\\q\"", "\\q"),
  ])
  func `a line in quotes is what they hold`(line: String, path: String) {
    #expect(ListEntry.path(of: Array(line.utf8)[...]).text == path)
  }

  @Test(arguments: [
    "a.jpg", "my picture.jpg", "é安.jpg", " a.jpg", "a.jpg ", "#a.jpg", "\"a\".jpg", "a\nb.jpg",
    "a\\b.jpg", "\"a\\\u{1B}\t\r", "a\"b.jpg",
  ])
  func `every path comes back from its line`(path: String) throws {
    let line = ListEntry.line(of: path)
    let list = try DataFile.pictures(parsing: line + "\n", list: "/sets/train.txt")
    #expect(Array(list) == ["/sets/" + path])
    #expect(list[0] == "/sets/" + path)
  }

  @Test func `plain paths stay plain`() {
    #expect(ListEntry.line(of: "/a b/é.jpg") == "/a b/é.jpg")
    #expect(ListEntry.line(of: "a\nb") == "\"a\\nb\"")
  }
}

@Suite struct LabelPlaceTests {
  @Test func `labels lie in their folder, else beside the picture`() throws {
    let places = DataFile.labelPaths(forPicture: "/s/images/train/a.b.jpg")
    #expect(places.map(\.path) == ["/s/labels/train/a.b.txt", "/s/images/train/a.b.txt"])
    #expect(places.map(\.place) == [.labelsFolder, .besidePicture])
    #expect(DataFile.labelPaths(forPicture: "/s/a.jpg").map(\.path) == ["/s/a.txt"])
  }
}

@Suite struct OtherFormTests {
  @Test func `a description of another form is explained with the command that imports it`() throws
  {
    let folder = try TemporaryFolder()
    try folder.write("names: [a]\ntrain: images\n", to: "data.yaml")
    let error = #expect(throws: DataError.self) {
      try DataFile(contentsOf: folder.file("data.yaml"))
    }
    let path = folder.file("data.yaml")
    let name = path.split(separator: "/").dropLast().last ?? ""
    #expect(
      error?.description
        == "\(path): is a data.yaml of YOLO, not a .data file; import it: pare dataset import yolo "
        + "\(path) --output \(name)-darknet")
  }
}
