/// What is wrong with a `.data` file, a list of pictures, or a file of names.
public enum DataError: Error, Hashable, Sendable {
  /// The file could not be read or written at all.
  case file(FileError)
  /// A file that a `.data` file names under a key, and that could not be read.
  case named(FileError, key: String, data: String)
  /// A list that a `.data` file names under a key, and that holds nothing.
  case emptyNamedList(path: String, key: String, data: String)
  /// A file of another form where a `.data` file was expected; `command` brings it there.
  case otherForm(path: String, what: String, command: String)
  /// A file of class names where a `.data` file was expected.
  case names(path: String)
  /// A folder where a `.data` file was expected, and those that lie in it.
  case folder(path: String, files: [String])
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
      "\(path.printablePath): is empty; write pictures into it, one a line, or leave the line '\(key)' "
        + "out of \(data.printablePath)"
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
    case .file(let error): return .named(error, key: key, data: data.path)
    case .emptyList(let path): return .emptyNamedList(path: path, key: key, data: data.path)
    default: return self
    }
  }
}
