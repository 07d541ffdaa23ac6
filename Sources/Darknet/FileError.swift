/// What the operating system refused when a file was read or written.
public enum FileError: Error, Hashable, Sendable {
  /// A file that could not be opened or read; `reason` is the system's own text.
  case cannotRead(path: String, reason: String)
  /// A file that could not be created, filled, flushed or renamed; nothing was left behind.
  case cannotWrite(path: String, reason: String)
  /// A file larger than anything of its kind; `limit` is in bytes.
  case tooLarge(path: String, bytes: Int, limit: Int)
  /// The folder that the process works in was removed.
  case workingFolderGone
  /// A file that is something else altogether.
  case foreign(path: String, ForeignContent)
}

extension FileError: CustomStringConvertible {
  /// One line: the path, then what happened.
  public var description: String {
    switch self {
    case .cannotRead(let path, let reason): "\(path.printablePath): cannot be read: \(reason)"
    case .cannotWrite(let path, let reason): "\(path.printablePath): cannot be written: \(reason)"
    case .tooLarge(let path, let bytes, let limit):
      "\(path.printablePath): \(bytes) bytes is more than such a file can have (\(limit))"
    case .workingFolderGone:
      "the working folder was removed; change to one that is there ('cd') and try again"
    case .foreign(let path, let content): "\(path.printablePath): is \(content)"
    }
  }
}
