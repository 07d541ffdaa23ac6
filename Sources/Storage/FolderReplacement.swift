import Glibc

/// A folder whose contents change all at once.
///
/// What is written goes to ``workingPath``, beside the folder. ``commit(owning:)`` then puts it in the
/// folder's place in one step, so that files which belong together change together. Until then, and
/// when anything fails, the folder holds what it held. Files that Pare did not write are kept: a list in
/// the folder, `.pare.files`, says which it wrote.
///
/// The folder is locked from the beginning to ``deinit``.
package final class FolderReplacement {
  /// The name of the list of files that Pare wrote.
  package static let listName = ".pare.files"

  /// The folder as the user named it.
  package let path: String
  /// Where to write until ``commit(owning:)``; ``path`` afterwards.
  package private(set) var workingPath: String
  /// Whether the folder held anything.
  package let replacesSomething: Bool

  /// The folder without links and dots.
  private let target: String
  /// The files of the old folder that Pare wrote; nil where nothing says so.
  private let oldList: OwnedNames?
  private var staging: (descriptor: Int32, path: String)?
  /// Whether the new contents are inside of the folder, since nothing can be written beside it.
  private let isInside: Bool
  /// Folders that were made for this one.
  private var made: [String]
  private var lock: FolderLock?

  /// Prepares the replacement of a folder; it is made where there is none.
  ///
  /// - Parameter replaces: whether a folder that holds something is taken.
  package init(_ path: String, replaces: Bool) throws(StorageError) {
    self.path = path
    var status = stat()
    if stat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFDIR {
      throw .notAFolder(path: path)
    }
    do {
      made = try Unfinished.making { () throws(SystemError) in
        let folders = try makeFolders(path)
        Unfinished.add(folders: folders)
        return folders
      }
    } catch { throw .system(path: path, error) }
    target = resolvedPath(path)
    let parent = parentFolder(of: target)
    oldList = Self.readList(in: target)
    do throws(StorageError) {
      lock = try FolderLock(target, named: path)
      replacesSomething = try !Self.userVisibleNames(target, named: path).isEmpty
      guard replaces || !replacesSomething else { throw .notEmpty(path: path) }
      let isMount = Self.device(target) != Self.device(parent)
      if !isMount, let beside = try? Self.makeStaging(in: parent) {
        (staging, isInside) = (beside, false)
      } else {
        do { staging = try Self.makeStaging(in: target) } catch {
          throw .system(path: path, error)
        }
        isInside = true
      }
    } catch {
      lock = nil
      for folder in made.reversed() { rmdir(folder) }
      Unfinished.remove(folders: made)
      throw error
    }
    workingPath = staging?.path ?? target
    if stat(target, &status) == 0, let staging {
      fchmod(staging.descriptor, status.st_mode & 0o7777)
    }
  }

  /// An empty folder that goes when the process is told to end.
  private static func makeStaging(
    in folder: String
  ) throws(SystemError) -> (descriptor: Int32, path: String) {
    try Unfinished.making { () throws(SystemError) in
      let made = try TemporaryNames.makeFolder(in: folder)
      Unfinished.add(tree: made.path)
      return made
    }
  }

  deinit {
    if let staging {
      removeTree(staging.path)
      Unfinished.remove(tree: staging.path)
      close(staging.descriptor)
    }
    lock = nil
    // Only what is empty goes.
    for folder in made.reversed() { rmdir(folder) }
    Unfinished.remove(folders: made)
  }

  /// Removes what processes that have ended left in a folder and beside it.
  package static func tidy(_ path: String) {
    TemporaryNames.sweep(path)
    TemporaryNames.sweep(parentFolder(of: resolvedPath(path)))
  }

  /// Does `body`; what it says of files in ``workingPath`` is said of ``path``.
  package func naming<Result>(_ body: () throws -> Result) throws -> Result {
    let place = workingPath
    do { return try body() } catch {
      let text = "\(error)"
      guard place != path, text.contains(place) else { throw error }
      throw RelocatedError(
        text.split(separator: place, omittingEmptySubsequences: false)
          .joined(separator: path))
    }
  }

  /// Where a file of ``workingPath`` will be.
  package func place(of file: String) -> String {
    guard workingPath != path, file.hasPrefix(workingPath) else { return file }
    return path + file.dropFirst(workingPath.count)
  }

  /// Whether the change would take a file away that is there now and that Pare wrote.
  ///
  /// - Parameter file: without links and dots in its folder.
  package func wouldRemove(_ file: String) -> Bool {
    guard replacesSomething, file.hasPrefix(target + "/") else { return false }
    return oldList?.contains(String(file.dropFirst(target.count + 1))) ?? false
  }

  /// Whether a folder is taken: it holds something, or a process writes there.
  package static func isTaken(_ path: String) -> Bool {
    var status = stat()
    guard stat(path, &status) == 0 else { return false }
    guard status.st_mode & S_IFMT == S_IFDIR else { return true }
    guard (try? userVisibleNames(path, named: path))?.isEmpty == true else { return true }
    return (try? FolderLock(path)) == nil
  }

  private static func userVisibleNames(
    _ folder: String, named path: String
  ) throws(StorageError) -> [String] {
    do {
      return try namesInFolder(folder).filter {
        $0 != FolderLock.fileName && !TemporaryNames.contains($0)
      }
    } catch { throw .system(path: path, error) }
  }

  private static func device(_ path: String) -> dev_t {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_dev : 0
  }
}

// MARK: - The change

extension FolderReplacement {
  /// Puts the new contents in the folder's place. The old ones go, but for what Pare did not write.
  ///
  /// - Parameters:
  ///   - adds: everything of the old folder stays that has no new file of its name.
  ///   - owned: whether Pare wrote a file of the old folder, where that has no list of them.
  ///   - later: names of files that will be written into the folder from now on.
  package func commit(
    adding adds: Bool = false, owning owned: (String) -> Bool = { _ in false },
    later: [String] = []
  ) throws(StorageError) {
    guard let staging else { return }
    do throws(SystemError) {
      var written: [String] = []
      try walk(staging.path) { name in written.append(name) }
      let before = adds ? oldList?.lines ?? [] : []
      try writeList(before + written + later, in: staging.path)
      let old = try oldNames(written: Set(written)) {
        !adds && (oldList?.contains($0) ?? owned($0))
      }
      if isInside {
        for name in written + [Self.listName] { try move(name, from: staging.path, to: target) }
        for name in old.dropped { unlink("\(target)/\(name)") }
        removeTree(staging.path)
        close(staging.descriptor)
        self.staging = nil
      } else {
        for name in old.kept { try carry("\(target)/\(name)", to: "\(staging.path)/\(name)") }
        let next = try? FolderLock(staging.path)
        try exchange(staging.path, target)
        flushFolder(parentFolder(of: target))
        // What is in the temporary place now is the old folder.
        removeTree(staging.path)
        close(staging.descriptor)
        self.staging = nil
        lock = next
        next?.move(to: target)
      }
    } catch { throw .system(path: path, error) }
    Unfinished.remove(tree: staging.path)
    Unfinished.remove(folders: made)
    made = []
    workingPath = path
  }

  /// Entries of the old folder that stay and that go, relative to it; those that are replaced are in
  /// neither.
  private func oldNames(
    written: Set<String>, isDropped: (String) -> Bool
  ) throws(SystemError) -> (kept: [String], dropped: [String]) {
    var (kept, dropped): ([String], [String]) = ([], [])
    try walk(target) { name in
      let first = name.prefix { $0 != "/" }
      guard first != FolderLock.fileName, first != Self.listName,
        !TemporaryNames.contains(String(first)), !written.contains(name)
      else { return }
      if isDropped(name) { dropped.append(name) } else { kept.append(name) }
    }
    return (kept, dropped)
  }

  private func move(_ name: String, from: String, to: String) throws(SystemError) {
    let place = "\(to)/\(name)"
    try makeFolders(parentFolder(of: place))
    if isFolder("\(from)/\(name)") {
      try makeFolders(place)
    } else {
      guard rename("\(from)/\(name)", place) == 0 else { throw SystemError() }
    }
  }

  private func exchange(_ new: String, _ old: String) throws(SystemError) {
    if swapNames(new, old) { return }
    guard errno == EINVAL || errno == ENOSYS || errno == ENOTSUP else { throw SystemError() }
    // A file system without it: the next process puts the old folder back if this one dies between.
    let aside = TemporaryNames.aside(for: old)
    guard rename(old, aside) == 0 else { throw SystemError() }
    guard rename(new, old) == 0 else {
      let error = SystemError()
      rename(aside, old)
      throw error
    }
    rename(aside, new)
  }
}

/// Exchanges the names of two folders in one step; `errno` says why not. Swift does not see the C
/// library's `renameat2`, which is declared for GNU sources alone.
private func swapNames(_ a: String, _ b: String) -> Bool {
  typealias Function =
    @convention(c) (
      Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32
    ) -> Int32
  guard let symbol = dlsym(nil, "renameat2") else {
    errno = ENOSYS
    return false
  }
  let exchange: UInt32 = 2  // RENAME_EXCHANGE
  return unsafeBitCast(symbol, to: Function.self)(AT_FDCWD, a, AT_FDCWD, b, exchange) == 0
}

// MARK: - The list of files

extension FolderReplacement {
  private func writeList(_ names: [String], in folder: String) throws(SystemError) {
    let lines = Set(names).sorted().map { Self.escaped($0) + "\n" }.joined()
    let file = try AtomicFile("\(folder)/\(Self.listName)")
    try file.write(Array(lines.utf8))
    try file.commit()
  }

  /// The files of a folder that Pare wrote; nil where nothing says so.
  fileprivate static func readList(in folder: String) -> OwnedNames? {
    let descriptor = open("\(folder)/\(Self.listName)", O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { break }
      bytes += buffer[..<count]
    }
    return OwnedNames(
      String(decoding: bytes, as: UTF8.self).split(separator: "\n").map {
        unescaped(String($0))
      })
  }

  /// Names that end in `*` stand for all that begin so.
  fileprivate struct OwnedNames {
    var lines: [String]
    var names: Set<String> = []
    var beginnings: [String] = []

    init(_ lines: [String]) {
      self.lines = lines
      for line in lines {
        if line.hasSuffix("*") {
          beginnings.append(String(line.dropLast()))
        } else {
          names.insert(line)
        }
      }
    }

    func contains(_ name: String) -> Bool {
      names.contains(name) || beginnings.contains { name.hasPrefix($0) }
    }
  }

  /// In one line.
  private static func escaped(_ name: String) -> String {
    guard name.utf8.contains(where: { $0 == 0x0A || $0 == UInt8(ascii: "%") }) else { return name }
    return name.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "%25")
      .split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "%0A")
  }

  private static func unescaped(_ line: String) -> String {
    guard line.utf8.contains(UInt8(ascii: "%")) else { return line }
    var pieces = line.split(separator: "%", omittingEmptySubsequences: false)[...]
    var name = String(pieces.removeFirst())
    for piece in pieces {
      if piece.hasPrefix("0A") {
        name += "\n" + piece.dropFirst(2)
      } else if piece.hasPrefix("25") {
        name += "%" + piece.dropFirst(2)
      } else {
        name += "%" + piece
      }
    }
    return name
  }
}
