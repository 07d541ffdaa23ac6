import Darknet
import Glibc

/// A file that is read from its start to its end, piece by piece.
final class FileBytes {
  /// The file's size when it was opened, in bytes; 0 for pipes.
  let size: Int
  private let path: String
  private let descriptor: Int32

  /// Opens the file at `path`.
  init(_ path: String) throws(FileError) {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    var status = stat()
    guard descriptor >= 0, fstat(descriptor, &status) == 0 else {
      throw .cannotRead(path: path, reason: systemErrorText())
    }
    size = max(Int(status.st_size), 0)
    guard status.st_mode & S_IFMT != S_IFDIR else {
      throw .cannotRead(path: path, reason: systemErrorText(EISDIR))
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Fills the front of `buffer`.
  ///
  /// - Returns: how many bytes came; 0 at the end of the file.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
    while true {
      let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      if count >= 0 { return count }
      guard errno == EINTR else {
        throw .cannotRead(path: path, reason: systemErrorText())
      }
    }
  }

  /// The next bytes, at most `count`; none at the end of the file.
  func read(_ count: Int) throws(FileError) -> [UInt8] {
    var failure: FileError?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      do throws(FileError) {
        filled = try read(into: UnsafeMutableRawBufferPointer(buffer))
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return bytes
  }
}
