import Glibc

// Folders and what is in them. Links are never followed.

/// The names in a folder, sorted, without `.` and `..`.
package func namesInFolder(_ path: String) throws(SystemError) -> [String] {
  guard let folder = opendir(path) else { throw SystemError() }
  defer { closedir(folder) }
  var names: [String] = []
  while let entry = readdir(folder) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) {
      $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    if name != "." && name != ".." { names.append(name) }
  }
  return names.sorted()
}

/// Whether there is a folder at `path` itself, not a link to one.
func isFolder(_ path: String) -> Bool {
  var status = stat()
  return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

/// Removes a file, or a folder with everything in it, as far as that can be.
package func removeTree(_ path: String) {
  guard isFolder(path) else {
    unlink(path)
    return
  }
  for name in (try? namesInFolder(path)) ?? [] { removeTree("\(path)/\(name)") }
  rmdir(path)
}

/// Makes a folder and those above it; an existing one is fine.
///
/// - Returns: those that were made, the outermost first.
@discardableResult
package func makeFolders(_ path: String) throws(SystemError) -> [String] {
  var status = stat()
  if stat(path, &status) == 0 {
    guard status.st_mode & S_IFMT == S_IFDIR else { throw SystemError(ENOTDIR) }
    return []
  }
  let trimmed = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
  let parent = parentFolder(of: trimmed)
  let made = parent == trimmed || parent == "." ? [] : try makeFolders(parent)
  guard mkdir(trimmed, 0o777) == 0 else {
    let error = SystemError()
    if error.code == EEXIST && isFolder(trimmed) { return made }
    for folder in made.reversed() { rmdir(folder) }
    throw error
  }
  return made + [trimmed]
}

/// Calls `body` with the path of every entry below `root` that is not a folder, and of every folder
/// that is empty, relative to `root`.
func walk(
  _ root: String, below folder: String = "", _ body: (String) throws(SystemError) -> Void
) throws(SystemError) {
  let path = folder.isEmpty ? root : "\(root)/\(folder)"
  for name in try namesInFolder(path) {
    let entry = folder.isEmpty ? name : "\(folder)/\(name)"
    guard isFolder("\(root)/\(entry)") else {
      try body(entry)
      continue
    }
    if try namesInFolder("\(root)/\(entry)").isEmpty {
      try body(entry)
    } else {
      try walk(root, below: entry, body)
    }
  }
}

/// Puts the entry at `source` at `target` too: the same file under a second name, or a copy where the
/// file system knows no second names. An empty folder is made anew.
func carry(_ source: String, to target: String) throws(SystemError) {
  try makeFolders(parentFolder(of: target))
  if isFolder(source) {
    try makeFolders(target)
    return
  }
  if linkat(AT_FDCWD, source, AT_FDCWD, target, 0) == 0 { return }
  let reason = SystemError()
  var status = stat()
  guard lstat(source, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { throw reason }
  let input = open(source, O_RDONLY | O_CLOEXEC)
  guard input >= 0 else { throw SystemError() }
  defer { close(input) }
  let copy = try AtomicFile(target)
  var buffer = [UInt8](repeating: 0, count: 1 << 20)
  while true {
    let count = read(input, &buffer, buffer.count)
    if count < 0 && errno == EINTR { continue }
    guard count >= 0 else { throw SystemError() }
    if count == 0 { break }
    try copy.write(Array(buffer[..<count]))
  }
  try copy.commit()
  chmod(target, status.st_mode & 0o7777)
}
