#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The folder that `path` lies in: what comes before its last `/`, `.` without one.
package func folderPath(of path: String) -> String {
  guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
  return slash == path.startIndex ? "/" : String(path[..<slash])
}

/// The last component of `path`.
package func fileName(of path: String) -> String {
  guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return path }
  return String(path[path.utf8.index(after: slash)...])
}

/// `path` as an absolute path; `.` components are left out, links and `..` are not followed.
package func absolutePath(_ path: String, in folder: String = ".") -> String {
  // In bytes, for lists have a million paths.
  let slash = UInt8(ascii: "/")
  var full = path
  if full.utf8.first != slash {
    full = folder + "/" + full
    if full.utf8.first != slash { full = currentFolder() + "/" + full }
  }
  var absolute = ""
  absolute.reserveCapacity(full.utf8.count)
  for part in full.utf8.split(separator: slash) where !part.elementsEqual(".".utf8) {
    absolute += "/"
    absolute += Substring(part)
  }
  return absolute.isEmpty ? "/" : absolute
}

/// Whether there is a file, folder or anything else at `path`.
package func fileExists(_ path: String) -> Bool { access(path, F_OK) == 0 }

/// A path where nothing is yet: this one, or with a number before its ending.
package func unusedPath(_ path: String) -> String {
  guard fileExists(path) else { return path }
  let name = fileName(of: path)
  let dot = name.lastIndex(of: ".").flatMap { $0 == name.startIndex ? nil : $0 }
  let ending = dot.map { String(name[$0...]) } ?? ""
  let stem = path.dropLast(ending.count)
  return (2...).lazy.map { "\(stem)-\($0)\(ending)" }.first { !fileExists($0) } ?? path
}

private func currentFolder() -> String {
  guard let path = getcwd(nil, 0) else { return "" }
  defer { free(path) }
  return String(cString: path)
}
