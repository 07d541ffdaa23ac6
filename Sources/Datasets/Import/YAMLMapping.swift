import Darknet

/// The part of YAML that a `data.yaml` is written in: keys at the left margin, each with a scalar, a
/// list or a mapping of scalars, in lines or in brackets; quotes and comments.
///
/// Deeper values, block scalars (`|`, `>`), anchors and tags come out as ``Value/other``; they are
/// of no use here, and their lines are passed over.
struct YAMLMapping: Equatable {
  enum Value: Equatable {
    case scalar(String)
    case list([String])
    case mapping([Entry])
    case other
  }

  struct Entry: Equatable {
    var key: String
    var value: String
  }

  private(set) var values: [String: Value] = [:]

  /// The most items of a list or a mapping.
  static let maximumItems = DataFile.maximumClasses

  /// Parses the bytes of a file; the first of two equal keys counts.
  ///
  /// - Parameter keys: the keys whose values are kept; nil for all.
  init(parsing bytes: [UInt8], keys: Set<String>? = nil) throws(AnnotationFault) {
    var lines = YAMLLines(bytes)
    while let line = lines.next() {
      guard line.indent == 0 else {
        throw AnnotationFault(line: line.number, reason: "an indented line without a key above it")
      }
      guard let (key, rest) = line.content.keyAndRest else {
        throw AnnotationFault(
          line: line.number, reason: "'\(line.content.excerpt)' is not 'key: value'")
      }
      let value = try Self.value(of: rest, at: line, &lines)
      if keys?.contains(key) ?? true, values[key] == nil { values[key] = value }
    }
  }

  /// The scalar of a key.
  func scalar(_ key: String) -> String? {
    guard case .scalar(let text) = values[key] else { return nil }
    return text
  }

  private static func value(
    of text: ArraySlice<UInt8>, at line: YAMLLines.Line, _ lines: inout YAMLLines
  ) throws(AnnotationFault) -> Value {
    switch text.first {
    case nil: return try block(&lines)
    case UInt8(ascii: "["), UInt8(ascii: "{"): return try flow(text, at: line, &lines)
    case UInt8(ascii: "|"), UInt8(ascii: ">"), UInt8(ascii: "&"), UInt8(ascii: "*"),
      UInt8(ascii: "!"):
      lines.skipBlock()
      return .other
    default:
      // A plain scalar may go on in indented lines; a path or number does not.
      guard lines.peek().map({ $0.indent == 0 }) ?? true else {
        lines.skipBlock()
        return .other
      }
      return .scalar(try scalar(text, line.number))
    }
  }

  /// A list or mapping in lines of their own.
  private static func block(_ lines: inout YAMLLines) throws(AnnotationFault) -> Value {
    guard let first = lines.peek() else { return .other }
    if first.content.isListItem {
      // Items may stand at the margin.
      var items: [String] = []
      while let line = lines.peek(), line.indent == first.indent, line.content.isListItem {
        lines.drop()
        let item = line.content.dropFirst().trimmed
        guard let start = item.first, !"[{|>&*!".utf8.contains(start) else {
          lines.skipBlock()
          return .other
        }
        items.append(try scalar(item, line.number))
        try check(items.count, line.number)
      }
      return .list(items)
    }
    guard first.indent > 0 else { return .other }
    var entries: [Entry] = []
    while let line = lines.peek(), line.indent == first.indent {
      guard let (key, rest) = line.content.keyAndRest, let start = rest.first,
        !"[{|>&*!".utf8.contains(start)
      else {
        lines.skipBlock()
        return .other
      }
      lines.drop()
      entries.append(Entry(key: key, value: try scalar(rest, line.number)))
      try check(entries.count, line.number)
    }
    if let line = lines.peek(), line.indent > 0 {
      lines.skipBlock()
      return .other
    }
    return .mapping(entries)
  }

  private static func check(_ count: Int, _ line: Int) throws(AnnotationFault) {
    guard count <= maximumItems else {
      throw AnnotationFault(line: line, reason: "more than \(maximumItems) items")
    }
  }

  /// `[a, b]` or `{0: a, 1: b}`, over several lines if need be.
  private static func flow(
    _ text: ArraySlice<UInt8>, at line: YAMLLines.Line, _ lines: inout YAMLLines
  ) throws(AnnotationFault) -> Value {
    let isList = text.first == UInt8(ascii: "[")
    let closer = isList ? UInt8(ascii: "]") : UInt8(ascii: "}")
    var parts: [ArraySlice<UInt8>] = []
    var rest = text.dropFirst().trimmed
    while true {
      while rest.isEmpty {
        guard let next = lines.next() else {
          throw AnnotationFault(line: line.number, reason: "a bracket that nothing closes")
        }
        rest = next.content
      }
      if rest.first == closer { break }
      if rest.first == UInt8(ascii: ",") {
        rest = rest.dropFirst().trimmed
        continue
      }
      guard rest.first != UInt8(ascii: "["), rest.first != UInt8(ascii: "{") else {
        throw AnnotationFault(line: line.number, reason: "a list in a list")
      }
      let end = rest.flowEnd(closer)
      guard end > rest.startIndex else {
        throw AnnotationFault(line: line.number, reason: "'\(rest.excerpt)' in a list")
      }
      parts.append(rest[..<end].trimmed)
      try check(parts.count, line.number)
      rest = rest[end...].trimmed
    }
    if isList {
      var items: [String] = []
      for part in parts { items.append(try scalar(part, line.number)) }
      return .list(items)
    }
    var entries: [Entry] = []
    for part in parts {
      guard let (key, value) = part.keyAndRest else {
        throw AnnotationFault(line: line.number, reason: "'\(part.excerpt)' is not 'key: value'")
      }
      entries.append(Entry(key: key, value: try scalar(value, line.number)))
    }
    return .mapping(entries)
  }

  /// A scalar, its quotes and escapes resolved.
  private static func scalar(
    _ text: ArraySlice<UInt8>, _ line: Int
  ) throws(AnnotationFault) -> String {
    guard let quote = text.first, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
      return text.text
    }
    guard text.count > 1, text.last == quote else {
      throw AnnotationFault(line: line, reason: "'\(text.excerpt)' has no closing quote")
    }
    let body = text.dropFirst().dropLast()
    if quote == UInt8(ascii: "'") { return body.text.replacingPairs(of: "'") }
    // Double quotes have JSON's escapes, and others that names do not need.
    var parser = JSONPullParser([quote] + body + [quote])
    guard let value = try? parser.string(), (try? parser.finish()) != nil else {
      throw AnnotationFault(line: line, reason: "'\(text.excerpt)' is not a quoted text")
    }
    return value
  }
}

/// The lines that say something, comments cut off.
private struct YAMLLines {
  struct Line {
    var number: Int
    var indent: Int
    var content: ArraySlice<UInt8>
  }

  private let bytes: [UInt8]
  /// Where the line after ``current`` begins.
  private var start = 0
  private var number = 0
  private var current: Line?

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { start = 3 }
    drop()
  }

  /// The next line, which stays unread.
  func peek() -> Line? { current }

  /// Passes over the next line.
  mutating func drop() {
    current = nil
    while start < bytes.count {
      let end = bytes[start...].firstIndex { $0 == 0x0A || $0 == 0x0D } ?? bytes.count
      number += 1
      let line = bytes[start..<end].withoutYAMLComment
      let content = line.trimmed
      let isCRLF = end + 1 < bytes.count && bytes[end] == 0x0D && bytes[end + 1] == 0x0A
      start = end + (isCRLF ? 2 : 1)
      // Documents and directives open with these.
      guard !content.isEmpty, !content.elementsEqual("---".utf8), content.first != UInt8(ascii: "%")
      else { continue }
      let indent = content.startIndex - line.startIndex
      current = Line(number: number, indent: indent, content: content)
      return
    }
  }

  mutating func next() -> Line? {
    let line = current
    if line != nil { drop() }
    return line
  }

  /// Passes over indented lines, and items at the margin.
  mutating func skipBlock() {
    while let line = peek(), line.indent > 0 || line.content.isListItem { drop() }
  }
}

extension ArraySlice<UInt8> {
  /// Whether it is `- item`.
  fileprivate var isListItem: Bool {
    first == UInt8(ascii: "-") && (count == 1 || self[startIndex + 1].isSpace)
  }

  /// The part before a `#` that opens it or follows white space, outside of quotes.
  fileprivate var withoutYAMLComment: ArraySlice<UInt8> {
    var quote: UInt8?
    var previous = UInt8(ascii: " ")
    for index in indices {
      let byte = self[index]
      if let open = quote {
        if byte == open { quote = nil }
      } else if byte == UInt8(ascii: "#"), previous.isSpace {
        return self[..<index]
      } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'"), !isWordByte(previous) {
        quote = byte
      }
      previous = byte
    }
    return self
  }

  /// The key before the first `:` that ends it or comes before white space, and what follows.
  fileprivate var keyAndRest: (key: String, rest: ArraySlice<UInt8>)? {
    var start = startIndex
    if let quote = first, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
      guard let end = dropFirst().firstIndex(of: quote) else { return nil }
      start = end + 1
    }
    for index in start..<endIndex where self[index] == UInt8(ascii: ":") {
      guard index + 1 == endIndex || self[index + 1].isSpace else { continue }
      var key = self[..<index].trimmed
      if start > startIndex { key = key.dropFirst().dropLast() }
      return key.isEmpty ? nil : (key.text, self[(index + 1)...].trimmed)
    }
    return nil
  }

  /// Where an item of a list in brackets ends: before a `,` or the closing bracket.
  fileprivate func flowEnd(_ closer: UInt8) -> Int {
    var quote: UInt8?
    var previous = UInt8(ascii: " ")
    for index in indices {
      let byte = self[index]
      if let open = quote {
        if byte == open { quote = nil }
      } else if byte == UInt8(ascii: ",") || byte == closer {
        return index
      } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'"), !isWordByte(previous) {
        quote = byte
      }
      previous = byte
    }
    return endIndex
  }
}

/// Whether a quote after this byte is an apostrophe.
private func isWordByte(_ byte: UInt8) -> Bool {
  (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || byte >= 0x80
}

extension String {
  /// With two marks in a row as one.
  fileprivate func replacingPairs(of mark: Character) -> String {
    var text = ""
    var isFirst = false
    for character in self {
      let isSecond = isFirst && character == mark
      isFirst = character == mark && !isSecond
      if !isSecond { text.append(character) }
    }
    return text
  }
}
