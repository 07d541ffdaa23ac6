import Glibc

/// Says that one process writes in a folder: the file `.pare.lock` in it, locked for as long as the
/// process lives. What a process that was killed leaves is free.
package final class FolderLock {
  /// The name of the lock's file.
  package static let fileName = ".pare.lock"

  private var path: String
  private var descriptor: Int32

  /// Takes the lock of a folder.
  ///
  /// - Parameter name: the folder as errors name it; the path itself unless given.
  /// - Throws: ``StorageError/inUse(path:process:command:)`` when another process has it.
  package init(_ folder: String, named name: String? = nil) throws(StorageError) {
    let name = name ?? folder
    path = "\(folder)/\(Self.fileName)"
    while true {
      let file = path
      descriptor = Unfinished.making {
        let opened = open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o666)
        // Only who has the lock takes its file away.
        if opened >= 0, flock(opened, LOCK_EX | LOCK_NB) == 0 { Unfinished.add(lock: file) }
        return opened
      }
      guard descriptor >= 0 else { throw .system(path: name, SystemError()) }
      if flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
        let isTaken = errno == EWOULDBLOCK
        let owner = Self.owner(descriptor)
        // A file system without such locks: the owner's number has to do.
        let isAlive = owner.map { $0.process != getpid() && kill($0.process, 0) == 0 } ?? false
        if isTaken || isAlive {
          close(descriptor)
          descriptor = -1
          throw .inUse(path: name, process: owner?.process, command: owner?.command)
        }
      }
      // The one who had it may have removed the file since it was opened.
      var (here, there) = (stat(), stat())
      if fstat(descriptor, &here) == 0, stat(path, &there) == 0, here.st_ino == there.st_ino {
        break
      }
      Unfinished.remove(lock: path)
      close(descriptor)
    }
    let words = CommandLine.arguments.dropFirst().prefix { !$0.hasPrefix("-") }.prefix(2)
    let text = Array("\(getpid())\npare \(words.joined(separator: " "))\n".utf8)
    ftruncate(descriptor, 0)
    _ = text.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
  }

  /// Whether a process writes in a folder.
  package static func isHeld(_ folder: String) -> Bool {
    let file = open("\(folder)/\(fileName)", O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard file >= 0 else { return false }
    defer { close(file) }
    // Taken for a moment, and given back with the file.
    if flock(file, LOCK_SH | LOCK_NB) == 0 { return false }
    // A file system without such locks: the owner's number has to do.
    return errno == EWOULDBLOCK || owner(file).map { kill($0.process, 0) == 0 } ?? false
  }

  deinit { release() }

  /// The folder has another name now.
  func move(to folder: String) {
    Unfinished.remove(lock: path)
    path = "\(folder)/\(Self.fileName)"
    Unfinished.add(lock: path)
  }

  /// Gives the lock back.
  package func release() {
    guard descriptor >= 0 else { return }
    Unfinished.remove(lock: path)
    // Of a folder that was replaced the name is another's by now.
    var (here, there) = (stat(), stat())
    if fstat(descriptor, &here) == 0, stat(path, &there) == 0, here.st_ino == there.st_ino {
      unlink(path)
    }
    close(descriptor)
    descriptor = -1
  }

  private static func owner(_ descriptor: Int32) -> (process: pid_t, command: String)? {
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    guard count > 0 else { return nil }
    let lines = String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n")
    guard let process = lines.first.flatMap({ pid_t($0) }) else { return nil }
    return (process, lines.count > 1 ? String(lines[1]) : "pare")
  }
}
