import Glibc
import Synchronization

/// Names of files and folders that are not whole yet: `.pare-<process>-<number>.partial`, beside
/// the place where they will be.
///
/// Whoever makes one keeps it locked, and the lock goes when the process does. The first time that
/// a process makes one in a folder it removes those of processes that have ended.
package enum TemporaryNames {
  private static let prefix = ".pare-"
  private static let suffix = ".partial"
  private static let swept = Mutex<Set<String>>([])

  private static let asideSuffix = ".old"

  /// Where a folder waits while another takes its place: `.pare-<process>-<its name>.old`.
  static func aside(for path: String) -> String {
    let name = path.split(separator: "/").last.map(String.init) ?? ""
    return "\(parentFolder(of: path))/\(prefix)\(getpid())-\(name)\(asideSuffix)"
  }

  /// Whether a name in a folder is a temporary one.
  package static func contains(_ name: String) -> Bool { process(of: name) != nil }

  /// Makes an empty file of a new name and opens it for writing.
  static func makeFile(in folder: String) throws(SystemError) -> (descriptor: Int32, path: String) {
    try make(in: folder) { open($0, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666) }
  }

  /// Makes an empty folder of a new name and opens it.
  static func makeFolder(in folder: String) throws(SystemError) -> (descriptor: Int32, path: String)
  {
    try make(in: folder) { path in
      guard mkdir(path, 0o777) == 0 else { return -1 }
      return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    }
  }

  private static func make(
    in folder: String, _ open: (String) -> Int32
  ) throws(SystemError) -> (descriptor: Int32, path: String) {
    if swept.withLock({ $0.insert(resolvedPath(folder)).inserted }) { sweep(folder) }
    for number in 0..<100_000 {
      let path = "\(folder)/\(prefix)\(getpid())-\(number)\(suffix)"
      let descriptor = open(path)
      if descriptor >= 0 {
        _ = flock(descriptor, LOCK_EX | LOCK_NB)
        return (descriptor, path)
      }
      guard errno == EEXIST || errno == EINTR else { break }
    }
    throw SystemError()
  }

  /// Removes what processes that have ended left in a folder. What cannot be removed stays.
  package static func sweep(_ folder: String) {
    for name in (try? namesInFolder(folder)) ?? [] {
      guard let process = process(of: name), process != getpid() else { continue }
      guard kill(process, 0) != 0, errno == ESRCH else { continue }
      let path = "\(folder)/\(name)"
      // Of another machine or container the number says nothing, the lock does.
      let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
      guard descriptor >= 0 else { continue }
      defer { close(descriptor) }
      guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK else { continue }
      // A folder that waited for another to take its place goes back where none did.
      if name.hasSuffix(asideSuffix) {
        let own = name.dropFirst(prefix.count + "\(process)-".count).dropLast(asideSuffix.count)
        if !own.isEmpty, rename(path, "\(folder)/\(own)") == 0 { continue }
      }
      removeTree(path)
    }
  }

  /// The process that made a temporary name; nil for other names.
  private static func process(of name: String) -> pid_t? {
    guard name.hasPrefix(prefix) else { return nil }
    let isAside = name.hasSuffix(asideSuffix)
    guard isAside || name.hasSuffix(suffix) else { return nil }
    let middle = name.dropFirst(prefix.count).dropLast((isAside ? asideSuffix : suffix).count)
    let parts = middle.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, isAside || Int(parts[1]) != nil else { return nil }
    return pid_t(parts[0]).flatMap { $0 > 0 ? $0 : nil }
  }
}
