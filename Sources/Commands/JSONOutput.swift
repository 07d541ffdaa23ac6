import ArgumentParsing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Where `--json` goes. Made before the work, so that a path that cannot be written is an error
/// at once and not after hours of training.
package struct JSONOutput: Sendable {
  /// `nil` when no JSON was asked for, `-` for stdout.
  private let path: String?

  /// Checks that the path can be written; changes nothing.
  ///
  /// - Throws: ``JSONOutputError``.
  package init(_ path: String?) throws(JSONOutputError) {
    self.path = path
    guard let path, path != "-" else { return }
    if let kind = fileKind(path) {
      guard kind != S_IFDIR else {
        throw .cannotWrite(path: path, reason: "it is a folder")
      }
      // A file is replaced by renaming, which needs its folder; anything else is written into.
      if kind != S_IFREG {
        guard access(path, W_OK) == 0 else {
          throw .cannotWrite(path: path, reason: lastReason())
        }
        return
      }
    }
    let folder = parentFolder(path)
    guard access(folder, W_OK | X_OK) == 0 else {
      throw .cannotWrite(path: path, reason: "folder '\(folder)': \(lastReason())")
    }
  }

  /// Checks the path of a command's report options.
  package init(_ options: ReportOptions) throws(JSONOutputError) { try self.init(options.json) }

  /// Writes the result, if one was asked for. A file appears whole or not at all.
  ///
  /// - Throws: ``JSONOutputError``, or ``StreamError`` for stdout.
  package func write(_ value: @autoclosure () -> JSONValue) throws {
    guard let path else { return }
    let text = value().text + "\n"
    if path == "-" {
      try StandardStream.output.write(text)
    } else if let kind = fileKind(path), kind != S_IFREG {
      try write(text, opening: path, flags: O_WRONLY, path: path)
    } else {
      let temporary = "\(path).\(getpid()).tmp"
      do {
        try write(text, opening: temporary, flags: O_WRONLY | O_CREAT | O_TRUNC, path: path)
        guard rename(temporary, path) == 0 else {
          throw JSONOutputError.cannotWrite(path: path, reason: lastReason())
        }
      } catch {
        unlink(temporary)
        throw error
      }
    }
  }

  private func write(_ text: String, opening file: String, flags: Int32, path: String) throws {
    func refused() -> JSONOutputError { .cannotWrite(path: path, reason: lastReason()) }
    let descriptor = open(file, flags | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw refused() }
    defer { close(descriptor) }
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { systemWrite(descriptor, $0) }
      guard written > 0 || errno == EINTR else { throw refused() }
      rest = rest.dropFirst(max(written, 0))
    }
    // Devices and pipes cannot be flushed to disk and say so with EINVAL.
    guard fsync(descriptor) == 0 || errno == EINVAL || errno == EROFS else { throw refused() }
  }
}

/// A `--json` path that cannot be written.
package enum JSONOutputError: Error, Equatable, CustomStringConvertible {
  case cannotWrite(path: String, reason: String)

  package var description: String {
    switch self {
    case .cannotWrite(let path, let reason): "cannot write '\(path)' (--json): \(reason)"
    }
  }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
  guard let start = bytes.baseAddress else { return 0 }
  return write(descriptor, start, bytes.count)
}

/// The type bits of a file's mode, links followed; `nil` when there is none.
private func fileKind(_ path: String) -> mode_t? {
  var information = stat()
  return stat(path, &information) == 0 ? information.st_mode & S_IFMT : nil
}

private func parentFolder(_ path: String) -> String {
  guard let slash = path.lastIndex(of: "/") else { return "." }
  return slash == path.startIndex ? "/" : String(path[..<slash])
}

private func lastReason() -> String { String(cString: strerror(errno)) }
