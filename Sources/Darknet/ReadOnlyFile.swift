import Storage

/// A regular file, open for reading at any place, whose errors name it.
package final class ReadOnlyFile: Sendable {
  package let path: String
  /// Bytes of the file when it was opened.
  package var byteCount: Int { file.byteCount }
  private let file: RegularFile

  /// Opens a file, without waiting for the writer of a pipe.
  ///
  /// - Throws: ``FileError/cannotRead(path:reason:)`` when it cannot be opened or is not a regular
  ///   file.
  package init(opening path: String) throws(FileError) {
    self.path = path
    do { file = try RegularFile(opening: path) } catch { throw Self.refusal(error, path) }
  }

  private static func refusal(_ error: UnreadableFile, _ path: String) -> FileError {
    let isRun = error == .folder && fileExists("\(path)/model.cfg")
    return .cannotRead(path: path, reason: "\(error)" + (isRun ? "; --model takes such a run" : ""))
  }

  /// Fills all of `buffer` with the bytes from `position` on.
  package func fill(
    _ buffer: UnsafeMutableRawBufferPointer, at position: Int
  ) throws(FileError) {
    do { try file.fill(buffer, at: position) } catch { throw Self.refusal(error, path) }
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
