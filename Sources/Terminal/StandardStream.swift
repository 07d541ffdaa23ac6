#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Standard output or standard error, written without a buffer so that nothing is lost unseen.
package enum StandardStream: Int32, Sendable {
  case output = 1
  case error = 2

  /// Writes all of a text.
  ///
  /// - Throws: ``StreamError`` when the stream is closed, full or its reader has gone.
  package func write(_ text: String) throws(StreamError) {
    try StatusLine.standingAside(for: self, text) { () throws(StreamError) in try writeAll(text) }
  }

  /// Columns of the terminal that the stream goes to; `nil` when it goes elsewhere.
  package var columns: Int? {
    guard isatty(rawValue) == 1 else { return nil }
    var size = winsize()
    guard ioctl(rawValue, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  /// Writes a line. On a terminal it is broken at words; elsewhere, as in a log, it stays whole.
  ///
  /// Text of several lines, such as a table, is laid out already. What a terminal would obey is
  /// written out, see `String.escaped`.
  package func writeLine(_ line: String) throws(StreamError) {
    let text = line.escapedLines
    guard let columns, !text.contains("\n") else { return try write(text + "\n") }
    try write(wrappedLine(text, to: columns) + "\n")
  }

  private func writeAll(_ text: String) throws(StreamError) {
    var text = text
    let number: Int32 = text.withUTF8 { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        let chunk = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[rest.indices])
        let written = systemWrite(rawValue, chunk)
        if written > 0 {
          rest = rest.dropFirst(written)
        } else if written == 0 {
          return EIO
        } else if errno != EINTR {
          return errno
        }
      }
      return 0
    }
    if number != 0 { throw StreamError(stream: self, number: number) }
  }

  /// Occupies descriptors 0 to 2 where the caller closed them, so that no file opened later takes
  /// their place; reading and writing them still fails.
  package static func reserveDescriptors() {
    while true {
      let descriptor = open("/dev/null", O_WRONLY)
      if descriptor < 0 { return }
      if descriptor > 2 {
        close(descriptor)
        return
      }
      // Standard input stays write-only and fails to read; the other two must fail to write.
      guard descriptor > 0 else { continue }
      let unwritable = open("/dev/null", O_RDONLY)
      guard unwritable >= 0 else { return }
      dup2(unwritable, descriptor)
      close(unwritable)
    }
  }
}

/// A standard stream that cannot be written.
package struct StreamError: Error, Equatable, CustomStringConvertible {
  package var stream: StandardStream
  /// The system's error number.
  package var number: Int32

  /// Whether the reader has gone, as `head` does: no reason to complain.
  package var isBrokenPipe: Bool { number == EPIPE }

  package var description: String {
    let name = stream == .output ? "standard output" : "standard error"
    return "cannot write to \(name): \(String(cString: strerror(number)))"
  }
}

/// Columns of the terminal on stdout; `COLUMNS`, or 80, when stdout is not one.
package func terminalColumns() -> Int {
  if let text = getenv("COLUMNS"), let columns = Int(String(cString: text)), columns > 0 {
    return columns
  }
  return StandardStream.output.columns ?? 80
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
  guard let start = bytes.baseAddress else { return 0 }
  return write(descriptor, start, bytes.count)
}
