import Terminal

/// The lines of a text as bytes, numbered from 1, trimmed of white space.
///
/// LF, CRLF and CR each end a line; a byte order mark at the start is dropped. Bytes rather than
/// characters, because Swift takes CRLF for one character, and because it is faster.
package struct TextLines: Sequence, IteratorProtocol {
  package struct Line {
    package var number: Int
    package var content: ArraySlice<UInt8>
  }

  private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

  private let bytes: [UInt8]
  /// Where the next line begins.
  package private(set) var position = 0
  private var number = 0

  package init(_ text: String) { self.init(Array(text.utf8)) }

  /// - Parameters:
  ///   - position: where to begin, at the start of a line.
  ///   - passedLines: lines that came before.
  package init(_ bytes: [UInt8], from position: Int = 0, passedLines: Int = 0) {
    self.bytes = bytes
    (self.position, number) = (position, passedLines)
  }

  package mutating func next() -> Line? {
    guard position < bytes.count else { return nil }
    var end = position
    while end < bytes.count, bytes[end] != 0x0A, bytes[end] != 0x0D { end += 1 }
    var content = bytes[position..<end].trimmed
    if number == 0 {
      // More than one, when files were put together.
      while content.starts(with: Self.byteOrderMark) { content = content.dropFirst(3).trimmed }
    }
    let isCRLF = end + 1 < bytes.count && bytes[end] == 0x0D && bytes[end + 1] == 0x0A
    position = end + (isCRLF ? 2 : 1)
    number += 1
    return Line(number: number, content: content)
  }
}

extension UInt8 {
  /// A space or a control character: tabs, form feeds, stray NULs.
  package var isSpace: Bool { self <= 0x20 || self == 0x7F }
}

extension ArraySlice<UInt8> {
  /// The slice without white space at its ends.
  package var trimmed: ArraySlice<UInt8> {
    guard let first = firstIndex(where: { !$0.isSpace }),
      let last = lastIndex(where: { !$0.isSpace })
    else { return [] }
    return self[first...last]
  }

  /// The slice up to a `#` or `;` that opens it or follows white space, trimmed.
  package var withoutTrailingComment: ArraySlice<UInt8> {
    var previousIsSpace = true
    for index in indices {
      let isMark = self[index] == UInt8(ascii: "#") || self[index] == UInt8(ascii: ";")
      if isMark && previousIsSpace { return self[..<index].trimmed }
      previousIsSpace = self[index].isSpace
    }
    return trimmed
  }

  package var text: String { String(decoding: self, as: UTF8.self) }

  /// The text for a message: at most 60 characters, control characters escaped.
  package var excerpt: String { String(decoding: prefix(256), as: UTF8.self).excerpt }
}
