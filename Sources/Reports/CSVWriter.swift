import Glibc
import Storage

/// Adds rows to a CSV file: what a row costs does not depend on how many there are.
///
/// A row goes out in one piece. A process that is killed leaves whole rows, or a last line without
/// its end, which ``CSVFile`` does not read and the next writer does not keep.
public final class CSVWriter {
  /// Where the file is.
  public let path: String
  /// Names of the fields.
  public let columns: [String]
  private let descriptor: Int32
  /// Bytes of whole rows.
  private var length: Int

  /// A new file with its header and the rows so far, over any old one, whole or not at all.
  ///
  /// - Precondition: each row has one value for each column.
  public init(
    creating path: String, columns: [String], rows: [[String]] = []
  ) throws(ReportsError) {
    (self.path, self.columns) = (path, columns)
    length = try CSVFile.write(columns: columns, rows: rows, to: path)
    descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
    guard descriptor >= 0 else { throw .unwritable(path: path, reason: "\(SystemError())") }
  }

  deinit { close(descriptor) }

  /// Adds a row.
  ///
  /// - Throws: ``ReportsError/unwritable(path:reason:)``; the file then ends with the row before.
  /// - Precondition: one value for each column.
  public func append(_ row: [String]) throws(ReportsError) {
    precondition(row.count == columns.count, "one value for each column")
    let bytes = Array(CSVFile.line(row).utf8)
    do { try writeAll(bytes, to: descriptor) } catch {
      ftruncate(descriptor, length)
      throw .unwritable(path: path, reason: "\(error)")
    }
    length += bytes.count
  }

  /// Brings what was written to the disk.
  public func flush() throws(ReportsError) {
    guard fsync(descriptor) == 0 || errno == EINVAL else {
      throw .unwritable(path: path, reason: "\(SystemError())")
    }
  }
}
