import Glibc

/// Finds what paths are without links and dots, for many files of few folders: a folder is followed
/// once.
package struct ResolvedPaths {
  private var folders: [String: String] = [:]

  /// Nothing is known yet.
  package init() {}

  /// The same as `resolvedPath(path)`.
  package mutating func resolved(_ path: String) -> String {
    followed(path, links: 0) ?? path
  }

  /// Nil where the file is not there, and where a name on the way is not UTF-8.
  ///
  /// - Parameter links: how many were followed on the way here.
  private mutating func followed(_ path: String, links: Int) -> String? {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), links < Self.maximumLinks else {
      return ownPath(path)
    }
    let name = path[path.utf8.index(after: slash)...]
    guard !["", ".", ".."].contains(name) else { return ownPath(path) }
    let folder = String(path[...slash])
    guard let place = folders[folder] ?? ownPath(folder) else { return nil }
    folders[folder] = place
    let file = (place == "/" ? "/" : place + "/") + name
    return switch Self.target(ofLink: file) {
    case .noLink: file
    case .absent: nil
    case .path(let target):
      followed(target.hasPrefix("/") ? target : "\(place)/\(target)", links: links + 1)
    }
  }

  private func ownPath(_ path: String) -> String? {
    guard let buffer = realpath(path, nil) else { return nil }
    defer { free(buffer) }
    return String(validatingCString: buffer)
  }

  private enum Target {
    case noLink, absent
    case path(String)
  }

  private static func target(ofLink path: String) -> Target {
    var bytes = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = readlink(path, &bytes, bytes.count)
    guard count > 0 else { return errno == EINVAL ? .noLink : .absent }
    return String(validating: bytes.prefix(count), as: UTF8.self).map { .path($0) } ?? .absent
  }

  /// As many as the kernel follows.
  private static let maximumLinks = 40
}
