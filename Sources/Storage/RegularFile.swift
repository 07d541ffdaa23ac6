import Glibc

/// Why a file cannot be read, without its name.
package enum UnreadableFile: Error, Equatable, CustomStringConvertible {
  case system(SystemError)
  case folder
  case pipe
  case device
  case noFile
  case shortened

  package var description: String {
    switch self {
    case .system(let error): error.description
    case .folder: "it is a folder"
    case .pipe: "it is a pipe, not a file"
    case .device: "it is a device, not a file"
    case .noFile: "it is not a file"
    case .shortened: "it became shorter while it was read"
    }
  }
}

/// A regular file, open for reading at any place; closed with its last user.
package final class RegularFile: Sendable {
  /// Bytes of the file when it was opened.
  package let byteCount: Int
  private let descriptor: Int32

  /// Opens a file, without waiting for the writer of a pipe.
  package init(opening path: String) throws(UnreadableFile) {
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .system(SystemError()) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let error = SystemError()
      close(descriptor)
      throw .system(error)
    }
    if let reason = Self.refusal(status.st_mode) {
      close(descriptor)
      throw reason
    }
    byteCount = max(Int(status.st_size), 0)
  }

  private static func refusal(_ mode: mode_t) -> UnreadableFile? {
    switch mode & S_IFMT {
    case S_IFREG: nil
    case S_IFDIR: .folder
    case S_IFIFO: .pipe
    case S_IFCHR, S_IFBLK: .device
    default: .noFile
    }
  }

  deinit { close(descriptor) }

  /// Fills all of `buffer` with the bytes from `position` on.
  package func fill(
    _ buffer: UnsafeMutableRawBufferPointer, at position: Int
  ) throws(UnreadableFile) {
    var done = 0
    while done < buffer.count {
      let got = pread(
        descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done,
        off_t(position + done))
      if got < 0 && errno == EINTR { continue }
      guard got >= 0 else { throw .system(SystemError()) }
      guard got > 0 else { throw .shortened }
      done += got
    }
  }

  /// All bytes, or so many of the first ones; of files without a size (`/proc`) too.
  package func bytes(limit: Int = .max) throws(UnreadableFile) -> [UInt8] {
    var bytes: [UInt8] = []
    // A file of the stated size is read in two calls: one for all of it, one that finds its end.
    var room = byteCount + 1
    while bytes.count < limit {
      let position = bytes.count
      var failure: Int32 = 0
      let piece = [UInt8](unsafeUninitializedCapacity: min(room, limit - position)) {
        buffer, count in
        let got = pread(descriptor, buffer.baseAddress, buffer.count, off_t(position))
        if got < 0 { failure = errno }
        count = max(got, 0)
      }
      if failure == EINTR { continue }
      guard failure == 0 else { throw .system(SystemError(failure)) }
      if piece.isEmpty { break }
      if position == 0 { bytes = piece } else { bytes += piece }
      room = max(64 << 10, byteCount - bytes.count + 1)
    }
    return bytes
  }
}
