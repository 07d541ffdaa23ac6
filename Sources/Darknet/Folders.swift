import Storage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Makes a folder and those above it; an existing one is fine.
///
/// - Throws: ``FileError/cannotWrite(path:reason:)`` with the first folder that could not be made.
package func makeFolder(_ path: String) throws(FileError) {
  if isFolder(path) { return }
  let parent = folderPath(
    of: path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path)
  if parent != path && parent != "." { try makeFolder(parent) }
  guard mkdir(path, 0o777) != 0 else { return }
  let code = errno
  guard code != EEXIST || !isFolder(path) else { return }
  throw .cannotWrite(
    path: path,
    reason: code == EEXIST ? "a file of that name exists" : systemErrorText(code))
}

/// Throws when the folder that the process works in was removed: relative paths then lead nowhere.
/// Paths are text here, so its name must be UTF-8, and the arguments too.
package func requireWorkingFolder() throws(FileError) {
  guard let path = getcwd(nil, 0) else {
    guard errno == ENOENT else { return }
    throw .workingFolderGone
  }
  defer { free(path) }
  guard String(validatingCString: path) != nil else {
    throw .foreignWorkingFolder(writtenOut(Array(path)))
  }
  for index in 1..<max(Int(CommandLine.argc), 1) {
    guard let argument = CommandLine.unsafeArgv[index] else { continue }
    guard String(validatingCString: argument) != nil else {
      throw .foreignArgument(writtenOut(Array(argument)))
    }
  }
}

extension Array where Element == UInt8 {
  /// The bytes of a text of C, without its zero.
  fileprivate init(_ text: UnsafePointer<CChar>) {
    self = UnsafeBufferPointer(start: text, count: strlen(text)).map { UInt8(bitPattern: $0) }
  }
}

/// Whether there is a folder at `path`, or a link to one.
package func isFolder(_ path: String) -> Bool {
  var status = stat()
  return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}
