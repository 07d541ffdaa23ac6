import Glibc
import Storage

// Files as bytes, without Foundation.

/// The bytes of a file; nil when there is none.
func readFile(_ path: String) throws(ReportsError) -> [UInt8]? {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else {
    if errno == ENOENT { return nil }
    throw .unreadable(path: path, reason: systemReason())
  }
  defer { close(descriptor) }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = read(descriptor, &buffer, buffer.count)
    if count < 0 && errno == EINTR { continue }
    guard count >= 0 else { throw .unreadable(path: path, reason: systemReason()) }
    if count == 0 { return bytes }
    bytes += buffer[..<count]
  }
}

/// Writes a file that appears whole or not at all.
func writeFile(_ bytes: [UInt8], to path: String) throws(ReportsError) {
  do { try AtomicFile.write(bytes, to: path) } catch {
    throw .unwritable(path: path, reason: "\(error)")
  }
}

/// The text of `errno`.
func systemReason() -> String { String(cString: strerror(errno)) }
