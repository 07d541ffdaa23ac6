import Darknet
import Glibc
import Storage

// Files as bytes, without Foundation.

/// The bytes of a regular file, `limit` of them at most.
func readFile(_ path: String, limit: Int = .max) throws(VisionError) -> [UInt8] {
  do { return try RegularFile(opening: path).bytes(limit: limit) } catch {
    let isMissing = error == .system(SystemError(ENOENT))
    let foreign = isMissing ? foreignNameReason(path) : nil
    throw .unreadable(path: path, reason: foreign ?? "\(error)")
  }
}

/// The header and all bytes of a picture file.
///
/// The header comes first: how many bytes are read depends on the size that it claims.
package func readPicture(_ path: String) throws(VisionError) -> (
  header: PictureHeader, bytes: [UInt8]
) {
  let header = try PictureHeader(contentsOf: path)
  var status = stat()
  guard stat(path, &status) == 0 else { throw .unreadable(path: path, reason: "\(SystemError())") }
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
      throw .unreadable(path: "standard input", reason: "\(SystemError())")
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

/// `base` raised to `exponent`.
func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
