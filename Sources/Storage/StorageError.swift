/// Why a folder cannot be written.
package enum StorageError: Error, Equatable, CustomStringConvertible {
  /// Another process writes there.
  case inUse(path: String, process: Int32?, command: String?)
  /// It holds something, and nothing was said of replacing it.
  case notEmpty(path: String)
  /// It holds another kind of result.
  case otherKind(path: String, holds: ResultKind, wanted: ResultKind)
  /// Something else has its name.
  case notAFolder(path: String)
  /// A file there has the name of a result and is not one.
  case notOurs(path: String, isFolder: Bool)
  /// The system refused.
  case system(path: String, SystemError)

  /// Whether the place has something else in it, so that another will do.
  package var isTaken: Bool {
    switch self {
    case .inUse, .notEmpty, .otherKind, .notAFolder: true
    case .notOurs, .system: false
    }
  }

  /// What happened, without the path.
  package var reason: String {
    if case .system(_, let error) = self { return "\(error)" }
    return description
  }

  /// One line.
  package var description: String {
    switch self {
    case .inUse(let path, let process, let command):
      let name = command.map { "'\($0)'" } ?? "another run"
      let number = process.map { " (process \($0))" } ?? ""
      return "\(path): \(name)\(number) is writing there; wait for its end, "
        + "or name another --output"
    case .notEmpty(let path):
      return "\(path): exists and is not empty; name another --output, or add --overwrite"
    case .otherKind(let path, let holds, let wanted):
      return "\(path): holds \(holds.words), not \(wanted.words), and is not replaced; "
        + "name another --output"
    case .notAFolder(let path):
      return "\(path): cannot be created: a file of that name exists"
    case .notOurs(let path, isFolder: true):
      return "\(path): a folder has the name of a file to be written; name another --output, "
        + "or move it away"
    case .notOurs(let path, isFolder: false):
      return "\(path): is not a file that pare wrote, and is not replaced; name another --output, "
        + "or move it away"
    case .system(let path, let error): return "\(path): cannot be written: \(error)"
    }
  }
}

/// An error whose text names a file by the place that it was meant for.
package struct RelocatedError: Error, Equatable, CustomStringConvertible {
  /// The error in words.
  package let description: String

  init(_ description: String) { self.description = description }
}
