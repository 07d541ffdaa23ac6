import Glibc

// Files as bytes, without Foundation.

/// The bytes of a regular file, `limit` of them at most.
func readFile(_ path: String, limit: Int = .max) throws(VisionError) -> [UInt8] {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw .unreadable(path: path, reason: systemReason()) }
  defer { close(descriptor) }
  var status = stat()
  guard fstat(descriptor, &status) == 0 else {
    throw .unreadable(path: path, reason: systemReason())
  }
  guard status.st_mode & S_IFMT == S_IFREG else {
    let isFolder = status.st_mode & S_IFMT == S_IFDIR
    throw .unreadable(path: path, reason: isFolder ? "it is a folder" : "it is not a regular file")
  }
  let wanted = min(Int(status.st_size), limit)
  var failed = false
  let bytes = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, count in
    while count < wanted {
      let got = read(descriptor, buffer.baseAddress.map { $0 + count }, wanted - count)
      if got < 0 && errno == EINTR { continue }
      failed = got < 0
      if got <= 0 { break }
      count += got
    }
  }
  if failed { throw .unreadable(path: path, reason: systemReason()) }
  return bytes
}

/// Writes to a temporary file beside `path`, flushes, and renames.
func writeFile(_ bytes: [UInt8], to path: String) throws(VisionError) {
  let name = "\(path).\(getpid())-\(UInt32.random(in: 0 ... .max)).tmp"
  let descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
  guard descriptor >= 0 else { throw .unwritable(path: path, reason: systemReason()) }
  var written = 0
  bytes.withUnsafeBytes { buffer in
    while written < buffer.count {
      let count = write(
        descriptor, buffer.baseAddress.map { $0 + written }, buffer.count - written)
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { break }
      written += count
    }
  }
  let isDone = written == bytes.count && fsync(descriptor) == 0 && rename(name, path) == 0
  let reason = systemReason()
  close(descriptor)
  if !isDone {
    unlink(name)
    throw .unwritable(path: path, reason: reason)
  }
}

/// The text of `errno`.
func systemReason() -> String { String(cString: strerror(errno)) }

/// `base` raised to `exponent`.
func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
