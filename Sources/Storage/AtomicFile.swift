import Glibc

/// A file that appears under its name only when it is whole and on the disk: it is written beside
/// its place, flushed, and renamed. A reader, a crash or a full disk meets the old file or the new
/// one.
///
/// A link is followed. What is not a regular file (`/dev/stdout`, a pipe) is written directly.
/// Without ``commit()`` nothing is left behind; what a killed process leaves, the next one removes
/// (``TemporaryNames``).
package final class AtomicFile {
  /// Where the file will be.
  private let target: String
  /// Nil where the target is written directly.
  private let temporary: String?
  private let flushes: Bool
  private var descriptor: Int32

  /// Opens a file for writing.
  ///
  /// - Parameter flushes: whether it must survive a power cut.
  package init(_ path: String, flushes: Bool = true) throws(SystemError) {
    self.flushes = flushes
    var status = stat()
    let exists = stat(path, &status) == 0
    if exists && status.st_mode & S_IFMT != S_IFREG {
      (target, temporary) = (path, nil)
      descriptor = open(path, O_WRONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw SystemError() }
      return
    }
    let place = exists ? resolvedPath(path) : path
    let (opened, name) = try TemporaryNames.makeFile(in: parentFolder(of: place))
    (target, temporary, descriptor) = (place, name, opened)
    Unfinished.add(tree: name)
    if exists { _ = fchmod(descriptor, status.st_mode & 0o7777) }
  }

  deinit {
    guard descriptor >= 0 else { return }
    close(descriptor)
    if let temporary {
      unlink(temporary)
      Unfinished.remove(tree: temporary)
    }
  }

  /// Writes a whole file.
  package static func write(_ bytes: [UInt8], to path: String) throws(SystemError) {
    let file = try AtomicFile(path)
    try file.write(bytes)
    try file.commit()
  }

  /// Appends all of `bytes`.
  package func write(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
    try writeAll(bytes, to: descriptor)
  }

  /// Appends all of `bytes`.
  package func write(_ bytes: [UInt8]) throws(SystemError) {
    try writeAll(bytes, to: descriptor)
  }

  /// Flushes the file and gives it its name, in place of a file that had it.
  package func commit() throws(SystemError) {
    guard let temporary else {
      let isClosed = close(descriptor) == 0
      descriptor = -1
      guard isClosed else { throw SystemError() }
      return
    }
    guard !flushes || fsync(descriptor) == 0, rename(temporary, target) == 0 else {
      throw SystemError()
    }
    Unfinished.remove(tree: temporary)
    let isClosed = close(descriptor) == 0
    descriptor = -1
    guard isClosed else { throw SystemError() }
    if flushes { flushFolder(parentFolder(of: target)) }
  }
}

/// Gives a whole file another name in its folder, in place of a file that had it, and brings that to
/// the disk.
package func moveFile(_ path: String, to other: String) throws(StorageError) {
  guard rename(path, other) == 0 else { throw .system(path: other, SystemError()) }
  flushFolder(parentFolder(of: other))
}

/// Writes all of `bytes`, however many calls that takes.
package func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) throws(SystemError) {
  var done = 0
  while done < bytes.count {
    let count = write(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done)
    if count < 0 && errno == EINTR { continue }
    guard count > 0 else { throw count < 0 ? SystemError() : SystemError(EIO) }
    done += count
  }
}

/// Writes all of `bytes`, however many calls that takes.
package func writeAll(_ bytes: [UInt8], to descriptor: Int32) throws(SystemError) {
  try bytes.span.bytes.withUnsafeBytes { buffer throws(SystemError) in
    try writeAll(buffer, to: descriptor)
  }
}

/// Brings the names in a folder to the disk. File systems that cannot do this are fine too.
package func flushFolder(_ path: String) {
  let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  guard folder >= 0 else { return }
  fsync(folder)
  close(folder)
}

/// The path without links and dots; the path itself when it does not exist, and when a folder on
/// its way has a name that is not UTF-8.
package func resolvedPath(_ path: String) -> String {
  guard let buffer = realpath(path, nil) else { return path }
  defer { free(buffer) }
  return String(validatingCString: buffer) ?? path
}

/// What comes before the last `/` of a path, `.` without one.
package func parentFolder(of path: String) -> String {
  let bytes = path.utf8
  guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return "." }
  return slash == path.startIndex ? "/" : String(path[..<slash])
}
