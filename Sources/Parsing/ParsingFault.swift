/// What is wrong with a file's text, and where.
public struct ParsingFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// The line, from 1; nil for files without lines.
  public var line: Int?
  /// What was found and what was expected, in one line.
  public var reason: String

  /// A fault at a line, or of the whole file.
  public init(line: Int? = nil, reason: String) {
    (self.line, self.reason) = (line, reason)
  }

  /// `line N: reason`.
  public var description: String { line.map { "line \($0): \(reason)" } ?? reason }
}
