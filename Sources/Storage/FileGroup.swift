import Glibc

/// Files of one folder that are written together: they appear when all of them are whole, one
/// directly after the other. Without ``commit()`` none does.
package final class FileGroup {
  /// The folder that the files are for.
  private let folder: String
  /// Where to write them, under their own names.
  package let workingPath: String
  private let descriptor: Int32
  private var made: [String] = []

  /// A group for a folder, which is made where there is none.
  package init(in folder: String) throws(StorageError) {
    self.folder = folder
    do throws(SystemError) {
      made = try makeFolders(folder)
      (descriptor, workingPath) = try TemporaryNames.makeFolder(in: folder)
      Unfinished.add(tree: workingPath)
      Unfinished.add(folders: made)
    } catch {
      throw .system(path: folder, error)
    }
  }

  deinit {
    removeTree(workingPath)
    Unfinished.remove(tree: workingPath)
    close(descriptor)
    for folder in made.reversed() { rmdir(folder) }
    Unfinished.remove(folders: made)
  }

  /// Where to write the file that is to be at `path`. What is no regular file, such as
  /// `/dev/stdout`, is written directly.
  package func place(for path: String) -> String {
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG { return path }
    guard let name = path.split(separator: "/").last else { return path }
    return "\(workingPath)/\(name)"
  }

  /// Does `body`; what it says of files in ``workingPath`` is said of their places.
  package func naming<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch {
      let text = "\(error)"
      guard text.contains(workingPath + "/") else { throw error }
      throw RelocatedError(
        text.split(separator: workingPath + "/", omittingEmptySubsequences: false)
          .joined(separator: folder == "." ? "" : folder + "/"))
    }
  }

  /// Puts the files in their places, in place of those that had them.
  package func commit() throws(StorageError) {
    do throws(SystemError) {
      for name in try namesInFolder(workingPath) {
        let place = "\(folder)/\(name)"
        guard rename("\(workingPath)/\(name)", resolvedPath(place)) == 0 else {
          throw SystemError()
        }
      }
    } catch {
      throw .system(path: folder, error)
    }
    flushFolder(folder)
    Unfinished.remove(folders: made)
    made = []
  }
}
