#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A regular file, open for reading at any place; closed with its last user.
package final class ReadOnlyFile: Sendable {
  package let path: String
  /// Bytes of the file when it was opened.
  package let byteCount: Int
  private let descriptor: Int32

  /// Opens a file, without waiting for the writer of a pipe.
  ///
  /// - Throws: ``FileError/cannotRead(path:reason:)`` when it cannot be opened or is not a regular
  ///   file.
  package init(opening path: String) throws(FileError) {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .cannotRead(path: path, reason: systemErrorText()) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let reason = systemErrorText()
      close(descriptor)
      throw .cannotRead(path: path, reason: reason)
    }
    guard status.st_mode & S_IFMT != S_IFDIR else {
      close(descriptor)
      let isRun = fileExists("\(path)/model.cfg")
      throw .cannotRead(
        path: path, reason: "it is a folder" + (isRun ? "; --model takes such a run" : ""))
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw .cannotRead(path: path, reason: "it is not a file")
    }
    byteCount = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// Fills all of `buffer` with the bytes from `position` on.
  package func fill(
    _ buffer: UnsafeMutableRawBufferPointer, at position: Int
  ) throws(FileError) {
    var done = 0
    while done < buffer.count {
      let got = pread(
        descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done,
        off_t(position + done))
      if got < 0 && errno == EINTR { continue }
      guard got >= 0 else { throw .cannotRead(path: path, reason: systemErrorText()) }
      guard got > 0 else {
        throw .cannotRead(path: path, reason: "it became shorter while it was read")
      }
      done += got
    }
  }

  /// `count` numbers from the byte `position` on, as they lie in the file; little-endian, which is
  /// the byte order of every machine that Swift runs on.
  package func numbers<Number: BitwiseCopyable>(
    _ count: Int, at position: Int
  ) throws(FileError) -> [Number] {
    var failure: FileError?
    let numbers = [Number](unsafeUninitializedCapacity: count) { buffer, initialized in
      do throws(FileError) {
        let raw = UnsafeMutableRawBufferPointer(
          start: buffer.baseAddress, count: count * MemoryLayout<Number>.size)
        try fill(raw, at: position)
        initialized = count
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return numbers
  }
}
