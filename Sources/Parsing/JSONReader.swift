import CParsing

/// Reads JSON (RFC 8259) value by value, from a file or from bytes, with yajl.
///
/// What nobody asks for is passed over without being kept, and of a file no more than a piece is in
/// memory, so that annotation files of half a gigabyte are read at the speed of the disk. A value
/// of another kind than the one asked for is passed over and comes out as nil: an annotation with a
/// word for a number is one bad record, not the end of the file. Bytes that are not UTF-8 become
/// U+FFFD, lone surrogates a mark.
package final class JSONReader {
  /// How deep arrays and objects may lie in each other.
  package static let maximumDepth = 256
  /// The longest key, string or number, in bytes.
  package static let maximumToken = 1 << 20

  private let events: JSONEvents

  /// A reader of bytes in memory.
  ///
  /// - Parameter checksText: takes bytes that are not UTF-8 for an error.
  package init(_ bytes: [UInt8], checksText: Bool = false) {
    var position = 0
    events = JSONEvents(window: 1 << 16, checksText: checksText) { buffer in
      let count = min(buffer.count, bytes.count - position)
      bytes.withUnsafeBytes {
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[position..<position + count]))
      }
      position += count
      return count
    }
  }

  /// A reader of what `read` gives: it fills the front of a buffer and says how far, 0 at the end.
  ///
  /// - Parameter window: bytes to ask for at a time.
  package init(
    window: Int = 1 << 16, read: @escaping (UnsafeMutableRawBufferPointer) throws -> Int
  ) {
    events = JSONEvents(window: window, checksText: false, read: read)
  }

  /// The line where the last value or bracket that was read ends, from 1.
  package var line: Int { events.line }
  /// Bytes up to there.
  package var position: Int { events.position }

  /// Kinds of values.
  package enum Kind { case object, array, string, number, boolean, null }

  /// The kind of the value that comes next, which stays unread.
  package func kind() throws -> Kind {
    switch try event().kind {
    case .null: .null
    case .isFalse, .isTrue: .boolean
    case .number: .number
    case .text, .key: .string
    case .startOfObject, .endOfObject: .object
    case .startOfArray, .endOfArray: .array
    }
  }

  /// Reads an object: `body` is called with each key, and may read the key's value.
  ///
  /// - Returns: false, the value passed over, when it is no object.
  @discardableResult
  package func forEachMember(
    _ body: (_ key: String, _ reader: JSONReader) throws -> Void
  ) throws -> Bool {
    guard try enter(.startOfObject) else { return false }
    while let key = try take(unless: .endOfObject) {
      let name = text(key)
      let count = events.takenCount
      try body(name, self)
      if events.takenCount == count { try skip() }
    }
    return true
  }

  /// Reads an array: `body` is called before each element, and may read it.
  ///
  /// - Returns: false, the value passed over, when it is no array.
  @discardableResult
  package func forEachElement(
    _ body: (_ reader: JSONReader) throws -> Void
  ) throws -> Bool {
    guard try enter(.startOfArray) else { return false }
    while try event().kind != .endOfArray {
      let count = events.takenCount
      try body(self)
      if events.takenCount == count { try skip() }
    }
    events.take()
    return true
  }

  /// Reads a string; nil for another kind of value.
  package func string() throws -> String? {
    try scalar(.text).map { text($0) }
  }

  /// Reads a finite number; nil for another kind of value, and for one beyond a double's range.
  package func number() throws -> Double? {
    try scalar(.number).flatMap { decimalValue(events.bytes(of: $0)) }
  }

  /// Reads a whole number as it is written; nil for another kind of value, and beyond 64 bits.
  package func integer() throws -> Int? {
    try scalar(.number).flatMap { Int(text($0)) }
  }

  /// Reads `true`, `false`, 0 or another number; nil for another kind of value.
  package func flag() throws -> Bool? {
    switch try event().kind {
    case .number: return try number().map { $0 != 0 }
    case .isTrue, .isFalse:
      let isTrue = try event().kind == .isTrue
      events.take()
      return isTrue
    default:
      try skip()
      return nil
    }
  }

  /// Reads a number or a string that names something, as text; nil for another kind of value.
  ///
  /// A whole number with an empty fraction (`7.0`, as some table programs write) is that number.
  package func identifier() throws -> String? {
    guard let event = try scalar(.number, or: .text) else { return nil }
    let text = text(event)
    return event.kind == .number && text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  /// Reads an array of numbers; nil for another kind of value, and for other than `count` of them.
  package func numbers(_ count: Int) throws -> [Double]? {
    var values: [Double] = []
    var isGood = true
    let isArray = try forEachElement { reader in
      guard isGood, values.count < count, let value = try reader.number() else {
        isGood = false
        return
      }
      values.append(value)
    }
    return isArray && isGood && values.count == count ? values : nil
  }

  /// Passes over a value.
  package func skip() throws {
    var depth = 0
    repeat {
      switch try event().kind {
      case .startOfObject, .startOfArray: depth += 1
      case .endOfObject, .endOfArray: depth -= 1
      default: break
      }
      events.take()
    } while depth > 0
  }

  /// Ends the reading: nothing but white space may follow.
  package func finish() throws {
    guard try events.peek() == nil else {
      throw ParsingFault(line: line, reason: "another value after the end")
    }
  }

  // MARK: Events

  /// The next event, which stays; there is one as long as a value is wanted.
  private func event() throws -> JSONEvents.Event {
    guard let event = try events.peek() else {
      throw ParsingFault(line: line, reason: "no further value")
    }
    return event
  }

  /// Passes over an event of this kind and says yes, or over another value and says no.
  private func enter(_ kind: JSONEvents.Event.Kind) throws -> Bool {
    try scalar(kind) != nil
  }

  /// Passes over the next event; nil if it is of this kind.
  private func take(unless kind: JSONEvents.Event.Kind) throws -> JSONEvents.Event? {
    let event = try event()
    events.take()
    return event.kind == kind ? nil : event
  }

  /// Takes the next event if it is of this kind, else passes over its value.
  private func scalar(
    _ kind: JSONEvents.Event.Kind, or other: JSONEvents.Event.Kind? = nil
  ) throws -> JSONEvents.Event? {
    let event = try event()
    guard event.kind == kind || event.kind == other else {
      try skip()
      return nil
    }
    events.take()
    return event
  }

  private func text(_ event: JSONEvents.Event) -> String {
    String(decoding: events.bytes(of: event), as: UTF8.self)
  }
}
