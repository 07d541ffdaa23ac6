import Darknet
import Glibc
import Storage

// Files as bytes, without Foundation.

/// The bytes of a regular file, `limit` of them at most.
func readFile(_ path: String, limit: Int = .max) throws(VisionError) -> [UInt8] {
  // A pipe is opened without waiting for who writes to it, and refused.
  let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
  guard descriptor >= 0 else {
    let (reason, isMissing) = (systemReason(), errno == ENOENT)
    throw .unreadable(path: path, reason: isMissing ? foreignNameReason(path) ?? reason : reason)
  }
  defer { close(descriptor) }
  var status = stat()
  guard fstat(descriptor, &status) == 0 else {
    throw .unreadable(path: path, reason: systemReason())
  }
  guard status.st_mode & S_IFMT == S_IFREG else {
    let kind =
      switch status.st_mode & S_IFMT {
      case S_IFDIR: "a folder"
      case S_IFIFO: "a pipe, not a file"
      case S_IFCHR, S_IFBLK: "a device, not a file"
      default: "not a regular file"
      }
    throw .unreadable(path: path, reason: "it is \(kind)")
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

/// The header and all bytes of a picture file.
///
/// The header comes first: how many bytes are read depends on the size that it claims.
package func readPicture(_ path: String) throws(VisionError) -> (
  header: PictureHeader, bytes: [UInt8]
) {
  let header = try PictureHeader(contentsOf: path)
  var status = stat()
  guard stat(path, &status) == 0 else { throw .unreadable(path: path, reason: systemReason()) }
  let limit = PictureLimit.bytes(header)
  guard Int(status.st_size) <= limit else {
    throw .tooManyBytes(path: path, bytes: Int(status.st_size), limit: limit)
  }
  return (header, try readFile(path, limit: limit))
}

/// Everything that the standard input holds, 1 GiB at most.
func readStandardInput(limit: Int = 1 << 30) throws(VisionError) -> [UInt8] {
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = read(0, &buffer, buffer.count)
    if count < 0 && errno == EINTR { continue }
    guard count >= 0 else {
      throw .unreadable(path: "standard input", reason: systemReason())
    }
    if count == 0 { return bytes }
    bytes += buffer[..<count]
    guard bytes.count <= limit else {
      throw .unreadable(path: "standard input", reason: "more than \(limit >> 20) MiB")
    }
  }
}

/// Writes a file that appears whole or not at all.
func writeFile(_ bytes: [UInt8], to path: String) throws(VisionError) {
  do { try AtomicFile.write(bytes, to: path) } catch {
    throw .unwritable(path: path, reason: "\(error)")
  }
}

/// The text of `errno`.
func systemReason() -> String { String(cString: strerror(errno)) }

/// `base` raised to `exponent`.
func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
