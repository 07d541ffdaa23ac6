#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Where ``writeAtomically(to:_:)`` takes the bytes of a file from, piece by piece.
package struct FileWriter: ~Copyable {
  fileprivate let descriptor: Int32
  /// The path that errors name.
  fileprivate let path: String

  /// Appends all of `bytes`.
  package borrowing func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = UnsafeRawBufferPointer(rebasing: rest)
      #if canImport(Glibc)
        let written = Glibc.write(descriptor, piece.baseAddress, piece.count)
      #elseif canImport(Musl)
        let written = Musl.write(descriptor, piece.baseAddress, piece.count)
      #else
        let written = Darwin.write(descriptor, piece.baseAddress, piece.count)
      #endif
      if written < 0 {
        if errno == EINTR { continue }
        throw .cannotWrite(path: path, reason: systemErrorText())
      }
      rest = rest.dropFirst(written)
    }
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

/// Writes a file so that a reader, a crash or a full disk meets the old file or the new one, never a
/// part: into a temporary file beside it, flushed to the disk, then renamed.
///
/// A link is followed. What is not a regular file (`/dev/stdout`, a pipe) is written directly.
///
/// - Parameter body: writes the contents, in as many pieces as it likes.
/// - Throws: ``FileError`` when anything fails, or what `body` throws; the temporary file is removed.
package func writeAtomically(
  to path: String, _ body: (borrowing FileWriter) throws(FileError) -> Void
) throws(FileError) {
  func failure() -> FileError { .cannotWrite(path: path, reason: systemErrorText()) }

  var status = stat()
  let exists = stat(path, &status) == 0
  if exists && status.st_mode & S_IFMT != S_IFREG {
    let descriptor = open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure() }
    defer { close(descriptor) }
    return try body(FileWriter(descriptor: descriptor, path: path))
  }
  let target = exists ? resolved(path) : path
  let (descriptor, temporary) = try makeTemporaryFile(beside: target)
  var isOpen = true
  var isDone = false
  defer {
    if isOpen { close(descriptor) }
    if !isDone { unlink(temporary) }
  }
  if exists { _ = fchmod(descriptor, status.st_mode & 0o7777) }
  try body(FileWriter(descriptor: descriptor, path: path))
  guard fsync(descriptor) == 0 else { throw failure() }
  isOpen = false
  guard close(descriptor) == 0 else { throw failure() }
  guard rename(temporary, target) == 0 else { throw failure() }
  isDone = true
  // The new name is on the disk once its folder is; file systems that cannot do this are fine too.
  let folder = open(folderPath(of: target), O_RDONLY | O_CLOEXEC)
  if folder >= 0 {
    fsync(folder)
    close(folder)
  }
}

/// Writes `bytes` to `path`, see ``writeAtomically(to:_:)``.
package func writeAtomically(_ bytes: [UInt8], to path: String) throws(FileError) {
  try writeAtomically(to: path) { (writer: borrowing FileWriter) throws(FileError) in
    try writer.write(bytes)
  }
}

/// Writes `text` in UTF-8 to `path`, see ``writeAtomically(to:_:)``.
package func writeAtomically(_ text: String, to path: String) throws(FileError) {
  try writeAtomically(Array(text.utf8), to: path)
}

/// Creates an empty file of a new name in the folder of `path`.
private func makeTemporaryFile(beside path: String) throws(FileError) -> (Int32, String) {
  let folder = folderPath(of: path)
  for attempt in 0..<1000 {
    let name = "\(folder)/.pare-\(getpid())-\(attempt).partial"
    let descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    if descriptor >= 0 { return (descriptor, name) }
    guard errno == EEXIST || errno == EINTR else { break }
  }
  throw .cannotWrite(path: path, reason: systemErrorText())
}

/// The path with every link followed.
private func resolved(_ path: String) -> String {
  guard let resolved = realpath(path, nil) else { return path }
  defer { free(resolved) }
  return String(cString: resolved)
}
