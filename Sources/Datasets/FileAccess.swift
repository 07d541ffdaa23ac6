import Darknet
import Glibc
import Storage
import Vision

// Files and folders, without Foundation.

/// Writes one of many small files: no temporary file and no flush, since the file that lists it is
/// written last.
func writeBytes(_ bytes: [UInt8], to path: String) throws(FileError) {
  let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
  guard descriptor >= 0 else { throw .cannotWrite(path: path, reason: systemErrorText()) }
  var failure: SystemError?
  do { try writeAll(bytes, to: descriptor) } catch { failure = error }
  if close(descriptor) != 0, failure == nil { failure = SystemError() }
  if let failure { throw .cannotWrite(path: path, reason: systemErrorText(failure.code)) }
}

/// Why there is no picture at `path`, which a list or an annotation names.
func missingPicture(_ path: String) -> String {
  if let reason = foreignNameReason(path) { return reason }
  return switch fileKind(path) {
  case .folder: "is a folder, not a picture"
  case .other: "is a pipe or a device, not a picture"
  case .file, nil:
    linkTarget(path).map { "is a link to \($0), which is not there" } ?? "there is no such picture"
  }
}

/// Where a link leads; nil of what is none.
private func linkTarget(_ path: String) -> String? {
  var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
  let count = readlink(path, &bytes, bytes.count)
  guard count > 0 else { return nil }
  return String(decoding: bytes.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// Folders below `root`, itself left out, whose names are not UTF-8: nothing can be read in them.
///
/// Of very large trees only the beginning is looked through.
func foreignFolders(below root: String) -> [String] {
  var found: [String] = []
  var folders = [root]
  var visited: Set<String> = []
  var rest = 1_000_000
  while let folder = folders.popLast(), rest > 0 {
    guard visited.insert(resolved(folder)).inserted,
      let names = try? folderContents(folder)
    else { continue }
    rest -= names.count
    // Of files the reader says it; asking what each is would take long.
    for name in names
    where PictureFormat(path: name) == nil
      && !annotationEndings.contains(
        where: { name.hasSuffix($0) })
    {
      let path = joined(folder, name)
      if name.contains("\\x"), foreignNameReason(path) != nil {
        found.append(path)
      } else if fileKind(path) == .folder {
        folders.append(path)
      }
    }
  }
  return found.sorted()
}

private let annotationEndings = [".txt", ".xml", ".json", ".mat"]

/// What is at a path.
enum FileKind { case file, folder, other }

/// What is at `path`, links followed; nil when there is nothing.
func fileKind(_ path: String) -> FileKind? {
  var status = stat()
  guard stat(path, &status) == 0 else { return nil }
  switch status.st_mode & S_IFMT {
  case S_IFREG: return .file
  case S_IFDIR: return .folder
  default: return .other
  }
}

/// The names in a folder, sorted, without `.` and `..`.
func folderContents(_ path: String) throws(FileError) -> [String] {
  do throws(SystemError) { return try namesInFolder(path) } catch {
    throw .cannotRead(path: path, reason: systemErrorText(error.code))
  }
}

/// Whether there is a folder at `path` that may be part of a set: none that holds results of Pare, which
/// lie in the folder that they were made of now and then.
func isFolderOfSet(_ path: String) -> Bool {
  fileKind(path) == .folder && !fileExists(joined(path, FolderReplacement.listName))
}

/// Whether there is a symbolic link at `path`.
func isLink(_ path: String) -> Bool {
  var status = stat()
  return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
}

/// Removes the symbolic link at `path`, if there is one.
func removeLink(_ path: String) throws(FileError) {
  guard !isLink(path) || unlink(path) == 0 else {
    throw .cannotWrite(path: path, reason: systemErrorText())
  }
}

/// Makes `path` a symbolic link to the absolute path `target`, in place of what is there.
func makeLink(at path: String, to target: String) throws(FileError) {
  unlink(path)
  guard symlink(target, path) == 0 else {
    throw .cannotWrite(path: path, reason: systemErrorText())
  }
}

/// More bytes than a picture file can have; a sparse file of any size takes no room on a disk.
let maximumPictureBytes = Int(Int32.max)

/// Writes the contents of the picture at `source` to `path`, in place of a link there.
func copyFile(_ source: String, to path: String) throws(FileError) {
  let bytes = try readFile(source, limit: maximumPictureBytes)
  try removeLink(path)
  try writeBytes(bytes, to: path)
}

/// The path without links and dots; the path itself when it does not exist.
package func resolved(_ path: String) -> String {
  guard let buffer = realpath(path, nil) else { return path }
  defer { free(buffer) }
  return String(cString: buffer)
}

/// `name` inside `folder`; an absolute `name` stays as it is.
func joined(_ folder: String, _ name: String) -> String {
  if name.hasPrefix("/") || folder.isEmpty || folder == "." { return name }
  let relative = name.hasPrefix("./") ? String(name.dropFirst(2)) : name
  return folder.hasSuffix("/") ? folder + relative : folder + "/" + relative
}

/// The last component of a path without its extension.
func fileStem(_ path: String) -> String {
  let name = fileName(of: path)
  guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return name }
  return String(name[..<dot])
}
