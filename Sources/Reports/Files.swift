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
  do {
    let file = try AtomicFile(path)
    try file.write(bytes)
    try file.commit()
  } catch {
    throw .unwritable(path: path, reason: "\(error)")
  }
}

/// Whether all bytes could be written; `errno` says why not.
func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
  bytes.withUnsafeBytes { buffer in
    var written = 0
    while written < buffer.count {
      let count = write(
        descriptor, buffer.baseAddress.map { $0 + written }, buffer.count - written)
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { return false }
      written += count
    }
    return true
  }
}

/// The text of `errno`.
func systemReason() -> String { String(cString: strerror(errno)) }
