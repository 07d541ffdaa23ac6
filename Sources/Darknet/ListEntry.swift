import Terminal

/// A line of a list of files.
///
/// A path stands as it is, or in double quotes, where `\n`, `\r`, `\t`, `\"`, `\\` and `\x1B` are
/// characters that a line could not hold. Every reader and writer of lists goes through here.
package enum ListEntry {
  /// The path of a line that is trimmed and not empty.
  package static func path(of line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let quote = UInt8(ascii: "\"")
    guard line.count > 1, line.first == quote, line.last == quote else { return line }
    let body = line.dropFirst().dropLast()
    guard body.contains(UInt8(ascii: "\\")) else { return body }
    var path: [UInt8] = []
    var rest = body
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\"), let mark = rest.popFirst() else {
        path.append(byte)
        continue
      }
      switch mark {
      case UInt8(ascii: "n"): path.append(0x0A)
      case UInt8(ascii: "r"): path.append(0x0D)
      case UInt8(ascii: "t"): path.append(0x09)
      case quote, UInt8(ascii: "\\"): path.append(mark)
      case UInt8(ascii: "x"):
        guard let value = UInt8(rest.prefix(2).text, radix: 16), rest.count > 1 else { fallthrough }
        path.append(value)
        rest = rest.dropFirst(2)
      default: path += [byte, mark]
      }
    }
    return path[...]
  }

  /// The line of a path: in quotes only where it would not come back otherwise.
  package static func line(of path: String) -> String {
    let bytes = Array(path.utf8)
    let isPlain =
      bytes[...].trimmed.count == bytes.count && bytes.first != UInt8(ascii: "#")
      && bytes.first != UInt8(ascii: "\"") && !bytes.contains { $0 < 0x20 || $0 == 0x7F }
    if isPlain { return path }
    var line = "\""
    for scalar in path.unicodeScalars {
      switch scalar {
      case "\n": line += "\\n"
      case "\r": line += "\\r"
      case "\t": line += "\\t"
      case "\"", "\\": line += "\\" + String(scalar)
      case _ where scalar.value < 0x20 || scalar.value == 0x7F: line += String(scalar).escaped
      default: line.unicodeScalars.append(scalar)
      }
    }
    return line + "\""
  }
}
