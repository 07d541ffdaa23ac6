import Glibc

/// A folder of results, whose contents change all at once.
///
/// What is written goes to ``workingPath``, beside the folder. ``commit(adding:later:)`` then puts
/// it in the folder's place in one step, so that files which belong together change together. Until
/// then, and when anything fails, the folder holds what it held.
///
/// A list in the folder, `.pare.files`, says which files Pare wrote, and of what kind of result they
/// are. Other files stay, and none of them is written over: a new file of such a name is refused. A
/// folder that holds another kind of result is refused as a whole.
///
/// Where results are many and a folder holds nothing yet, they may be seen while the work goes on:
/// such a folder `grows`, and ``place(for:)`` lists each file before it is written.
///
/// The folder is locked from the beginning to ``deinit``.
package final class FolderReplacement {
  /// The name of the list of files that Pare wrote.
  package static let listName = ".pare.files"

  /// The folder as the user named it.
  package let path: String
  /// Where to write until ``commit(adding:later:)``; ``path`` afterwards.
  package internal(set) var workingPath: String
  /// Whether the folder held anything.
  package let replacesSomething: Bool

  /// What is written; nil where results have no kind.
  let kind: ResultKind?
  /// The folder without links and dots.
  let target: String
  /// The files of the old folder that Pare wrote; nil where nothing says so.
  let oldList: OwnedNames?
  /// Whether Pare wrote a file of the old folder, where that has no list of them.
  private let isOwnedUnlisted: (String) -> Bool
  var staging: (descriptor: Int32, path: String)?
  /// Whether the new contents are inside of the folder, since nothing can be written beside it.
  let isInside: Bool
  /// Of a folder that grows: its list, open for writing, and what stands in it.
  var growing: (list: Int32, names: Set<SystemPath>)?
  /// Folders that were made in one that grows.
  var madeInside: [String] = []
  /// Folders that were made for this one.
  var made: [String]
  var lock: FolderLock?

  /// Prepares the replacement of a folder; it is made where there is none.
  ///
  /// - Parameters:
  ///   - kind: what is written; a folder that holds another kind is refused.
  ///   - replaces: whether a folder that holds something is taken.
  ///   - unlistedKind: what files of the old folder are that Pare wrote, where that has no list.
  ///   - grows: whether results are seen as they are written, in a folder that holds nothing.
  ///   - owned: whether Pare wrote a file of the old folder, where that has no list of them.
  package init(
    _ path: String, of kind: ResultKind? = nil, replaces: Bool, grows: Bool = false,
    unlistedKind: ResultKind? = nil,
    owning owned: @escaping (String) -> Bool = { _ in false }
  ) throws(StorageError) {
    (self.path, self.kind) = (path, kind)
    isOwnedUnlisted = owned
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
    oldList = OwnedNames(in: target)
    do throws(StorageError) {
      lock = try FolderLock(target, named: path)
      replacesSomething = try !Self.userVisibleNames(target, named: path).isEmpty
      if replacesSomething, let kind {
        let kinds = oldList?.kinds(in: target) ?? (unlistedKind.map { [$0] } ?? [])
        if let other = kinds.first(where: { !kind.mayLie(beside: $0) }) {
          throw .otherKind(path: path, holds: other, wanted: kind)
        }
      }
      guard replaces || !replacesSomething else { throw .notEmpty(path: path) }
      let isMount = Self.device(target) != Self.device(parent)
      // Whose working folder is exchanged finds itself in one that is gone.
      let isEntered = (resolvedPath(".") + "/").hasPrefix(target + "/")
      if grows, !replacesSomething {
        (staging, isInside) = (nil, true)
        do { growing = (try Self.newList(of: kind, in: target), []) } catch {
          throw .system(path: path, error)
        }
      } else if !isMount, !isEntered, let beside = try? Self.makeStaging(in: parent) {
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
    workingPath = staging?.path ?? path
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
    if let growing {
      close(growing.list)
      for folder in madeInside.reversed() { rmdir(folder) }
      let isEmpty = (try? Self.userVisibleNames(target, named: path).isEmpty) ?? false
      if isEmpty { unlink("\(target)/\(Self.listName)") }
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

  /// Whether a folder is taken: it holds something, or a process writes there.
  package static func isTaken(_ path: String) -> Bool {
    var status = stat()
    guard stat(path, &status) == 0 else { return false }
    guard status.st_mode & S_IFMT == S_IFDIR else { return true }
    guard (try? userVisibleNames(path, named: path))?.isEmpty == true else { return true }
    return (try? FolderLock(path)) == nil
  }

  static func userVisibleNames(
    _ folder: String, named path: String
  ) throws(StorageError) -> [String] {
    do {
      return try namesInFolder(folder).filter {
        $0 != FolderLock.fileName && $0 != listName && !TemporaryNames.contains($0)
      }
    } catch { throw .system(path: path, error) }
  }

  private static func device(_ path: String) -> dev_t {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_dev : 0
  }
}

// MARK: - Whose files are there

extension FolderReplacement {
  /// Whether Pare wrote a file of the old folder.
  func isOwned(_ name: SystemPath) -> Bool {
    oldList?.contains(name) ?? isOwnedUnlisted(name.text)
  }

  /// The first of these files that is in the folder now, that Pare wrote, and that the change would
  /// take away; nil when all of them stay.
  package func firstRemoved(of files: some Sequence<String>) -> String? {
    guard replacesSomething else { return nil }
    var folders: [String: String] = [:]
    var places = ResolvedPaths()
    for file in files {
      // The file may be a link: it can go, and so can what it leads to.
      let folder = parentFolder(of: file)
      let place = folders[folder] ?? resolvedPath(folder)
      folders[folder] = place
      let name = file.utf8.lastIndex(of: UInt8(ascii: "/")).map {
        String(file[file.utf8.index(after: $0)...])
      }
      if wouldRemove("\(place)/\(name ?? file)") || wouldRemove(places.resolved(file)) {
        return file
      }
    }
    return nil
  }

  /// Whether the change would take a file away that is there now and that Pare wrote.
  ///
  /// - Parameter file: without links and dots in its folder.
  package func wouldRemove(_ file: String) -> Bool {
    guard replacesSomething, file.hasPrefix(target + "/") else { return false }
    return isOwned(SystemPath(String(file.dropFirst(target.count + 1))))
  }

  /// Refuses names of which the folder has a file that Pare did not write.
  ///
  /// - Parameter names: relative to the folder; those that end in `*` stand for all that begin so.
  package func requireOwn(_ names: some Sequence<String>) throws(StorageError) {
    guard replacesSomething else { return }
    for name in names {
      if name.hasSuffix("*") {
        let beginning = name.utf8.dropLast()
        for entry in (try? entries(SystemPath(target))) ?? []
        where entry.bytes.starts(with: beginning) { try requireOwn(entry) }
      } else {
        try requireOwn(SystemPath(name))
      }
    }
  }

  func requireOwn(_ name: SystemPath) throws(StorageError) {
    guard let status = (SystemPath(target) / name).status else { return }
    // Folders may have files of both.
    let isFolder = status.st_mode & S_IFMT == S_IFDIR
    guard !isFolder, isOwned(name) else {
      throw .notOurs(path: path + "/" + name.text, isFolder: isFolder)
    }
    if let kind, let other = oldList?.kind(of: name), other != kind {
      throw .otherKind(path: path + "/" + name.text, holds: other, wanted: kind)
    }
  }
}
