import Glibc

/// The files of a folder that Pare wrote, as its `.pare.files` lists them: a path a line, relative
/// to the folder. A line that ends in `*` stands for all that begin so; `%0A`, `%25` and `%2A` are
/// signs that a line could not hold. After a line of `% ` and a kind of result come its files.
struct OwnedNames {
  /// The files of one kind of result.
  struct Group {
    let kind: ResultKind?
    var lines: [SystemPath] = []
    fileprivate var names: Set<SystemPath> = []
    fileprivate var beginnings: [[UInt8]] = []

    fileprivate func contains(_ name: SystemPath) -> Bool {
      names.contains(name) || beginnings.contains { name.bytes.starts(with: $0) }
    }

    /// Whether the folder has one of the files.
    fileprivate func isThere(in folder: String) -> Bool {
      names.contains { (SystemPath(folder) / $0).status != nil }
        || !beginnings.isEmpty
          && ((try? entries(SystemPath(folder))) ?? []).contains { name in
            beginnings.contains { name.bytes.starts(with: $0) }
          }
    }
  }

  private(set) var groups: [Group] = []

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
      if line.starts(with: Self.kindMark) {
        let words = String(decoding: line.dropFirst(Self.kindMark.count), as: UTF8.self)
        groups.append(Group(kind: ResultKind(words)))
        continue
      }
      if groups.isEmpty { groups.append(Group(kind: nil)) }
      let last = groups.count - 1
      groups[last].lines.append(SystemPath(Array(line)))
      if line.last == UInt8(ascii: "*") {
        groups[last].beginnings.append(Self.unescaped(line.dropLast()))
      } else {
        groups[last].names.insert(SystemPath(Self.unescaped(line)))
      }
    }
  }

  func contains(_ name: SystemPath) -> Bool { groups.contains { $0.contains(name) } }

  /// The kind of result that a file belongs to; nil where nothing says so.
  func kind(of name: SystemPath) -> ResultKind? {
    groups.first { $0.contains(name) }?.kind
  }

  /// The kinds of result of which the folder has a file.
  func kinds(in folder: String) -> [ResultKind] {
    groups.compactMap { group in
      let kind = group.kind ?? .inferred(from: group.names.lazy.map(\.text))
      return kind.flatMap { group.isThere(in: folder) ? $0 : nil }
    }
  }

  private static let kindMark = Array("% ".utf8)

  /// The line before the files of a kind.
  static func line(of kind: ResultKind) -> SystemPath { SystemPath(kindMark + kind.words.utf8) }

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
