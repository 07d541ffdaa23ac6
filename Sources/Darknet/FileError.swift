/// What the operating system refused when a file was read or written.
public enum FileError: Error, Hashable, Sendable {
  /// A file that could not be opened or read; `reason` is the system's own text.
  case cannotRead(path: String, reason: String)
  /// A file that could not be created, filled, flushed or renamed; nothing was left behind.
  case cannotWrite(path: String, reason: String)
  /// A file larger than anything of its kind; `limit` is in bytes.
  case tooLarge(path: String, bytes: Int, limit: Int)
  /// A file that is there, and nothing was said of replacing it.
  case exists(path: String)
  /// A file that is there and is not of the kind that would be written.
  case otherKind(path: String, expected: String)
  /// The folder that the process works in was removed.
  case workingFolderGone
  /// The folder that the process works in has a name that is not UTF-8.
  case foreignWorkingFolder(String)
  /// An argument of the command line that is not UTF-8.
  case foreignArgument(String)
  /// A file that is something else altogether.
  case foreign(path: String, ForeignContent)
  /// A file of one kind where one of another is wanted.
  case mistaken(path: String, FileKind, for: FileKind)
  /// A folder where a cfg was expected, and the cfgs that lie in it.
  case folder(path: String, files: [String])
  /// A folder without a file of the kind that was expected, and the one of its name that lies beside it.
  case folderBeside(path: String, file: String)
}

extension FileError: CustomStringConvertible {
  /// One line: the path, then what happened.
  public var description: String {
    switch self {
    case .cannotRead(let path, let reason): "\(path.printablePath): cannot be read: \(reason)"
    case .cannotWrite(let path, let reason): "\(path.printablePath): cannot be written: \(reason)"
    case .tooLarge(let path, let bytes, let limit):
      "\(path.printablePath): \(bytes) bytes is more than such a file can have (\(limit))"
    case .exists(let path): "\(path.printablePath): exists; name another file, or add --overwrite"
    case .otherKind(let path, let expected):
      "\(path.printablePath): the file that is there is not \(expected) and is not replaced; "
        + "name another"
    case .workingFolderGone:
      "the working folder was removed; change to one that is there ('cd') and try again"
    case .foreignWorkingFolder(let path):
      "\(path.printablePath): the working folder's name is not UTF-8; rename it, or work elsewhere"
    case .foreignArgument(let text):
      "'\(text.printablePath)': is not UTF-8; rename the file, or write the argument in UTF-8"
    case .foreign(let path, let content): "\(path.printablePath): is \(content)"
    case .mistaken(let path, let kind, let wanted):
      "\(path.printablePath): \(kind.mistake(for: wanted.words))"
    case .folderBeside(let path, let file):
      "\(path.printablePath): is a folder; did you mean '\(file.printablePath)' beside it?"
    case .folder(let path, let files) where files.isEmpty:
      "\(path.printablePath): is a folder without a .cfg file"
    case .folder(let path, let files):
      "\(path.printablePath): is a folder; name the .cfg file in it: "
        + files.prefix(5).map(\.printablePath).joined(separator: ", ")
        + (files.count > 5 ? ", …" : "")
        + (files.contains { fileName(of: $0) == "model.cfg" }
          ? "; --model takes such a folder whole" : "")
    }
  }
}
