import CParsing

/// Reads YAML 1.1 event by event, with libyaml; the first document of a file.
package final class YAMLReader {
  /// What comes next.
  package enum Event: Equatable, Sendable {
    /// A text, quotes and escapes resolved.
    case scalar(String)
    /// A place that takes its value from another one.
    case alias
    case startOfList, endOfList, startOfMapping, endOfMapping
  }

  /// How deep lists and mappings may lie in each other.
  package static let maximumDepth = 64

  private let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
  private let bytes: UnsafeMutableBufferPointer<UInt8>
  private var depth = 0
  /// The line of the last event, from 1.
  package private(set) var line = 1

  /// A reader of bytes in memory.
  package init(_ bytes: [UInt8]) {
    self.bytes = .allocate(capacity: bytes.count)
    _ = self.bytes.initialize(fromContentsOf: bytes)
    parser.initialize(to: yaml_parser_t())
    yaml_parser_initialize(parser)
    yaml_parser_set_input_string(parser, self.bytes.baseAddress, bytes.count)
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
    bytes.deallocate()
  }

  /// The next event; nil after the document.
  package func next() throws(ParsingFault) -> Event? {
    while true {
      var event = yaml_event_t()
      guard yaml_parser_parse(parser, &event) == 1 else { throw fault }
      defer { yaml_event_delete(&event) }
      line = event.start_mark.line + 1
      switch event.type {
      case YAML_SCALAR_EVENT:
        let scalar = event.data.scalar
        return .scalar(
          String(
            decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
        )
      case YAML_ALIAS_EVENT: return .alias
      case YAML_SEQUENCE_START_EVENT: return try opened(.startOfList)
      case YAML_MAPPING_START_EVENT: return try opened(.startOfMapping)
      case YAML_SEQUENCE_END_EVENT: return closed(.endOfList)
      case YAML_MAPPING_END_EVENT: return closed(.endOfMapping)
      case YAML_DOCUMENT_END_EVENT, YAML_STREAM_END_EVENT: return nil
      default: continue
      }
    }
  }

  /// Passes over what is left of so many of the lists and mappings that have begun, innermost
  /// first.
  package func skipRest(of count: Int) throws(ParsingFault) {
    let outside = depth - count
    while depth > outside, try next() != nil {}
  }

  private func opened(_ event: Event) throws(ParsingFault) -> Event {
    depth += 1
    guard depth <= Self.maximumDepth else {
      throw ParsingFault(
        line: line, reason: "lists and mappings more than \(Self.maximumDepth) deep")
    }
    return event
  }

  private func closed(_ event: Event) -> Event {
    depth -= 1
    return event
  }

  private var fault: ParsingFault {
    let problem = parser.pointee.problem.map { String(cString: $0) } ?? "unknown error"
    let context = parser.pointee.context.map { String(cString: $0) + ": " } ?? ""
    // What the reader of characters finds has a place in bytes, all else a line.
    let isOfCharacters = parser.pointee.error == YAML_READER_ERROR
    let line = isOfCharacters ? lineOfOffset : parser.pointee.problem_mark.line + 1
    return ParsingFault(line: line, reason: "no YAML: \(context)\(problem)")
  }

  private var lineOfOffset: Int {
    1 + bytes.prefix(parser.pointee.problem_offset).count { $0 == 0x0A }
  }
}
