/// Darknet's `.names`: the name of class i on line i.
public struct NamesFile: Hashable, Sendable {
  /// The names, trimmed; none is empty.
  public var names: [String]

  /// The largest file that is read, in bytes.
  public static let maximumBytes = 4 << 20

  /// Names made by a program.
  public init(_ names: [String]) { self.names = names }

  /// Parses one name a line; empty lines are allowed at the end only.
  ///
  /// - Throws: ``DataError`` when a name is missing, since all after it would shift, or none is there.
  public init(parsing text: String, path: String) throws(DataError) {
    names = []
    var firstEmptyLine: Int?
    for line in TextLines(text) {
      if line.content.isEmpty {
        firstEmptyLine = firstEmptyLine ?? line.number
      } else if let firstEmptyLine {
        throw .emptyName(at: SourcePlace(path: path, line: firstEmptyLine))
      } else {
        guard names.count < DataFile.maximumClasses else {
          throw .tooManyNames(at: SourcePlace(path: path, line: line.number))
        }
        names.append(line.content.text)
      }
    }
    guard !names.isEmpty else { throw .emptyList(path: path) }
  }

  /// Reads and parses the file at `path`.
  ///
  /// - Throws: ``DataError``, also when the file cannot be read.
  public init(contentsOf path: String) throws(DataError) {
    try self.init(parsing: readText(path, limit: Self.maximumBytes), path: path)
  }

  /// One name a line.
  public var text: String { names.map { $0 + "\n" }.joined() }

  /// Writes the names to `path`, atomically.
  ///
  /// - Throws: ``DataError`` when the file cannot be written.
  public func write(to path: String) throws(DataError) {
    do { try writeAtomically(text, to: path) } catch { throw .file(error) }
  }
}
