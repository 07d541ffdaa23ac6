import Darknet

/// The bytes of an XML file as UTF-8, by what its declaration says (XML 1.0, sections 2.8 and
/// 4.3.3).
struct XMLText {
  var bytes: [UInt8]
  /// The encoding that was guessed for a file that declares none and is not UTF-8.
  var guessedEncoding: String?
  /// Why the file cannot be read.
  var fault: String?

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    if let foreign = ForeignContent(bytes) {
      fault = "is \(foreign)"
      return
    }
    let isUTF8 = bytes.isUTF8
    // Some programs write `utf-16` into text of UTF-8.
    if isUTF8, Self.declared(bytes)?.hasPrefix("utf") ?? true { return }
    guard let encoding = Self.declared(bytes), encoding != "utf-8" else {
      let decoded = DecodedText(guessing: bytes)
      (self.bytes, guessedEncoding) = (decoded.bytes, decoded.encoding)
      return
    }
    // GB 18030 holds all of GB 2312 and GBK, whose names stand for either.
    let names = ["gb2312", "gbk"].contains(encoding) ? ["GB18030"] : [encoding]
    guard let decoded = names.lazy.compactMap({ DecodedText.utf8(bytes, from: $0) }).first else {
      fault =
        "declares the encoding '\(encoding.excerpt)', which it is not in or the system does not "
        + "know; save it as UTF-8"
      return
    }
    self.bytes = decoded
  }

  /// The encoding of a declaration `<?xml version="1.0" encoding="GBK"?>`, in small letters.
  private static func declared(_ bytes: [UInt8]) -> String? {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let start = (bytes.starts(with: mark) ? bytes.dropFirst(3) : bytes[...]).prefix(256)
    guard start.starts(with: "<?xml".utf8) else { return nil }
    let declaration = start.prefix { $0 != UInt8(ascii: ">") }.text
    guard let key = declaration.range(of: "encoding") else { return nil }
    let rest = declaration[key.upperBound...].drop { $0 == " " || $0 == "=" }
    guard let quote = rest.first, quote == "\"" || quote == "'" else { return nil }
    return rest.dropFirst().prefix { $0 != quote }.lowercased()
  }
}

extension String {
  /// Where a text stands in this one for the first time.
  fileprivate func range(of text: String) -> Range<String.Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(text) {
        return start..<index(start, offsetBy: text.count)
      }
      start = index(after: start)
    }
    return nil
  }
}
