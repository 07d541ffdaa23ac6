/// What a file turns out to be that was meant to be a cfg, weights, a list, labels or a picture.
public enum ForeignContent: Hashable, Sendable {
  /// The few lines that stand for a file which Git LFS keeps elsewhere.
  case lfsPointer
  /// A web page, as a download without permission or from a viewer's address leaves it.
  case webPage
  /// Text in units of two or four bytes, as Windows programs save it.
  case wideText(encoding: String)
  /// A packed file, `kind` of which is "gzip file".
  case archive(kind: String)
  /// A picture as telephones take it, which OpenCV does not read.
  case heic
  /// Weights of a network; only told where text is expected.
  case weights
  /// A picture; only told where text is expected.
  case picture
  /// Bytes that are no text; only told where text is expected.
  case binary

  /// How many bytes from the start tell.
  package static let tellingBytes = 512

  /// What the first bytes of a file show; nil for anything else, usual text among it.
  package init?(_ bytes: some Collection<UInt8>) {
    let start = Array(bytes.prefix(Self.tellingBytes))
    if let encoding = Self.wideEncoding(start) {
      self = .wideText(encoding: encoding)
      return
    }
    if start.starts(with: [0x1F, 0x8B]) {
      self = .archive(kind: "gzip file")
      return
    }
    // ISO 14496-12: a box "ftyp" and the brand of what follows.
    let brands = ["ftypheic", "ftypheix", "ftyphevc", "ftypmif1", "ftypmsf1"]
    if brands.contains(where: { start.dropFirst(4).starts(with: $0.utf8) }),
      !start.prefix(64).text.contains("avif")
    {
      self = .heic
      return
    }
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let text = (start.starts(with: mark) ? start.dropFirst(3) : start[...]).trimmed
    // The pointer's specification: its first line is the version.
    if text.starts(with: "version https://git-lfs.github.com/".utf8) {
      self = .lfsPointer
    } else if ["<!doctype html", "<html"].contains(where: { word in
      text.prefix(word.utf8.count).map { $0 | 0x20 }.elementsEqual(word.utf8.map { $0 | 0x20 })
    }) {
      self = .webPage
    } else {
      return nil
    }
  }

  /// Whether a file that should be text begins as weights do: `.weights`, `.safetensors` or `.pt`.
  package static func isWeights(_ bytes: some Collection<UInt8>) -> Bool {
    let start = Array(bytes.prefix(tellingBytes))
    // A zip archive, which newer checkpoints are; a header's length, then JSON; Darknet's version.
    if start.starts(with: [0x50, 0x4B, 3, 4]) { return true }
    guard start.contains(0), start.count > 20 else { return false }
    return start[8] == UInt8(ascii: "{") || WeightsHeader.begins(start)
  }

  /// What the first bytes of a file show where text is expected; nil for text.
  package init?(inPlaceOfText bytes: some Collection<UInt8>) {
    let start = Array(bytes.prefix(Self.tellingBytes))
    // JPEG, PNG, GIF.
    let pictures: [[UInt8]] = [[0xFF, 0xD8, 0xFF], [0x89, 0x50, 0x4E, 0x47], Array("GIF8".utf8)]
    if Self.isWeights(start) {
      self = .weights
    } else if pictures.contains(where: { start.starts(with: $0) }) {
      self = .picture
    } else if start.contains(0) {
      self = .binary
    } else {
      return nil
    }
  }

  /// By its byte order mark, or by every second byte being zero between signs of ASCII.
  private static func wideEncoding(_ start: [UInt8]) -> String? {
    if start.starts(with: [0xFF, 0xFE, 0, 0]) || start.starts(with: [0, 0, 0xFE, 0xFF]) {
      return "UTF-32"
    }
    if start.starts(with: [0xFF, 0xFE]) || start.starts(with: [0xFE, 0xFF]) { return "UTF-16" }
    let pairs = start.count / 2
    guard pairs >= 4 else { return nil }
    func isText(_ byte: UInt8) -> Bool { (0x20..<0x7F).contains(byte) || (9...13).contains(byte) }
    func hasZeros(at offset: Int) -> Bool {
      (0..<pairs).allSatisfy { start[2 * $0 + offset] == 0 && isText(start[2 * $0 + 1 - offset]) }
    }
    return hasZeros(at: 0) || hasZeros(at: 1) ? "UTF-16" : nil
  }
}

extension ForeignContent: CustomStringConvertible {
  /// What it is and what to do, for the end of "is …".
  public var description: String {
    switch self {
    case .lfsPointer: "a Git LFS pointer, not the file itself; 'git lfs pull' fetches that"
    case .webPage: "a web page (HTML), not the file itself; download that anew"
    case .wideText(let encoding): "text in \(encoding); save it as UTF-8"
    case .heic: "a HEIC picture, which is not read; save it as JPEG or PNG"
    case .weights: "a file of weights, not text; --weights takes it"
    case .picture: "a picture, not text"
    case .binary: "no text: it holds bytes that text has not"
    case .archive(let kind): "a \(kind); unpack it first"
    }
  }
}

extension FileError {
  /// Throws when the file at `path` is something else altogether.
  ///
  /// - Throws: ``FileError/foreign(path:_:)``. A file that cannot be read is left to whoever reads
  ///   it.
  package static func checkContent(of path: String) throws(FileError) {
    let start = Self.start(of: path)
    if let foreign = ForeignContent(start) { throw .foreign(path: path, foreign) }
  }

  private static func start(of path: String) -> [UInt8] {
    guard let file = try? ReadOnlyFile(opening: path) else { return [] }
    return (try? file.numbers(min(file.byteCount, ForeignContent.tellingBytes), at: 0)) ?? []
  }

  /// This error of reading a text, or that the file is weights, where it is too large for that
  /// reason.
  package func unlessWeights() -> FileError {
    guard case .tooLarge(let path, _, _) = self, ForeignContent.isWeights(Self.start(of: path))
    else { return self }
    return .foreign(path: path, .weights)
  }
}

/// As ``readFile(_:limit:)``, for text: weights, which are larger or no text, are named for what
/// they are.
package func readTextBytes(_ path: String, limit: Int) throws(FileError) -> [UInt8] {
  let bytes: [UInt8]
  do {
    bytes = try readFile(path, limit: limit)
  } catch {
    throw error.unlessWeights()
  }
  if let foreign = ForeignContent(bytes) { throw .foreign(path: path, foreign) }
  if let foreign = ForeignContent(inPlaceOfText: bytes) { throw .foreign(path: path, foreign) }
  return bytes
}
