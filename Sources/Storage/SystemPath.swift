import Glibc

/// A path as the system has it: any bytes but zero. Names that are not UTF-8 have no `String` of
/// their own, and must not be lost for that.
struct SystemPath: Hashable, Comparable {
  var bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }
  init(_ text: String) { bytes = Array(text.utf8) }

  static func < (a: SystemPath, b: SystemPath) -> Bool {
    a.bytes.lexicographicallyPrecedes(b.bytes)
  }

  /// An entry of this folder.
  static func / (folder: SystemPath, name: SystemPath) -> SystemPath {
    SystemPath(folder.bytes + [UInt8(ascii: "/")] + name.bytes)
  }

  /// The first component.
  var first: SystemPath { SystemPath(Array(bytes.prefix { $0 != UInt8(ascii: "/") })) }

  /// What comes before the last `/`; nil without one.
  var parent: SystemPath? {
    bytes.lastIndex(of: UInt8(ascii: "/")).map { SystemPath(Array(bytes[..<$0])) }
  }

  /// As a `String`, in which bytes that are not UTF-8 are written out (`\xE9`).
  var text: String { writtenOut(bytes) }

  /// Calls `body` with the path as C takes it.
  func withCString<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
    let characters = bytes.map { CChar(bitPattern: $0) } + [0]
    return characters.withUnsafeBufferPointer { buffer in
      guard let start = buffer.baseAddress else { preconditionFailure("a path has its zero") }
      return body(start)
    }
  }

  /// What is at the path itself, links not followed; nil when there is nothing.
  var status: stat? {
    var status = stat()
    return withCString { lstat($0, &status) } == 0 ? status : nil
  }

  /// Whether there is a folder at the path itself, not a link to one.
  var isFolder: Bool { status.map { $0.st_mode & S_IFMT == S_IFDIR } ?? false }
}

/// Text in which bytes that are not UTF-8 are written out as `\xE9`: to be shown, and a path that
/// leads nowhere.
package func writtenOut(_ bytes: some RandomAccessCollection<UInt8>) -> String {
  if let text = String(validating: bytes, as: UTF8.self) { return text }
  var text = ""
  var rest = bytes[...]
  while let byte = rest.first {
    // A character has at most four bytes.
    let length = (1...4).first { count in
      String(validating: rest.prefix(count), as: UTF8.self)?.unicodeScalars.count == 1
    }
    if let length {
      text += String(decoding: rest.prefix(length), as: UTF8.self)
      rest = rest.dropFirst(length)
    } else {
      let digits = String(byte, radix: 16, uppercase: true)
      text += "\\x" + (digits.count < 2 ? "0" : "") + digits
      rest = rest.dropFirst()
    }
  }
  return text
}

/// Whether a path that leads nowhere is, as ``writtenOut(_:)`` has it, that of something whose name
/// is not UTF-8.
package func isWrittenOut(_ path: String) -> Bool {
  var bytes: [UInt8] = []
  var rest = Array(path.utf8)[...]
  while let byte = rest.popFirst() {
    if byte == UInt8(ascii: "\\"), rest.first == UInt8(ascii: "x"),
      let value = UInt8(String(decoding: rest.dropFirst().prefix(2), as: UTF8.self), radix: 16),
      value >= 0x80, rest.count > 2
    {
      bytes.append(value)
      rest = rest.dropFirst(3)
    } else {
      bytes.append(byte)
    }
  }
  return bytes.count < path.utf8.count && SystemPath(bytes).status != nil
}
