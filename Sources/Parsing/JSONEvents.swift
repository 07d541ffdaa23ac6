import CParsing

/// What yajl finds in a JSON text: an event for each bracket, key and value, piece by piece.
///
/// Only the events of one piece are in memory. A piece grows while no value ends in it: of a text
/// that goes on, yajl looks at all it has again for each piece.
final class JSONEvents {
  struct Event {
    enum Kind: UInt8 {
      case null, isFalse, isTrue, number, text, key, startOfObject, endOfObject, startOfArray
      case endOfArray
    }

    var kind: Kind
    /// Where it ends in the piece, and which part of ``Queue/texts`` it has.
    var end, start, count: Int32
  }

  /// What the callbacks fill.
  fileprivate struct Queue {
    var events: [Event] = []
    var texts: [UInt8] = []
    var depth = 0
    var parser: yajl_handle?

    mutating func add(_ kind: Event.Kind, _ text: UnsafePointer<UInt8>? = nil, _ count: Int = 0)
      -> Int32
    {
      let start = texts.count
      texts.append(contentsOf: UnsafeBufferPointer(start: text, count: count))
      events.append(
        Event(
          kind: kind, end: Int32(truncatingIfNeeded: yajl_get_bytes_consumed(parser)),
          start: Int32(truncatingIfNeeded: start), count: Int32(truncatingIfNeeded: count)))
      return 1
    }

    mutating func open(_ kind: Event.Kind) -> Int32 {
      depth += 1
      return depth > JSONReader.maximumDepth ? 0 : add(kind)
    }

    mutating func close(_ kind: Event.Kind) -> Int32 {
      depth -= 1
      return add(kind)
    }
  }

  private let read: (UnsafeMutableRawBufferPointer) throws -> Int
  private let window: Int
  private let callbacks = UnsafeMutablePointer<yajl_callbacks>.allocate(capacity: 1)
  private let queue = UnsafeMutablePointer<Queue>.allocate(capacity: 1)
  private let parser: yajl_handle?
  private var piece: [UInt8] = []
  private var pieceCount = 0
  private var isAtEnd = false
  /// What is wrong behind the events of the piece.
  private var fault: ParsingFault?
  private var next = 0
  /// Lines and bytes before the piece.
  private var passedLines = 0
  private var passedBytes = 0
  /// Events taken so far.
  private(set) var takenCount = 0

  /// - Parameters:
  ///   - window: bytes of a piece.
  ///   - checksText: takes bytes that are not UTF-8 for a fault.
  ///   - read: fills the front of a buffer and says how far; 0 at the end.
  init(
    window: Int, checksText: Bool,
    read: @escaping (UnsafeMutableRawBufferPointer) throws -> Int
  ) {
    (self.window, self.read) = (window, read)
    callbacks.initialize(to: Self.functions)
    parser = cp_json_parser(callbacks, queue, checksText ? 1 : 0)
    queue.initialize(to: Queue(parser: parser))
  }

  deinit {
    yajl_free(parser)
    queue.deinitialize(count: 1).deallocate()
    callbacks.deallocate()
  }

  /// Bytes up to the end of the last event that was taken.
  var position: Int { passedBytes + placeInPiece }
  /// The line there, from 1.
  var line: Int { 1 + passedLines + lineEnds(upTo: placeInPiece) }

  private var placeInPiece: Int { next > 0 ? Int(queue.pointee.events[next - 1].end) : 0 }

  /// The next event, which stays; nil after the end.
  func peek() throws -> Event? {
    if next == queue.pointee.events.count, try !refill() { return nil }
    return queue.pointee.events[next]
  }

  /// Passes over the event that ``peek()`` gave.
  func take() {
    next += 1
    takenCount += 1
  }

  /// The bytes of a number or text of the current piece.
  func bytes(of event: Event) -> ArraySlice<UInt8> {
    queue.pointee.texts[Int(event.start)..<Int(event.start + event.count)]
  }

  /// Reads on until there is an event; false at the end.
  private func refill() throws -> Bool {
    if let fault { throw fault }
    var silentBytes = 0
    while !isAtEnd {
      passedLines += lineEnds(upTo: pieceCount)
      passedBytes += pieceCount
      next = 0
      queue.pointee.events.removeAll(keepingCapacity: true)
      queue.pointee.texts.removeAll(keepingCapacity: true)
      pieceCount = 0
      try fill(max(window, silentBytes))
      let status =
        isAtEnd ? yajl_complete_parse(parser) : yajl_parse(parser, piece, pieceCount)
      silentBytes += pieceCount
      if status != yajl_status_ok {
        fault = ParsingFault(
          line: faultLine, reason: isAtEnd ? "ends inside of a value" : reason)
        isAtEnd = true
      } else if silentBytes > JSONReader.maximumToken {
        fault = ParsingFault(
          line: line,
          reason: "a text or number of more than \(JSONReader.maximumToken) bytes")
      }
      if !queue.pointee.events.isEmpty { return true }
      if let fault { throw fault }
    }
    return false
  }

  private func fill(_ count: Int) throws {
    let count = max(count, 3)
    if piece.count < count { piece = [UInt8](repeating: 0, count: count) }
    var added: Int
    repeat {
      added = try piece.withUnsafeMutableBytes { buffer in
        try read(UnsafeMutableRawBufferPointer(rebasing: buffer[pieceCount..<count]))
      }
      pieceCount += added
    } while added > 0 && passedBytes == 0 && pieceCount < 3
    isAtEnd = pieceCount == 0
    // A mark of UTF-8 is no JSON, but harmless.
    if passedBytes == 0, piece[..<pieceCount].starts(with: [0xEF, 0xBB, 0xBF]) {
      piece.removeFirst(3)
      pieceCount -= 3
      passedBytes = 3
    }
  }

  private var faultLine: Int {
    1 + passedLines + lineEnds(upTo: min(yajl_get_bytes_consumed(parser), pieceCount))
  }

  private var reason: String {
    if queue.pointee.depth > JSONReader.maximumDepth {
      return "arrays and objects more than \(JSONReader.maximumDepth) deep"
    }
    guard let text = yajl_get_error(parser, 0, nil, 0) else { return "no JSON" }
    defer { yajl_free_error(parser, text) }
    // `parse error: premature EOF`, and a line break.
    let words = String(cString: text).split(separator: ": ", maxSplits: 1)
    return "no JSON: " + (words.last ?? "").filter { !$0.isNewline }
  }

  private func lineEnds(upTo end: Int) -> Int {
    piece.withUnsafeBufferPointer { bytes in
      bytes.prefix(end).reduce(0) { $0 + ($1 == 0x0A ? 1 : 0) }
    }
  }

  private static var functions: yajl_callbacks {
    yajl_callbacks(
      yajl_null: { filled($0).pointee.add(.null) },
      yajl_boolean: { filled($0).pointee.add($1 == 0 ? .isFalse : .isTrue) },
      yajl_integer: nil, yajl_double: nil,
      yajl_number: { context, text, count in
        text?.withMemoryRebound(to: UInt8.self, capacity: count) {
          filled(context).pointee.add(.number, $0, count)
        } ?? 0
      },
      yajl_string: { filled($0).pointee.add(.text, $1, $2) },
      yajl_start_map: { filled($0).pointee.open(.startOfObject) },
      yajl_map_key: { filled($0).pointee.add(.key, $1, $2) },
      yajl_end_map: { filled($0).pointee.close(.endOfObject) },
      yajl_start_array: { filled($0).pointee.open(.startOfArray) },
      yajl_end_array: { filled($0).pointee.close(.endOfArray) })
  }
}

private func filled(
  _ context: UnsafeMutableRawPointer?
) -> UnsafeMutablePointer<JSONEvents.Queue> {
  guard let context else { preconditionFailure("yajl gives back what it was given") }
  return context.assumingMemoryBound(to: JSONEvents.Queue.self)
}
