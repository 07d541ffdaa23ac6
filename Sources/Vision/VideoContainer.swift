import Glibc

/// What the container of a video file says of itself, as far as it tells whether the file is whole.
struct VideoContainer {
  /// Whether the file ends before the container's last part does.
  private(set) var isCut = false
  /// Whether the number of frames is a count, and not worked out from a length in time.
  private(set) var countsFrames = false

  /// Reads a file's outermost structure: MP4 and QuickTime (ISO/IEC 14496-12, 4.2), AVI (RIFF) and
  /// Matroska (RFC 9559). Nil for a file that cannot be read and for all other forms.
  init?(_ path: String) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    let file = File(descriptor: descriptor, size: UInt64(status.st_size))
    let start = file.bytes(12, at: 0)
    if start.dropFirst(4).starts(with: "ftyp".utf8) {
      readBoxes(file)
    } else if start.starts(with: "RIFF".utf8), start.suffix(4).elementsEqual("AVI ".utf8) {
      countsFrames = true
      readChunks(file)
    } else if start.starts(with: [0x1A, 0x45, 0xDF, 0xA3]) {
      readElements(file)
    } else {
      return nil
    }
  }

  /// More parts than a file has on its outermost level.
  private static let maximumParts = 100_000
  /// The largest index that is looked through.
  private static let maximumIndex: UInt64 = 64 << 20

  private mutating func readBoxes(_ file: File) {
    countsFrames = true
    var place: UInt64 = 0
    for _ in 0..<Self.maximumParts where place < file.size {
      let header = file.bytes(16, at: place)
      guard header.count >= 8 else {
        isCut = true
        return
      }
      var size = header.prefix(4).bigEndian
      // 1: a size of 64 bits follows; 0: up to the end.
      if size == 1 { size = header.dropFirst(8).prefix(8).bigEndian }
      if size == 0 { return }
      let (end, overflow) = place.addingReportingOverflow(size)
      guard size >= 8, !overflow, end <= file.size else {
        isCut = true
        return
      }
      if header[4..<8].elementsEqual("moov".utf8), size <= Self.maximumIndex {
        // An edit list may leave out frames at the beginning, which are counted all the same.
        if file.bytes(Int(size), at: place).beginsLater { countsFrames = false }
      }
      place = end
    }
  }

  private mutating func readChunks(_ file: File) {
    var place: UInt64 = 0
    // Files above 1 GiB have several.
    for _ in 0..<Self.maximumParts where place < file.size {
      let header = file.bytes(8, at: place)
      guard header.count == 8, header.starts(with: "RIFF".utf8) else { return }
      let size = header.suffix(4).littleEndian
      // A program that was killed leaves the size open.
      if size == 0 || size == 0xFFFF_FFFF { return }
      guard place + 8 + size <= file.size else {
        isCut = true
        return
      }
      place += 8 + size + size % 2
    }
  }

  private mutating func readElements(_ file: File) {
    var place: UInt64 = 0
    for _ in 0..<Self.maximumParts where place < file.size {
      let header = file.bytes(12, at: place)
      guard let first = header.first, first > 0 else { return }
      let idLength = first.leadingZeroBitCount + 1
      guard let size = header.dropFirst(idLength).variableSize else { return }
      // Of live recordings the size is open.
      guard let length = size.value else { return }
      let (end, overflow) = (place + UInt64(idLength + size.bytes)).addingReportingOverflow(length)
      guard !overflow, end <= file.size else {
        isCut = true
        return
      }
      place = end
    }
  }

  /// A file that is read in places.
  private struct File {
    let descriptor: Int32
    let size: UInt64

    /// Up to `count` bytes from a place.
    func bytes(_ count: Int, at place: UInt64) -> [UInt8] {
      guard let offset = off_t(exactly: place) else { return [] }
      var bytes = [UInt8](repeating: 0, count: count)
      var done = 0
      while done < count {
        let got = bytes.withUnsafeMutableBytes {
          pread(descriptor, $0.baseAddress.map { $0 + done }, count - done, offset + done)
        }
        if got < 0 && errno == EINTR { continue }
        if got <= 0 { break }
        done += got
      }
      return Array(bytes.prefix(done))
    }
  }
}

extension Collection<UInt8> {
  fileprivate var bigEndian: UInt64 { reduce(0) { $0 << 8 | UInt64($1) } }
  fileprivate var littleEndian: UInt64 { reversed().reduce(0) { $0 << 8 | UInt64($1) } }

  /// An EBML size (RFC 8794, 4): its bytes, and its value, nil where it is left open.
  fileprivate var variableSize: (bytes: Int, value: UInt64?)? {
    guard let first, first > 0 else { return nil }
    let bytes = first.leadingZeroBitCount + 1
    guard count >= bytes else { return nil }
    let mark = UInt64(1) << UInt64(7 * bytes)
    let value = prefix(bytes).bigEndian & (mark - 1)
    return (bytes, value == mark - 1 ? nil : value)
  }
}

extension [UInt8] {
  /// Whether an edit list of a `moov` box begins after its track's beginning (ISO/IEC 14496-12,
  /// 8.6.6).
  fileprivate var beginsLater: Bool {
    let name = Array("elst".utf8)
    var place = 0
    while let found = self[place...].firstIndex(of: name[0]) {
      place = found + 1
      guard self[found...].starts(with: name), found + 8 <= count else { continue }
      let isWide = self[found + 4] == 1
      let entries = self[(found + 8)...].prefix(4).bigEndian
      // The duration, then where it begins; all ones stand for an empty edit.
      let (skipped, length) = isWide ? (8, 8) : (4, 4)
      let step = isWide ? 20 : 12
      let empty = isWide ? UInt64.max : 0xFFFF_FFFF
      for entry in 0..<Swift.min(entries, 16) {
        let start = found + 12 + Int(entry) * step + skipped
        guard start + length <= count else { break }
        let begin = self[start..<start + length].bigEndian
        if begin != 0, begin != empty { return true }
      }
    }
    return false
  }
}
