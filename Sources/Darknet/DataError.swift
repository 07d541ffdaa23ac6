import Storage
import Terminal

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What is wrong with a `.data` file, a list of pictures, or a file of names.
public enum DataError: Error, Hashable, Sendable {
  /// The file could not be read or written at all.
  case file(FileError)
  /// A file that a `.data` file names under a key, and that could not be read.
  case named(FileError, key: String, data: String)
  /// A file that a `.data` file names under a key, as it stands there, and that is in none of the folders
  /// that it was looked for in; what may have been meant.
  case missingNamed(String, key: String, data: String, folders: [String], near: String?)
  /// A key that is none, beside one that is not there.
  case misspeltKey(String, near: String, at: SourcePlace)
  /// A list that a `.data` file names under a key, and that holds nothing.
  case emptyNamedList(path: String, key: String, data: String)
  /// A file of another form where a `.data` file was expected; `command` brings it there.
  case otherForm(path: String, what: String, command: String)
  /// A file of class names where a `.data` file was expected.
  case names(path: String)
  /// A folder where a `.data` file was expected, and those that lie in it.
  case folder(path: String, files: [String])
  /// A folder without a `.data` file in its place, and the one of its name that lies beside it.
  case folderBeside(path: String, file: String)
  /// A line of a `.data` file that is not `key=value`.
  case malformedLine(String, at: SourcePlace)
  /// A key that is needed and not there.
  case missingKey(String, path: String)
  /// A number of classes that is none.
  case invalidClasses(String, at: SourcePlace)
  /// An empty line between names.
  case emptyName(at: SourcePlace)
  /// More names than a data set may have.
  case tooManyNames(at: SourcePlace)
  /// A list or a file of names without any.
  case emptyList(path: String)
  /// More or fewer names than classes.
  case wrongNumberOfNames(Int, names: String, classes: Int, data: String)
}

extension DataError: CustomStringConvertible {
  /// One line: the path, the line where there is one, and what was found.
  public var description: String {
    switch self {
    case .file(let error): "\(error)"
    case .named(let error, let key, let data):
      "\(error); \(data.printablePath) names it as '\(key)'"
    case .missingNamed(let file, let key, let data, let folders, let near):
      "\(data.printablePath): '\(key)=\(file.printablePath)': there is no such file, looked for in "
        + folders.map(\.printablePath).joined(separator: " and ")
        + (near.map { "; did you mean '\($0.printablePath)'?" } ?? "")
    case .misspeltKey(let key, let near, let place):
      "\(place): '\(key)' is no key of a .data file; did you mean '\(near)'?"
    case .folderBeside(let path, let file): "\(FileError.folderBeside(path: path, file: file))"
    case .otherForm(let path, let what, let command):
      "\(path.printablePath): is \(what), not a .data file; import it: \(command)"
    case .names(let path):
      "\(path.printablePath): is a list of class names, not a .data file, which has a line "
        + "'names=\(fileName(of: path).printablePath)' for it"
    case .folder(let path, let files) where files.isEmpty:
      "\(path.printablePath): is a folder without a .data file; 'pare dataset import' makes one of "
        + "labelled pictures"
    case .folder(let path, let files):
      "\(path.printablePath): is a folder; name the .data file in it: "
        + files.prefix(5).map(\.printablePath).joined(separator: ", ")
        + (files.count > 5 ? ", …" : "")
    case .malformedLine(let text, let place): "\(place): '\(text)' is not key=value"
    case .missingKey(let key, let path): "\(path): has no '\(key)'"
    case .invalidClasses(let text, let place):
      "\(place): 'classes=\(text)' is not a whole number in 1...\(DataFile.maximumClasses)"
    case .emptyName(let place): "\(place): has no name, names after it would shift"
    case .tooManyNames(let place): "\(place): has more than \(DataFile.maximumClasses) names"
    case .emptyList(let path): "\(path.printablePath): is empty"
    case .emptyNamedList(let path, let key, let data):
      "\(path.printablePath): is empty; write pictures into it, one a line"
        + (key == "train" ? "" : ", or leave the line '\(key)' out of \(data.printablePath)")
    case .wrongNumberOfNames(let count, let names, let classes, let data):
      "\(names.printablePath): has \(count) \(count == 1 ? "name" : "names"), \(data) says \(classes) "
        + (classes == 1 ? "class" : "classes")
    }
  }
}

extension DataError {
  /// This error of reading a file that `data` names under a key, which it then says.
  package func named(_ key: String, by data: DataFile) -> DataError {
    switch self {
    case .file(.cannotRead(let path, systemErrorText(ENOENT))):
      return data.missing(key, at: path)
    case .file(let error): return .named(error, key: key, data: data.path)
    case .emptyList(let path): return .emptyNamedList(path: path, key: key, data: data.path)
    default: return self
    }
  }
}

extension DataFile {
  /// The error of a file that is named under a key and is not there.
  fileprivate func missing(_ key: String, at path: String) -> DataError {
    // As it stands in the file: what is kept is the place that was found.
    let text = (try? readText(self.path, limit: Self.maximumBytes)) ?? ""
    let written = (try? Self.entries(of: text))?.first { $0.key == key && !$0.value.isEmpty }
    let file = written?.value ?? path
    let isPlaced = file.hasPrefix("/")
    var folders =
      (isPlaced ? [path] : [absolutePath(file, in: folderPath(of: self.path)), absolutePath(file)])
      .map(folderPath)
    if folders.count == 2, folders[0] == folders[1] { folders.removeLast() }
    let near = folders.lazy.compactMap { folder in
      closest(to: fileName(of: file), in: (try? namesInFolder(folder)) ?? [])
    }.first
    let start = file.contains("/") ? folderPath(of: file) + "/" : ""
    return .missingNamed(
      file, key: key, data: self.path, folders: folders, near: near.map { start + $0 })
  }
}
