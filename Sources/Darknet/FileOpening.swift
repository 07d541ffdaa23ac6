#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A file that is open for reading.
package struct OpenFile {
  /// The caller closes it.
  package var descriptor: Int32
  /// Bytes of a regular file; 0 for pipes.
  package var byteCount: Int
}

/// Opens a regular file or a pipe for reading.
///
/// Nothing here waits for ever: a pipe that nobody writes to is refused after three seconds, a
/// device at once. `/dev/null` is taken, as an empty file.
///
/// - Throws: ``FileError/cannotRead(path:reason:)`` also for folders, devices and sockets.
package func openForReading(_ path: String) throws(FileError) -> OpenFile {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
  guard descriptor >= 0 else { throw .cannotRead(path: path, reason: openFailure(path)) }
  var isTaken = false
  defer { if !isTaken { close(descriptor) } }
  var status = stat()
  guard fstat(descriptor, &status) == 0 else {
    throw .cannotRead(path: path, reason: systemErrorText())
  }
  var byteCount = 0
  switch status.st_mode & S_IFMT {
  case S_IFREG: byteCount = max(Int(status.st_size), 0)
  case S_IFDIR: throw .cannotRead(path: path, reason: systemErrorText(EISDIR))
  case S_IFIFO: try waitForWriter(descriptor, path)
  case S_IFCHR where isNullDevice(status): break
  case S_IFCHR, S_IFBLK: throw .cannotRead(path: path, reason: "it is a device, not a file")
  default: throw .cannotRead(path: path, reason: "it is not a file")
  }
  isTaken = true
  return OpenFile(descriptor: descriptor, byteCount: byteCount)
}

/// Waits three seconds for what comes through a pipe, then only if somebody has it open for
/// writing.
private func waitForWriter(_ descriptor: Int32, _ path: String) throws(FileError) {
  var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
  if poll(&wait, 1, 3000) == 0 {
    guard !isAbandoned(descriptor) else {
      throw .cannotRead(path: path, reason: "it is a pipe that nobody writes to")
    }
  }
  _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK)
}

/// Whether an empty pipe has no writer: a read that may not wait then finds its end, else nothing
/// yet.
private func isAbandoned(_ descriptor: Int32) -> Bool {
  var byte: UInt8 = 0
  return read(descriptor, &byte, 1) == 0
}

private func isNullDevice(_ status: stat) -> Bool {
  var null = stat()
  return stat("/dev/null", &null) == 0 && null.st_rdev == status.st_rdev
}

/// Why `path` could not be opened, by the system's error number.
private func openFailure(_ path: String) -> String {
  // A socket, or a pipe's end without the other.
  if errno == ENXIO { return "it is not a file" }
  let code = errno
  if code == ENOENT, let reason = foreignNameReason(path) { return reason }
  return systemErrorText(code)
}
