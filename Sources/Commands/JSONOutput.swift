import ArgumentParsing
import Darknet
import Terminal

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Where `--json` goes. Made before the work, so that a path that cannot be written is an error
/// at once and not after hours of training.
package struct JSONOutput: Sendable {
  /// `nil` when no JSON was asked for, `-` for stdout.
  private let path: String?
  /// Whether to say where it went.
  private let isTold: Bool

  /// Checks that the path can be written; changes nothing.
  ///
  /// - Parameter output: a folder that the command itself makes before it writes.
  /// - Throws: `FileError`.
  package init(
    _ path: String?, in output: String? = nil, isTold: Bool = false
  ) throws(FileError) {
    (self.path, self.isTold) = (path, isTold)
    guard let path, path != "-" else { return }
    let folder = folderPath(of: path)
    if let output, absolutePath(folder) == absolutePath(output), access(folder, F_OK) != 0 {
      return
    }
    try ResultFile.json.require(path)
    try ResultFile.requirePlace(path)
  }

  /// Checks the path of a command's report options.
  package init(
    _ options: ReportOptions, in output: String? = nil
  ) throws(FileError) { try self.init(options.json, in: output, isTold: !options.quiet) }

  /// The first member of every result, by which an earlier one is known again.
  static let mark = JSONValue.Member("writtenBy", .string("pare \(PareCommand.version)"))

  /// Whether a file that begins so is a result of ours.
  static func isOwn(_ start: some Sequence<UInt8>) -> Bool {
    let beginning = "{\"\(mark.key)\":\"pare"
    return start.lazy.filter { !$0.isSpace }.prefix(beginning.utf8.count)
      .elementsEqual(beginning.utf8)
  }

  /// Writes the result, an object, if one was asked for. A file appears whole or not at all.
  ///
  /// - Parameter tells: whether to say where it went; else ``tell()`` does, in its place.
  /// - Throws: `FileError`, or ``StreamError`` for stdout.
  package func write(_ value: @autoclosure () -> JSONValue, tells: Bool = true) throws {
    guard let path else { return }
    var value = value()
    if case .object(let members) = value { value = .object([Self.mark] + members) }
    let text = value.text + "\n"
    if path == "-" {
      do { try StandardStream.output.write(text) } catch {
        guard error.isBrokenPipe else { throw error }
        // Unlike the end of a table, half an object is of no use to anybody.
        throw FileError.cannotWrite(
          path: "standard output", reason: "the program that reads it has ended")
      }
    } else {
      try writeAtomically(text, to: path)
      if tells { try tell() }
    }
  }

  /// Says where the result went, unless that is stdout or nothing is to be said.
  package func tell() throws(StreamError) {
    guard isTold, let path, path != "-" else { return }
    try StandardStream.output.writeLine("result as JSON: \(path)")
  }
}
