#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

import Storage

/// The system's text for the error number of the call that just failed.
package func systemErrorText(_ code: Int32 = errno) -> String { SystemError(code).description }

/// The bytes of the regular file (or pipe) at `path`.
///
/// - Parameter limit: the most bytes that are read.
/// - Throws: ``FileError`` when the file cannot be read, is a folder or device, a pipe that nobody
///   writes to, or has more than `limit` bytes.
package func readFile(_ path: String, limit: Int = .max) throws(FileError) -> [UInt8] {
  let file = try openForReading(path)
  let (descriptor, size) = (file.descriptor, file.byteCount)
  defer { close(descriptor) }
  guard size <= limit else { throw .tooLarge(path: path, bytes: size, limit: limit) }

  var bytes: [UInt8] = []
  // A file of the stated size is read in two calls: one for all of it, one that finds its end.
  // Files without a size (pipes, /proc) grow by pieces.
  var room = size + 1
  while true {
    var failure: Int32 = 0
    let before = bytes.count
    let piece = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
      let got = read(descriptor, buffer.baseAddress, buffer.count)
      if got < 0 { failure = errno }
      count = max(got, 0)
    }
    if failure == EINTR { continue }
    guard failure == 0 else { throw .cannotRead(path: path, reason: systemErrorText(failure)) }
    if piece.isEmpty { return bytes }
    if before == 0 { bytes = piece } else { bytes += piece }
    guard bytes.count <= limit else {
      throw .tooLarge(path: path, bytes: bytes.count, limit: limit)
    }
    room = max(64 << 10, size - bytes.count + 1)
  }
}
