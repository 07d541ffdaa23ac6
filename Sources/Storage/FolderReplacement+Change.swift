import Glibc

// What a folder becomes.

extension FolderReplacement {
  /// Puts the new contents in the folder's place. The old ones go, but for what Pare did not write.
  ///
  /// - Parameters:
  ///   - adds: everything of the old folder stays that has no new file of its name.
  ///   - later: names of files that will be written into the folder from now on; a `*` at the end
  ///     stands for any end.
  /// - Throws: ``StorageError``, also when a new file has the name of one that Pare did not write;
  ///   nothing is changed then.
  package func commit(adding adds: Bool = false, later: [String] = []) throws(StorageError) {
    if let growing {
      fsync(growing.list)
      return
    }
    guard let staging else { return }
    try requireOwn(later)
    let (new, old) = (SystemPath(staging.path), SystemPath(target))
    do {
      var written: [SystemPath] = []
      try walk(new) { name in written.append(name) }
      // An empty folder changes nothing of one that is there.
      for name in written where !(new / name).isFolder { try requireOwn(name) }
      var lists = [
        kind: Set(written.map(OwnedNames.line) + later.map { SystemPath($0) })
      ]
      for group in adds ? oldList?.groups ?? [] : [] {
        lists[group.kind, default: []].formUnion(group.lines)
      }
      try writeList(lists, in: staging.path)
      let rest = try oldNames(written: Set(written)) { !adds && isOwned($0) }
      if isInside {
        for name in written + [SystemPath(Self.listName)] { try move(name, from: new, to: old) }
        for name in rest.dropped { _ = (old / name).withCString { unlink($0) } }
        removeTree(staging.path)
        close(staging.descriptor)
        self.staging = nil
      } else {
        for name in rest.kept { try carry(name, from: old, to: new) }
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
    } catch let error as SystemError {
      throw .system(path: path, error)
    } catch let error as StorageError {
      throw error
    } catch {
      preconditionFailure("no other error")
    }
    Unfinished.remove(tree: staging.path)
    Unfinished.remove(folders: made)
    made = []
    workingPath = path
  }

  /// Entries of the old folder that stay and that go, relative to it; those that are replaced are
  /// in neither.
  private func oldNames(
    written: Set<SystemPath>, isDropped: (SystemPath) -> Bool
  ) throws(SystemError) -> (kept: [SystemPath], dropped: [SystemPath]) {
    var (kept, dropped): ([SystemPath], [SystemPath]) = ([], [])
    try walk(SystemPath(target)) { name in
      let first = name.first.text
      guard first != FolderLock.fileName, first != Self.listName,
        !TemporaryNames.contains(first), !written.contains(name)
      else { return }
      if isDropped(name) { dropped.append(name) } else { kept.append(name) }
    }
    return (kept, dropped)
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

  private func writeList(
    _ lists: [ResultKind?: Set<SystemPath>], in folder: String
  ) throws(SystemError) {
    let file = try AtomicFile("\(folder)/\(Self.listName)")
    // Files of no kind come first: no line before them says one.
    let groups = lists.sorted { ($0.key?.words ?? "") < ($1.key?.words ?? "") }
    let lines = groups.flatMap { kind, lines in
      (kind.map { [OwnedNames.line(of: $0)] } ?? []) + lines.sorted()
    }
    try file.write(Array(lines.map { $0.bytes + [0x0A] }.joined()))
    try file.commit()
  }
}

// MARK: - Folders that grow

extension FolderReplacement {
  /// An empty list in a folder, in place of one of files that are gone.
  static func newList(
    of kind: ResultKind?, in folder: String
  ) throws(SystemError) -> Int32 {
    let list = open(
      "\(folder)/\(listName)", O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW,
      0o666)
    guard list >= 0 else { throw SystemError() }
    if let kind { try writeAll(OwnedNames.line(of: kind).bytes + [0x0A], to: list) }
    return list
  }

  /// Where to write a file now. In a folder that grows it is listed first, so that whatever becomes
  /// of the process, the next one knows whose the file is.
  ///
  /// - Parameter name: relative to the folder; the folders that it needs are made.
  package func place(for name: String) throws(StorageError) -> String {
    let place = "\(workingPath)/\(name)"
    do {
      if name.contains("/") { madeInside += try makeFolders(parentFolder(of: place)) }
      guard growing != nil else { return place }
      let entry = SystemPath(name)
      if growing?.names.contains(entry) != true {
        guard (SystemPath(target) / entry).status == nil else {
          throw StorageError.notOurs(
            path: "\(path)/\(name)", isFolder: isFolder("\(target)/\(name)"))
        }
        try note(entry)
      }
    } catch let error as SystemError {
      throw .system(path: "\(path)/\(name)", error)
    } catch let error as StorageError {
      throw error
    } catch {
      preconditionFailure("no other error")
    }
    return place
  }

  private func note(_ name: SystemPath) throws(SystemError) {
    guard let list = growing?.list else { return }
    // Without its end the line is no name.
    let line = OwnedNames.line(of: name).bytes + [0x0A]
    let length = lseek(list, 0, SEEK_END)
    do throws(SystemError) { try writeAll(line, to: list) } catch {
      _ = ftruncate(list, length)
      throw error
    }
    growing?.names.insert(name)
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
