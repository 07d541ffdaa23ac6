/// A table of figures as comma-separated values (RFC 4180), such as `results.csv`.
///
/// The file is replaced as a whole, so that a killed process leaves whole rows; ``CSVWriter`` adds
/// to it.
public struct CSVFile: Sendable {
  /// Where the file is.
  public let path: String
  /// Names of the fields.
  public let columns: [String]
  /// One value for each column, as text.
  public let rows: [[String]]

  /// A new file with its header and rows, over any old one.
  ///
  /// - Precondition: each row has one value for each column.
  public init(
    creating path: String, columns: [String], rows: [[String]] = []
  ) throws(ReportsError) {
    self.init(path: path, columns: columns, rows: rows)
    _ = try Self.write(columns: columns, rows: rows, to: path)
  }

  /// Reads a file.
  public init(contentsOf path: String) throws(ReportsError) {
    guard let bytes = try readFile(path) else {
      throw .unreadable(path: path, reason: "No such file or directory")
    }
    let records = Self.records(of: bytes)
    let columns = records.first?.fields ?? []
    for record in records.dropFirst() where record.fields.count != columns.count {
      throw .unevenRow(
        path: path, line: record.line, found: record.fields.count, expected: columns.count)
    }
    self.init(path: path, columns: columns, rows: records.dropFirst().map(\.fields))
  }

  private init(path: String, columns: [String], rows: [[String]]) {
    (self.path, self.columns, self.rows) = (path, columns, rows)
  }

  /// The numbers of a column, NaN where there is none; nil without such a column.
  public func numbers(_ column: String) -> [Double]? {
    guard let index = columns.firstIndex(of: column) else { return nil }
    return rows.map { Double($0[index]) ?? .nan }
  }

  /// Writes a whole file.
  ///
  /// - Returns: how many bytes it has.
  static func write(
    columns: [String], rows: [[String]], to path: String
  ) throws(ReportsError) -> Int {
    precondition(rows.allSatisfy { $0.count == columns.count }, "one value for each column")
    let bytes = Array(([columns] + rows).map(line).joined().utf8)
    try writeFile(bytes, to: path)
    return bytes.count
  }

  /// A row as it stands in the file.
  static func line(_ row: [String]) -> String {
    row.map(quoted).joined(separator: ",") + "\n"
  }

  private static func quoted(_ field: String) -> String {
    let needsQuotes = field.utf8.contains { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D }
    guard needsQuotes else { return field }
    let doubled = field.split(separator: "\"", omittingEmptySubsequences: false)
    return "\"" + doubled.joined(separator: "\"\"") + "\""
  }

  /// Fields of each line, and its number from 1; a last line without its end is not whole, and
  /// empty lines are none. Any bytes are some records.
  private static func records(of bytes: [UInt8]) -> [(line: Int, fields: [String])] {
    var records: [(line: Int, fields: [String])] = []
    var (fields, field): ([String], [UInt8]) = ([], [])
    var (isQuoted, wasQuoted) = (false, false)
    var (line, first, index) = (1, 1, 0)
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      if byte == 0x0A { line += 1 }
      if isQuoted {
        if byte != 0x22 {
          field.append(byte)
        } else if index < bytes.count, bytes[index] == 0x22 {
          field.append(0x22)
          index += 1
        } else {
          isQuoted = false
        }
        continue
      }
      switch byte {
      case 0x22: (isQuoted, wasQuoted) = (true, true)
      case 0x2C:
        fields.append(String(decoding: field, as: UTF8.self))
        (field, wasQuoted) = ([], false)
      case 0x0A:
        if field.last == 0x0D, !wasQuoted { field.removeLast() }
        fields.append(String(decoding: field, as: UTF8.self))
        if fields != [""] { records.append((first, fields)) }
        (fields, field, wasQuoted, first) = ([], [], false, line)
      default: field.append(byte)
      }
    }
    return records
  }
}
