#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Text of a user's file as UTF-8, whatever encoding it was saved in.
package struct DecodedText: Hashable, Sendable {
  /// UTF-8.
  package var bytes: [UInt8]
  /// What the file turned out to be in; nil for UTF-8, and plain ASCII.
  package var encoding: String?

  /// The text of a file that does not say its encoding.
  ///
  /// What is not UTF-8 is taken for GBK where it can be, which holds characters of two bytes, else
  /// for Windows' Latin-1. In Latin-1 accented letters stand alone among others; in GBK bytes above
  /// 0x7F come in pairs.
  package init(guessing bytes: [UInt8]) {
    guard !bytes.isUTF8 else {
      self.init(bytes: bytes, encoding: nil)
      return
    }
    let runs = bytes.split { $0 < 0x80 }
    if runs.contains(where: { $0.count > 1 }), let decoded = Self.utf8(bytes, from: "GBK") {
      self.init(bytes: decoded, encoding: "GBK")
    } else if let decoded = Self.utf8(bytes, from: "WINDOWS-1252") {
      self.init(bytes: decoded, encoding: "Windows-1252")
    } else {
      // Every byte is a character of it.
      self.init(
        bytes: bytes.flatMap { Array(String(Unicode.Scalar($0)).utf8) }, encoding: "ISO-8859-1")
    }
  }

  /// The text of a list whose lines may have come from several machines: lines in UTF-8 stay as
  /// they are, the others are taken for one encoding.
  package init(guessingLines bytes: [UInt8]) {
    guard !bytes.isUTF8 else {
      self.init(bytes: bytes, encoding: nil)
      return
    }
    let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map(Array.init)
    let others = Self(guessing: Array(lines.filter { !$0.isUTF8 }.joined(separator: [0x0A])))
    var decoded = others.bytes.split(separator: 0x0A, omittingEmptySubsequences: false)[...]
    self.init(
      bytes: Array(
        lines.map { $0.isUTF8 ? $0[...] : decoded.popFirst() ?? [] }.joined(separator: [0x0A])),
      encoding: others.encoding)
  }

  private init(bytes: [UInt8], encoding: String?) {
    (self.bytes, self.encoding) = (bytes, encoding)
  }

  /// `bytes` from an encoding of the system's iconv to UTF-8; nil for an unknown encoding, and for
  /// bytes that are none of its characters.
  package static func utf8(_ bytes: [UInt8], from encoding: String) -> [UInt8]? {
    converted(bytes, from: encoding, to: "UTF-8")
  }

  /// `bytes` from one of the system's encodings to another.
  static func converted(
    _ bytes: [UInt8], from encoding: String, to target: String
  ) -> [UInt8]? {
    // Names such as `UTF-8//IGNORE` would switch checks off.
    guard !encoding.isEmpty,
      encoding.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") }),
      case let converter = iconv_open(target, encoding), converter != iconv_t(bitPattern: -1)
    else { return nil }
    defer { iconv_close(converter) }
    var input = bytes.map { CChar(bitPattern: $0) }
    var decoded: [UInt8] = []
    var piece = [CChar](repeating: 0, count: 1 << 14)
    var done = 0
    while done < input.count {
      var (left, room) = (input.count - done, piece.count)
      let result = input.withUnsafeMutableBufferPointer { source in
        piece.withUnsafeMutableBufferPointer { target in
          var (from, to) = (source.baseAddress.map { $0 + done }, target.baseAddress)
          return iconv(converter, &from, &left, &to, &room)
        }
      }
      // C's (size_t)-1, which Swift takes for a signed number.
      let isFull = result == -1 && errno == E2BIG
      guard result != -1 || isFull else { return nil }
      decoded += piece[..<(piece.count - room)].map { UInt8(bitPattern: $0) }
      done = input.count - left
    }
    return decoded
  }
}

extension [UInt8] {
  /// Whether the bytes are UTF-8 (RFC 3629, section 4), found without a copy of them.
  package var isUTF8: Bool {
    withUnsafeBufferPointer { bytes in
      var index = 0
      while index < bytes.count {
        let first = bytes[index]
        index += 1
        if first < 0x80 { continue }
        // How many bytes follow, and what the first of these may be.
        let (count, range): (Int, ClosedRange<UInt8>)
        switch first {
        case 0xC2...0xDF: (count, range) = (1, 0x80...0xBF)
        case 0xE0: (count, range) = (2, 0xA0...0xBF)
        case 0xED: (count, range) = (2, 0x80...0x9F)
        case 0xE1...0xEF: (count, range) = (2, 0x80...0xBF)
        case 0xF0: (count, range) = (3, 0x90...0xBF)
        case 0xF1...0xF3: (count, range) = (3, 0x80...0xBF)
        case 0xF4: (count, range) = (3, 0x80...0x8F)
        default: return false
        }
        guard index + count <= bytes.count, range.contains(bytes[index]) else { return false }
        for place in index + 1..<index + count where bytes[place] & 0xC0 != 0x80 { return false }
        index += count
      }
      return true
    }
  }
}

/// The bytes of a text file as UTF-8, see ``DecodedText/init(guessing:)``.
///
/// - Throws: ``FileError``, also for what is no text of ours at all: UTF-16, a web page.
package func readTextFile(_ path: String, limit: Int) throws(FileError) -> DecodedText {
  DecodedText(guessing: try readTextBytes(path, limit: limit))
}
