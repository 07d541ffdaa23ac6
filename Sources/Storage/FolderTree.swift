import Glibc

// Folders and what is in them. Links are never followed.

/// The names in a folder, sorted, without `.` and `..`. Of those that are not UTF-8 bytes are
/// written out, so that they can be told of; no file is found by them.
package func namesInFolder(_ path: String) throws(SystemError) -> [String] {
  try entries(SystemPath(path)).map(\.text).sorted()
}

/// The names in a folder, sorted by their bytes, without `.` and `..`.
func entries(_ path: SystemPath) throws(SystemError) -> [SystemPath] {
  guard let folder = path.withCString({ opendir($0) }) else { throw SystemError() }
  defer { closedir(folder) }
  var names: [SystemPath] = []
  while let entry = readdir(folder) {
    let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
    if name != [0x2E] && name != [0x2E, 0x2E] { names.append(SystemPath(name)) }
  }
  return names.sorted()
}

/// Whether there is a folder at `path` itself, not a link to one.
func isFolder(_ path: String) -> Bool { SystemPath(path).isFolder }

/// Removes a file, or a folder with everything in it, as far as that can be.
package func removeTree(_ path: String) { removeTree(SystemPath(path)) }

func removeTree(_ path: SystemPath) {
  guard path.isFolder else {
    _ = path.withCString { unlink($0) }
    return
  }
  for name in (try? entries(path)) ?? [] { removeTree(path / name) }
  _ = path.withCString { rmdir($0) }
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

/// Makes the folders of a relative path inside of `root`; links among them are not followed.
private func makeFolders(_ path: SystemPath, in root: SystemPath) throws(SystemError) {
  let folder = root / path
  if folder.isFolder { return }
  if let parent = path.parent { try makeFolders(parent, in: root) }
  guard folder.withCString({ mkdir($0, 0o777) }) == 0 else { throw SystemError() }
}

/// Calls `body` with the path of every entry below `root` that is not a folder, and of every folder
/// that is empty, relative to `root`.
func walk(
  _ root: SystemPath, below folder: SystemPath? = nil,
  _ body: (SystemPath) throws(SystemError) -> Void
) throws(SystemError) {
  for name in try entries(folder.map { root / $0 } ?? root) {
    let entry = folder.map { $0 / name } ?? name
    guard (root / entry).isFolder else {
      try body(entry)
      continue
    }
    if try entries(root / entry).isEmpty {
      try body(entry)
    } else {
      try walk(root, below: entry, body)
    }
  }
}

/// Puts the entry `name` of one folder into another one too: the same file under a second name, or
/// a copy where the file system knows no second names. An empty folder is made anew.
func carry(_ name: SystemPath, from: SystemPath, to: SystemPath) throws(SystemError) {
  if let parent = name.parent { try makeFolders(parent, in: to) }
  let (source, target) = (from / name, to / name)
  if source.isFolder { return try makeFolders(name, in: to) }
  try linkOrCopy(source, to: target)
}

/// Puts a file into a place where nothing is too: the same file under a second name, or a copy where
/// the file system knows no second names. Links are followed.
package func linkOrCopy(_ file: String, to place: String) throws(SystemError) {
  try linkOrCopy(SystemPath(resolvedPath(file)), to: SystemPath(place))
}

private func linkOrCopy(_ source: SystemPath, to target: SystemPath) throws(SystemError) {
  let isLinked = source.withCString { old in
    target.withCString { new in linkat(AT_FDCWD, old, AT_FDCWD, new, 0) }
  }
  if isLinked == 0 { return }
  let reason = SystemError()
  guard let status = source.status, status.st_mode & S_IFMT == S_IFREG else { throw reason }
  try copy(source, to: target, mode: status.st_mode & 0o7777)
}

/// Moves the entry `name` of one folder into another one, in place of a file there.
func move(_ name: SystemPath, from: SystemPath, to: SystemPath) throws(SystemError) {
  if let parent = name.parent { try makeFolders(parent, in: to) }
  if (from / name).isFolder { return try makeFolders(name, in: to) }
  let isMoved = (from / name).withCString { old in
    (to / name).withCString { new in rename(old, new) }
  }
  guard isMoved == 0 else { throw SystemError() }
}

/// Copies a file into a new one, which may be incomplete when this fails.
private func copy(
  _ source: SystemPath, to target: SystemPath, mode: mode_t
) throws(SystemError) {
  let input = source.withCString { open($0, O_RDONLY | O_CLOEXEC) }
  guard input >= 0 else { throw SystemError() }
  defer { close(input) }
  let output = target.withCString { open($0, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666) }
  guard output >= 0 else { throw SystemError() }
  defer { close(output) }
  var buffer = [UInt8](repeating: 0, count: 1 << 20)
  while true {
    let count = read(input, &buffer, buffer.count)
    if count < 0 && errno == EINTR { continue }
    guard count >= 0 else { throw SystemError() }
    if count == 0 { break }
    try writeAll(Array(buffer[..<count]), to: output)
  }
  guard fchmod(output, mode) == 0, fsync(output) == 0 else { throw SystemError() }
}
