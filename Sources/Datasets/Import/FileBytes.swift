import Darknet
import Glibc
import Parsing

/// A file that is read from its start to its end, piece by piece.
final class FileBytes {
  /// The file's size when it was opened, in bytes; 0 for pipes.
  let size: Int
  private let path: String
  private let descriptor: Int32

  /// Opens the file at `path`.
  init(_ path: String) throws(FileError) {
    self.path = path
    let file = try openForReading(path)
    (descriptor, size) = (file.descriptor, file.byteCount)
  }

  deinit { close(descriptor) }

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

extension JSONReader {
  /// A reader of a file, opened here and read as it goes.
  convenience init(contentsOf path: String) throws(FileError) {
    let file = try FileBytes(path)
    self.init { try file.read(into: $0) }
  }
}
