import Darknet

/// Reads XML piece by piece: elements and text, in order, over the file's bytes.
///
/// Small and strict enough for annotation files: tags must nest and match, there is one root, text
/// stands inside it. Comments, processing instructions, CDATA and a DOCTYPE are taken; attributes
/// are checked and left out; entities other than XML's own five and numbers are errors, so nothing
/// expands. Other encodings than UTF-8 are decoded first: the declared one, or, where none is declared
/// and the bytes are not UTF-8, a guess (``guessedEncoding``). Beside the bytes, memory is that of one text and of the names on the way to
/// the current element.
struct XMLPullParser {
  enum Event: Equatable {
    case start(String)
    case text(String)
    case end(String)
  }

  typealias Fault = AnnotationFault

  /// How deep elements may lie in each other.
  static let maximumDepth = 256
  /// The longest name, in bytes.
  static let maximumName = 1024
  /// Of a longer text only so many bytes are returned, and some more; it is passed over to its end.
  static let maximumText = 1 << 16

  /// The encoding that a file was taken to be in which declares none and is not UTF-8.
  let guessedEncoding: String?

  private let bytes: [UInt8]
  /// What keeps the bytes from being read at all.
  private let encodingFault: String?
  private var position = 0
  private var openElements: [ArraySlice<UInt8>] = []
  private var isRootSeen = false
  /// The element of an empty tag `<a/>` that has been started and not yet ended.
  private var isEmptyTag = false
  private var countedBytes = 0
  private var countedLines = 0

  init(_ bytes: [UInt8]) {
    let text = XMLText(bytes)
    (self.bytes, guessedEncoding, encodingFault) = (text.bytes, text.guessedEncoding, text.fault)
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
  }

  /// The line of the current position, from 1.
  mutating func line() -> Int {
    while countedBytes < min(position, bytes.count) {
      if bytes[countedBytes] == 0x0A { countedLines += 1 }
      countedBytes += 1
    }
    return 1 + countedLines
  }

  /// The next event; nil after the root has ended and nothing but comments and blanks came.
  mutating func next() throws(Fault) -> Event? {
    if let encodingFault { throw Fault(line: 1, reason: encodingFault) }
    if isEmptyTag {
      isEmptyTag = false
      return .end(name(openElements.removeLast()))
    }
    while position < bytes.count {
      if openElements.isEmpty {
        if bytes[position].isSpace {
          position += 1
          continue
        }
        guard bytes[position] == UInt8(ascii: "<") else {
          throw fault("text outside of the root element")
        }
      } else if bytes[position] != UInt8(ascii: "<") {
        return .text(try text())
      }
      if skip("<!--") {
        try skip(past: "-->", of: "a comment")
      } else if skip("<?") {
        try skip(past: "?>", of: "a processing instruction")
      } else if !openElements.isEmpty, skip("<![CDATA[") {
        let start = position
        try skip(past: "]]>", of: "CDATA")
        let content = bytes[start..<(position - 3)].prefix(Self.maximumText)
        return .text(String(decoding: content, as: UTF8.self))
      } else if openElements.isEmpty, !isRootSeen, skip("<!DOCTYPE") {
        try skipDocumentType()
      } else if skip("</") {
        return .end(try endTag())
      } else {
        position += 1
        return .start(try startTag())
      }
    }
    guard openElements.isEmpty else {
      throw fault("ends inside of <\(openElements[openElements.count - 1].excerpt)>")
    }
    guard isRootSeen else { throw fault("no element") }
    return nil
  }

  private mutating func startTag() throws(Fault) -> String {
    guard !openElements.isEmpty || !isRootSeen else { throw fault("a second root element") }
    let element = try elementName()
    while true {
      let hasBlank = skipBlanks()
      guard position < bytes.count else { throw fault("ends inside of a tag") }
      if skip(">") { break }
      if skip("/>") {
        isEmptyTag = true
        break
      }
      guard hasBlank else { throw fault("no blank between a tag's parts") }
      try attribute()
    }
    isRootSeen = true
    openElements.append(element)
    guard openElements.count <= Self.maximumDepth else {
      throw fault("elements more than \(Self.maximumDepth) deep")
    }
    return name(element)
  }

  private mutating func endTag() throws(Fault) -> String {
    let element = try elementName()
    _ = skipBlanks()
    guard skip(">") else { throw fault("an end tag without '>'") }
    guard let open = openElements.popLast() else {
      throw fault("</\(element.excerpt)> without a start")
    }
    guard open == element else {
      throw fault("</\(element.excerpt)> where </\(open.excerpt)> was expected")
    }
    return name(element)
  }

  private mutating func attribute() throws(Fault) {
    _ = try elementName()
    _ = skipBlanks()
    guard skip("=") else { throw fault("an attribute without '='") }
    _ = skipBlanks()
    guard position < bytes.count, bytes[position] == 0x22 || bytes[position] == 0x27 else {
      throw fault("an attribute's value without quotes")
    }
    let quote = bytes[position]
    position += 1
    while position < bytes.count, bytes[position] != quote {
      guard bytes[position] != UInt8(ascii: "<") else { throw fault("'<' in an attribute") }
      position += 1
    }
    guard position < bytes.count else { throw fault("ends inside of an attribute") }
    position += 1
  }

  private mutating func elementName() throws(Fault) -> ArraySlice<UInt8> {
    let start = position
    while position < bytes.count, isNameByte(bytes[position]) { position += 1 }
    guard start < position, !isNameLaterOnly(bytes[start]) else {
      throw fault("a name was expected after '<', '</' or a blank in a tag")
    }
    guard position - start <= Self.maximumName else {
      throw fault("a name of more than \(Self.maximumName) bytes")
    }
    return bytes[start..<position]
  }

  /// Text up to the next tag, entities replaced.
  private mutating func text() throws(Fault) -> String {
    var collected: [UInt8] = []
    while position < bytes.count, bytes[position] != UInt8(ascii: "<") {
      if bytes[position] == UInt8(ascii: "&") {
        let value = try entity()
        if collected.count < Self.maximumText { collected += value.utf8 }
      } else {
        if collected.count < Self.maximumText { collected.append(bytes[position]) }
        position += 1
      }
    }
    return String(decoding: collected, as: UTF8.self)
  }

  private mutating func entity() throws(Fault) -> String {
    let body = bytes[(position + 1)...].prefix(12)
    guard let end = body.firstIndex(of: UInt8(ascii: ";")) else {
      throw fault("'&' without an entity; expected '&amp;'")
    }
    let entity = String(decoding: bytes[(position + 1)..<end], as: UTF8.self)
    let value: String?
    switch entity {
    case "amp": value = "&"
    case "lt": value = "<"
    case "gt": value = ">"
    case "quot": value = "\""
    case "apos": value = "'"
    default:
      let code =
        entity.hasPrefix("#x")
        ? UInt32(entity.dropFirst(2), radix: 16)
        : entity.hasPrefix("#") ? UInt32(entity.dropFirst(1)) : nil
      value = code.flatMap(Unicode.Scalar.init).map { String(Character($0)) }
    }
    guard let value else { throw fault("unknown entity '&\(entity.excerpt);'") }
    position = end + 1
    return value
  }

  /// To the `>` that ends a DOCTYPE, over its internal subset in brackets and quoted parts.
  private mutating func skipDocumentType() throws(Fault) {
    var isInSubset = false
    while position < bytes.count {
      let byte = bytes[position]
      if skip("<!--") {
        try skip(past: "-->", of: "a comment")
        continue
      }
      position += 1
      switch byte {
      case 0x22, 0x27:
        while position < bytes.count, bytes[position] != byte { position += 1 }
        position += 1
      case UInt8(ascii: "["): isInSubset = true
      case UInt8(ascii: "]"): isInSubset = false
      case UInt8(ascii: ">") where !isInSubset: return
      default: break
      }
    }
    throw fault("ends inside of DOCTYPE")
  }

  private mutating func skip(past end: StaticString, of what: String) throws(Fault) {
    while position < bytes.count {
      if skip(end) { return }
      position += 1
    }
    throw fault("ends inside of \(what)")
  }

  /// Whether the next bytes are these; if so they are passed.
  private mutating func skip(_ expected: StaticString) -> Bool {
    let count = expected.utf8CodeUnitCount
    guard bytes.count - position >= count else { return false }
    for offset in 0..<count where bytes[position + offset] != expected.utf8Start[offset] {
      return false
    }
    position += count
    return true
  }

  private mutating func skipBlanks() -> Bool {
    let start = position
    while position < bytes.count, bytes[position].isSpace { position += 1 }
    return position > start
  }

  private mutating func fault(_ reason: String) -> Fault {
    Fault(line: line(), reason: reason)
  }

  private func name(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
}

private func isNameByte(_ byte: UInt8) -> Bool {
  (0x61...0x7A).contains(byte | 0x20) || (0x30...0x3A).contains(byte) || byte >= 0x80
    || byte == UInt8(ascii: "_") || isNameLaterOnly(byte)
}

/// Digits, `-` and `.` do not begin a name.
private func isNameLaterOnly(_ byte: UInt8) -> Bool {
  (0x30...0x39).contains(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
}
