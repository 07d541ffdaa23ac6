import Darknet

/// Reads a text file line by line with no more than a window of it in memory.
enum LineReader {
  /// The longest line that is read, in bytes.
  static let maximumLine = 4096
  private static let windowBytes = 1 << 18
  /// More bytes than the labels of a picture can take.
  static let maximumBytes = 1 << 26

  /// Calls `body` with each line that is not empty, trimmed, or with nil in place of a line of more
  /// than ``maximumLine`` bytes.
  ///
  /// - Throws: ``FileError/foreign(path:_:)`` when the file is something else altogether,
  ///   ``FileError/tooLarge(path:bytes:limit:)`` beyond ``maximumBytes``.
  static func forEachLine(
    of path: String, _ body: (_ number: Int, _ content: ArraySlice<UInt8>?) -> Void
  ) throws(FileError) {
    let file = try FileBytes(path)
    guard file.size <= maximumBytes else {
      throw .tooLarge(path: path, bytes: file.size, limit: maximumBytes)
    }
    var numbering = Numbering()
    // The window begins with what the last one held of a line that it did not end.
    var window: [UInt8] = []
    var isStart = true
    while true {
      let bytes = try file.read(windowBytes)
      guard !bytes.isEmpty else { break }
      if isStart, let foreign = ForeignContent(bytes) { throw .foreign(path: path, foreign) }
      isStart = false
      window += bytes
      guard let end = lastLineEnd(window) else {
        // Of a line that is too long one byte is enough to remember.
        if window.count > maximumLine {
          numbering.isInLongLine = true
          window.removeFirst(window.count - 1)
        }
        continue
      }
      numbering.pass(Array(window[...end]), body)
      window.removeFirst(end + 1)
    }
    numbering.pass(window, body)
  }

  /// Where the last line that is known to be whole ends: a CR may have its LF in the next window.
  private static func lastLineEnd(_ window: [UInt8]) -> Int? {
    window.dropLast(window.last == 0x0D ? 1 : 0).lastIndex { $0 == 0x0A || $0 == 0x0D }
  }

  /// Calls `body` with each line of bytes in memory, as ``forEachLine(of:_:)`` does.
  static func forEachLine(
    in bytes: [UInt8], _ body: (_ number: Int, _ content: ArraySlice<UInt8>?) -> Void
  ) {
    var numbering = Numbering()
    numbering.pass(bytes, body)
  }

  /// How many lines have passed.
  private struct Numbering {
    var passed = 0
    /// Whether the next line is the end of one that was too long to be kept.
    var isInLongLine = false

    /// Whole lines.
    mutating func pass(
      _ bytes: [UInt8], _ body: (_ number: Int, _ content: ArraySlice<UInt8>?) -> Void
    ) {
      for line in TextLines(bytes, passedLines: passed) {
        passed = line.number
        if isInLongLine || line.content.count > maximumLine {
          body(line.number, nil)
        } else if !line.content.isEmpty {
          body(line.number, line.content)
        }
        isInLongLine = false
      }
    }
  }
}

extension ArraySlice<UInt8> {
  /// The parts between blanks, ten of them at most.
  var tokens: [ArraySlice<UInt8>] {
    split(maxSplits: 9, whereSeparator: \.isSpace)
  }
}
