import Glibc

/// The files of a folder that Pare wrote, as its `.pare.files` lists them: a path a line, relative
/// to the folder. A line that ends in `*` stands for all that begin so; `%0A`, `%25` and `%2A` are
/// signs that a line could not hold.
struct OwnedNames {
  private(set) var lines: [SystemPath] = []
  private var names: Set<SystemPath> = []
  private var beginnings: [[UInt8]] = []

  /// The list in a folder; nil where there is none.
  init?(in folder: String) {
    let descriptor = open(
      "\(folder)/\(FolderReplacement.listName)", O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { break }
      bytes += buffer[..<count]
    }
    // What a power cut left of a line is no name.
    if let end = bytes.lastIndex(of: 0x0A) { bytes.removeSubrange((end + 1)...) } else { return }
    for line in bytes.split(separator: 0x0A) {
      lines.append(SystemPath(Array(line)))
      if line.last == UInt8(ascii: "*") {
        beginnings.append(Self.unescaped(line.dropLast()))
      } else {
        names.insert(SystemPath(Self.unescaped(line)))
      }
    }
  }

  func contains(_ name: SystemPath) -> Bool {
    names.contains(name) || beginnings.contains { name.bytes.starts(with: $0) }
  }

  /// The line of a name.
  static func line(of name: SystemPath) -> SystemPath {
    var line: [UInt8] = []
    for (place, byte) in name.bytes.enumerated() {
      switch byte {
      case 0x0A: line += "%0A".utf8
      case UInt8(ascii: "%"): line += "%25".utf8
      case UInt8(ascii: "*") where place == name.bytes.count - 1: line += "%2A".utf8
      default: line.append(byte)
      }
    }
    return SystemPath(line)
  }

  private static func unescaped(_ line: ArraySlice<UInt8>) -> [UInt8] {
    var (name, rest): ([UInt8], ArraySlice<UInt8>) = ([], line)
    let signs: [[UInt8]: UInt8] = [
      Array("0A".utf8): 0x0A, Array("25".utf8): UInt8(ascii: "%"),
      Array("2A".utf8): UInt8(ascii: "*"),
    ]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), let sign = signs[Array(rest.prefix(2))] {
        name.append(sign)
        rest = rest.dropFirst(2)
      } else {
        name.append(byte)
      }
    }
    return name
  }
}
