import Storage

/// Where ``writeAtomically(to:_:)`` takes the bytes of a file from, piece by piece.
package struct FileWriter: ~Copyable {
  fileprivate let file: AtomicFile
  /// The path that errors name.
  fileprivate let path: String

  /// Appends all of `bytes`.
  package borrowing func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    do { try file.write(bytes) } catch { throw .cannotWrite(path: path, reason: "\(error)") }
  }

  /// Appends the memory of an array of plain numbers.
  package borrowing func write<Number: BitwiseCopyable>(
    _ values: [Number]
  ) throws(FileError) {
    do {
      try values.withUnsafeBytes { bytes in try write(bytes) }
    } catch let error as FileError {
      throw error
    } catch {
      throw .cannotWrite(path: path, reason: "\(error)")
    }
  }
}

/// Writes a file so that a reader, a crash or a full disk meets the old file or the new one, never
/// a part, see `AtomicFile`.
///
/// - Parameter body: writes the contents, in as many pieces as it likes.
/// - Throws: ``FileError`` when anything fails, or what `body` throws; nothing new is left then.
package func writeAtomically(
  to path: String, _ body: (borrowing FileWriter) throws(FileError) -> Void
) throws(FileError) {
  let file: AtomicFile
  do { file = try AtomicFile(path) } catch { throw .cannotWrite(path: path, reason: "\(error)") }
  try body(FileWriter(file: file, path: path))
  do { try file.commit() } catch { throw .cannotWrite(path: path, reason: "\(error)") }
}

/// Writes `bytes` to `path`, see ``writeAtomically(to:_:)``.
package func writeAtomically(_ bytes: [UInt8], to path: String) throws(FileError) {
  do { try AtomicFile.write(bytes, to: path) } catch {
    throw .cannotWrite(path: path, reason: "\(error)")
  }
}

/// Writes `text` in UTF-8 to `path`, see ``writeAtomically(to:_:)``.
package func writeAtomically(_ text: String, to path: String) throws(FileError) {
  try writeAtomically(Array(text.utf8), to: path)
}
