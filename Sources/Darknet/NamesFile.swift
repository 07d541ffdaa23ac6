import Terminal

/// Darknet's `.names`: the name of class i on line i.
///
/// A file that is not UTF-8 is decoded, see ``encoding``. Control characters in names are escaped,
/// in reading and in writing.
public struct NamesFile: Hashable, Sendable {
  /// The names, trimmed; none is empty.
  public var names: [String]
  /// The encoding that a file which is not UTF-8 was found to be in: `GBK` or `Windows-1252`.
  public private(set) var encoding: String?

  /// The largest file that is read, in bytes.
  public static let maximumBytes = 4 << 20

  /// Names made by a program.
  public init(_ names: [String]) { self.names = names }

  /// Parses one name a line; empty lines are allowed at the end only.
  ///
  /// - Throws: ``DataError`` when a name is missing, since all after it would shift, or none is
  ///   there.
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
        names.append(line.content.text.escaped)
      }
    }
    guard !names.isEmpty else { throw .emptyList(path: path) }
  }

  /// Reads and parses the file at `path`.
  ///
  /// - Throws: ``DataError``, also when the file cannot be read.
  public init(contentsOf path: String) throws(DataError) {
    let decoded: DecodedText
    do {
      try FileError.require(.names, path)
      decoded = try readTextFile(path, limit: Self.maximumBytes)
    } catch { throw .file(error) }
    try self.init(parsing: String(decoding: decoded.bytes, as: UTF8.self), path: path)
    encoding = decoded.encoding
  }

  /// One name a line.
  public var text: String { names.map { $0.escaped + "\n" }.joined() }

  /// Names that several classes have, with these classes' numbers, in the order of the first.
  public var repeated: [(name: String, classes: [Int])] { Self.repeated(names) }

  /// As ``repeated``, of any names.
  package static func repeated(_ names: [String]) -> [(name: String, classes: [Int])] {
    var seen: Set<String> = []
    var repeated: Set<String> = []
    for name in names where !seen.insert(name).inserted { repeated.insert(name) }
    // Hardly any file has one: the numbers are collected of these names only.
    guard !repeated.isEmpty else { return [] }
    return Dictionary(grouping: names.indices.filter { repeated.contains(names[$0]) }) { names[$0] }
      .map { ($0.key, $0.value) }.sorted { $0.1[0] < $1.1[0] }
  }

  /// Writes the names to `path`, atomically.
  ///
  /// - Throws: ``DataError`` when the file cannot be written.
  public func write(to path: String) throws(DataError) {
    do { try writeAtomically(text, to: path) } catch { throw .file(error) }
  }
}
