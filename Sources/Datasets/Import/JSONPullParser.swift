import Darknet

/// Reads JSON (RFC 8259) value by value, from a file or from bytes.
///
/// What nobody asks for is passed over without being kept, and of a file no more than a window is in
/// memory, so that annotation files of half a gigabyte are read at the speed of the disk. A value of
/// another kind than the one asked for is passed over and comes out as nil: an annotation with a
/// word for a number is one bad record, not the end of the file. Of values passed over only strings
/// and brackets are checked. Bytes that are not UTF-8 and lone surrogates become U+FFFD.
struct JSONPullParser {
  typealias Fault = AnnotationFault

  /// How deep arrays and objects may lie in each other.
  static let maximumDepth = 256
  /// The longest key, string or number of a file that is read, in bytes; others may be passed over.
  static let maximumToken = 1 << 20

  private let file: FileBytes?
  /// The window; `position..<limit` is still to be read.
  private var buffer: [UInt8]
  private var position = 0
  private var limit: Int
  /// Lines and bytes that lie before the window.
  private var passedLines = 0
  private var passedBytes = 0
  private var depth = 0
  /// Bytes that ``raw()`` has collected from windows that are gone.
  private var captured: [UInt8] = []
  private var captureStart: Int?

  /// A parser of bytes in memory.
  init(_ bytes: [UInt8]) {
    file = nil
    buffer = bytes
    limit = bytes.count
    skipByteOrderMark()
  }

  /// A parser of a file, opened here and read as it goes.
  init(contentsOf path: String, window: Int = 1 << 20) throws {
    let file = try FileBytes(path)
    self.file = file
    buffer = [UInt8](repeating: 0, count: file.size > 0 ? min(window, file.size + 1) : window)
    limit = 0
    while limit < 3, try refill(keepingFrom: 0) {}
    skipByteOrderMark()
  }

  /// The line of the current position, from 1.
  var line: Int { 1 + passedLines + lineEnds(in: 0..<position) }

  /// Kinds of values.
  enum Kind { case object, array, string, number, boolean, null }

  // MARK: Values

  /// The kind of the value that comes next, which stays unread.
  mutating func kind() throws -> Kind {
    switch try nextByte() {
    case UInt8(ascii: "{"): return .object
    case UInt8(ascii: "["): return .array
    case UInt8(ascii: "\""): return .string
    case UInt8(ascii: "-"), 0x30...0x39: return .number
    case UInt8(ascii: "t"), UInt8(ascii: "f"): return .boolean
    case UInt8(ascii: "n"): return .null
    case let byte: throw fault("\(shown(byte)) where a value was expected")
    }
  }

  /// Reads an object: `body` is called with each key, and may read the key's value.
  ///
  /// - Returns: false, the value passed over, when it is no object.
  @discardableResult
  mutating func forEachMember(
    _ body: (_ key: String, _ parser: inout JSONPullParser) throws -> Void
  ) throws -> Bool {
    guard try kind() == .object else {
      try skip()
      return false
    }
    try enter()
    if try take(UInt8(ascii: "}")) { return leave() }
    while true {
      guard try nextByte() == UInt8(ascii: "\"") else { throw fault("a key was expected") }
      let key = try text()
      guard try take(UInt8(ascii: ":")) else { throw fault("':' was expected after a key") }
      _ = try nextByte()
      let start = passedBytes + position
      try body(key, &self)
      if passedBytes + position == start { try skip() }
      if try take(UInt8(ascii: "}")) { return leave() }
      guard try take(UInt8(ascii: ",")) else { throw fault("',' or '}' was expected") }
    }
  }

  /// Reads an array: `body` is called before each element, and may read it.
  ///
  /// - Returns: false, the value passed over, when it is no array.
  @discardableResult
  mutating func forEachElement(
    _ body: (_ parser: inout JSONPullParser) throws -> Void
  ) throws -> Bool {
    guard try kind() == .array else {
      try skip()
      return false
    }
    try enter()
    if try take(UInt8(ascii: "]")) { return leave() }
    while true {
      _ = try nextByte()
      let start = passedBytes + position
      try body(&self)
      if passedBytes + position == start { try skip() }
      if try take(UInt8(ascii: "]")) { return leave() }
      guard try take(UInt8(ascii: ",")) else { throw fault("',' or ']' was expected") }
    }
  }

  /// Reads a string; nil for another kind of value.
  mutating func string() throws -> String? {
    guard try kind() == .string else {
      try skip()
      return nil
    }
    return try text()
  }

  /// Reads a finite number; nil for another kind of value, and for one beyond a double's range.
  mutating func number() throws -> Double? {
    guard try kind() == .number else {
      try skip()
      return nil
    }
    let token = try numberToken()
    return decimalValue(buffer[token])
  }

  /// Reads `true`, `false`, 0 or another number; nil for another kind of value.
  mutating func flag() throws -> Bool? {
    switch try kind() {
    case .number: return try number().map { $0 != 0 }
    case .boolean:
      let isTrue = buffer[position] == UInt8(ascii: "t")
      try skip()
      return isTrue
    default:
      try skip()
      return nil
    }
  }

  /// Reads a number or a string that names something, as text; nil for another kind of value.
  ///
  /// A whole number with an empty fraction (`7.0`, as some table programs write) is that number.
  mutating func identifier() throws -> String? {
    guard try kind() == .number else { return try string() }
    let token = buffer[try numberToken()]
    let isWhole = token.suffix(2).elementsEqual(".0".utf8)
    return String(decoding: isWhole ? token.dropLast(2) : token, as: UTF8.self)
  }

  /// Reads an array of numbers; nil for another kind of value, and for other than `count` of them.
  mutating func numbers(_ count: Int) throws -> [Double]? {
    var values: [Double] = []
    var isGood = true
    let isArray = try forEachElement { parser in
      guard isGood, values.count < count, let value = try parser.number() else {
        isGood = false
        return
      }
      values.append(value)
    }
    return isArray && isGood && values.count == count ? values : nil
  }

  /// Passes over a value and returns its bytes; nil when they are more than ``maximumToken``.
  mutating func raw() throws -> [UInt8]? {
    _ = try nextByte()
    captured.removeAll(keepingCapacity: true)
    captureStart = position
    defer { captureStart = nil }
    try skip()
    capture(to: position)
    return captured.count <= Self.maximumToken ? captured : nil
  }

  /// Keeps the bytes from ``captureStart`` on, unless they are too many already.
  private mutating func capture(to end: Int) {
    guard let captureStart, captured.count <= Self.maximumToken else { return }
    captured += buffer[captureStart..<end]
  }

  /// Passes over a value.
  mutating func skip() throws {
    switch try kind() {
    case .string: try skipString()
    case .number: _ = try numberToken()
    case .boolean: try skipWord(buffer[position] == UInt8(ascii: "t") ? "true" : "false")
    case .null: try skipWord("null")
    case .object, .array: try skipNested()
    }
  }

  /// Ends the reading: nothing but white space may follow.
  mutating func finish() throws {
    while true {
      while position < limit, buffer[position].isSpace { position += 1 }
      if position < limit { throw fault("\(shown(buffer[position])) after the end") }
      if try !refill(keepingFrom: position) { return }
    }
  }

  // MARK: Tokens

  private mutating func enter() throws {
    position += 1
    depth += 1
    guard depth <= Self.maximumDepth else { throw tooDeep() }
  }

  private mutating func leave() -> Bool {
    depth -= 1
    return true
  }

  /// The next byte that is not white space, which stays unread.
  private mutating func nextByte() throws -> UInt8 {
    while true {
      while position < limit {
        let byte = buffer[position]
        if byte > 0x20 { return byte }
        guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else {
          throw fault("\(shown(byte)) where a value was expected")
        }
        position += 1
      }
      guard try refill(keepingFrom: position) else { throw fault("ends inside of a value") }
    }
  }

  /// Whether the next byte that is not white space is this one; if so it is passed.
  private mutating func take(_ expected: UInt8) throws -> Bool {
    guard try nextByte() == expected else { return false }
    position += 1
    return true
  }

  /// The range of the number that begins here, in the window.
  private mutating func numberToken() throws -> Range<Int> {
    var count = 0
    while true {
      while position + count < limit, isNumberByte(buffer[position + count]) { count += 1 }
      if position + count < limit { break }
      if try !refill(keepingFrom: position) { break }
    }
    let token = position..<(position + count)
    position += count
    return token
  }

  /// Reads the string whose quote comes next.
  private mutating func text() throws -> String {
    let length = try stringLength()
    let body = buffer[(position + 1)..<(position + length - 1)]
    position += length
    guard body.contains(UInt8(ascii: "\\")) else { return String(decoding: body, as: UTF8.self) }
    return try unescaped(body)
  }

  private mutating func skipString() throws {
    position += 1
    while true {
      while position < limit {
        let byte = buffer[position]
        position += byte == UInt8(ascii: "\\") ? 2 : 1
        if byte == UInt8(ascii: "\"") { return }
      }
      // An escape at the window's end has its second byte in the next one.
      let overhang = position - limit
      position = limit
      guard try refill(keepingFrom: position) else { throw fault("ends inside of a string") }
      position += overhang
    }
  }

  /// The bytes from the quote at the position to the closing one, both included; brings them all
  /// into the window.
  private mutating func stringLength() throws -> Int {
    var count = 1
    while true {
      while position + count < limit {
        let byte = buffer[position + count]
        count += byte == UInt8(ascii: "\\") ? 2 : 1
        if byte == UInt8(ascii: "\"") { return count }
      }
      guard try refill(keepingFrom: position) else { throw fault("ends inside of a string") }
    }
  }

  private func unescaped(_ body: ArraySlice<UInt8>) throws -> String {
    var text = String.UnicodeScalarView()
    var rest = body
    while let backslash = rest.firstIndex(of: UInt8(ascii: "\\")) {
      text += String(decoding: rest[..<backslash], as: UTF8.self).unicodeScalars
      rest = rest[(backslash + 1)...]
      guard let escape = rest.popFirst() else { break }
      switch escape {
      case UInt8(ascii: "n"): text.append("\n")
      case UInt8(ascii: "t"): text.append("\t")
      case UInt8(ascii: "r"): text.append("\r")
      case UInt8(ascii: "b"): text.append("\u{8}")
      case UInt8(ascii: "f"): text.append("\u{C}")
      case UInt8(ascii: "u"):
        let first = try hexadecimal(&rest)
        var code = first
        if (0xD800..<0xDC00).contains(first), rest.starts(with: "\\u".utf8) {
          var low = rest.dropFirst(2)
          let second = try hexadecimal(&low)
          if (0xDC00..<0xE000).contains(second) {
            code = 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)
            rest = low
          }
        }
        text.append(Unicode.Scalar(code) ?? "\u{FFFD}")
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
        text.append(Unicode.Scalar(escape))
      default: throw fault("the escape '\\\(shown(escape))' in a string")
      }
    }
    text += String(decoding: rest, as: UTF8.self).unicodeScalars
    return String(text)
  }

  private func hexadecimal(_ rest: inout ArraySlice<UInt8>) throws -> UInt32 {
    let digits = rest.prefix(4)
    guard digits.count == 4, digits.allSatisfy({ isHexadecimal($0) }),
      let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw fault("'\\u' without four hexadecimal digits") }
    rest = rest.dropFirst(4)
    return value
  }

  private mutating func skipWord(_ word: StaticString) throws {
    let count = word.utf8CodeUnitCount
    while limit - position < count, try refill(keepingFrom: position) {}
    for offset in 0..<count {
      guard position + offset < limit, buffer[position + offset] == word.utf8Start[offset] else {
        throw fault("a word other than true, false and null")
      }
    }
    position += count
  }

  /// Passes over an array or object, counting brackets.
  private mutating func skipNested() throws {
    var closers: [UInt8] = []
    repeat {
      // In ASCII, '[' and ']' are '{' and '}' without bit 5.
      while position < limit {
        let byte = buffer[position]
        if byte | 0x20 == 0x7B || byte | 0x20 == 0x7D || byte == UInt8(ascii: "\"") { break }
        position += 1
      }
      guard position < limit else {
        guard try refill(keepingFrom: position) else { throw fault("ends inside of a value") }
        continue
      }
      let byte = buffer[position]
      if byte == UInt8(ascii: "\"") {
        try skipString()
      } else if byte | 0x20 == 0x7B {
        closers.append(byte + 2)
        guard depth + closers.count <= Self.maximumDepth else { throw tooDeep() }
        position += 1
      } else {
        guard closers.last == byte else { throw fault("\(shown(byte)) closes what is not open") }
        closers.removeLast()
        position += 1
      }
    } while !closers.isEmpty
  }

  // MARK: The window

  /// Moves the window on, so that it begins at `start`.
  ///
  /// - Returns: whether bytes were added.
  private mutating func refill(keepingFrom start: Int) throws -> Bool {
    guard let file else { return false }
    if captureStart != nil {
      capture(to: start)
      captureStart = 0
    }
    passedLines += lineEnds(in: 0..<start)
    passedBytes += start
    let kept = limit - start
    buffer.withUnsafeMutableBytes { bytes in
      bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[start..<limit]))
    }
    (position, limit) = (position - start, kept)
    // One token fills the window.
    if kept == buffer.count {
      guard kept < Self.maximumToken else {
        throw fault("a text or number of more than \(Self.maximumToken) bytes")
      }
      buffer += [UInt8](repeating: 0, count: max(kept, 64))
    }
    let count = try buffer.withUnsafeMutableBytes { bytes in
      try file.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[kept...]))
    }
    limit += count
    return count > 0
  }

  private mutating func skipByteOrderMark() {
    if buffer[..<limit].starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
  }

  private func lineEnds(in range: Range<Int>) -> Int {
    buffer.withUnsafeBufferPointer { bytes in
      var count = 0
      for byte in UnsafeBufferPointer(rebasing: bytes[range]) where byte == 0x0A { count += 1 }
      return count
    }
  }

  private func fault(_ reason: String) -> Fault { Fault(line: line, reason: reason) }

  private func tooDeep() -> Fault {
    fault("arrays and objects more than \(Self.maximumDepth) deep")
  }
}

/// A byte for a message.
private func shown(_ byte: UInt8) -> String {
  (0x21..<0x7F).contains(byte)
    ? "'\(Character(Unicode.Scalar(byte)))'" : "byte \(byte)"
}

private func isNumberByte(_ byte: UInt8) -> Bool {
  switch byte {
  case 0x30...0x39, UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "e"),
    UInt8(ascii: "E"):
    true
  default: false
  }
}

private func isHexadecimal(_ byte: UInt8) -> Bool {
  (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte | 0x20)
}
