/// What can go wrong with files of figures.
public enum ReportsError: Error, Equatable, CustomStringConvertible {
  /// The operating system's reason, such as "No space left on device".
  case unwritable(path: String, reason: String)
  case unreadable(path: String, reason: String)
  /// A CSV row with another number of fields than the header.
  case unevenRow(path: String, line: Int, found: Int, expected: Int)

  /// One line: where, what was found, what was expected.
  public var description: String {
    switch self {
    case .unwritable(let path, let reason): "\(path): cannot be written: \(reason)"
    case .unreadable(let path, let reason): "\(path): cannot be read: \(reason)"
    case .unevenRow(let path, let line, let found, let expected):
      "\(path):\(line): \(found) fields; expected \(expected)"
    }
  }
}
