import Darknet

/// What the first bytes of a picture file say: its format, size and orientation, without decoding.
public struct PictureHeader: Hashable, Sendable {
  /// What the signature shows, whatever the file's name says.
  public var format: PictureFormat
  /// Size as stored, before orientation.
  public var storedWidth: Int
  /// Size as stored, before orientation.
  public var storedHeight: Int
  /// EXIF tag 0x0112: 1 (upright) to 8.
  public var orientation: Int
  /// Bits of a sample, as far as they are above 8.
  public var bitsPerSample = 8

  /// Width in pixels as shown, after orientation.
  public var width: Int { orientation > 4 ? storedHeight : storedWidth }
  /// Height in pixels as shown, after orientation.
  public var height: Int { orientation > 4 ? storedWidth : storedHeight }

  /// Reads the header of a file; a JPEG of any size costs a read of some kilobytes.
  ///
  /// - Throws: ``VisionError`` when the file cannot be read, is no picture, or its header is broken
  ///   or claims more than ``PictureLimit/pixels``.
  public init(contentsOf path: String) throws(VisionError) {
    // Thumbnails and profiles lie before the size: usually 64 KiB is enough.
    let prefix = try readFile(path, limit: 1 << 16)
    do {
      try self.init(of: prefix, path: path)
    } catch {
      guard prefix.count == 1 << 16, case .truncated(_, let format) = error else { throw error }
      // A TIFF's directory may be its end.
      let limit = format == .tiff ? Int(Int32.max) : 64 << 20
      try self.init(of: readFile(path, limit: limit), path: path)
    }
  }

  /// Reads the header from a file's bytes; `path` is for messages.
  public init(of bytes: [UInt8], path: String = "<memory>") throws(VisionError) {
    guard !bytes.isEmpty else { throw .empty(path: path) }
    guard let format = PictureFormat(signature: bytes) else {
      if let foreign = ForeignContent(bytes) { throw .foreign(path: path, foreign) }
      throw .notAPicture(path: path)
    }
    self.init(format: format, storedWidth: 0, storedHeight: 0, orientation: 1)
    do {
      switch format {
      case .jpeg: try parseJPEG(bytes)
      case .png: try parsePNG(bytes)
      case .bmp: try parseBMP(bytes)
      case .webp: try parseWebP(bytes)
      case .tiff: try parseTIFF(bytes)
      case .netpbm: try parseNetpbm(bytes)
      case .jpeg2000: try parseJPEG2000(bytes)
      case .avif: try parseAVIF(bytes)
      case .sunRaster: try parseSunRaster(bytes)
      }
    } catch {
      throw error.located(path: path, format: format)
    }
    guard storedWidth > 0, storedHeight > 0 else {
      let reason = "a size of \(storedWidth)x\(storedHeight) pixels"
      throw .corrupt(path: path, format: format, reason: reason)
    }
    guard storedWidth <= PictureLimit.largestSide, storedHeight <= PictureLimit.largestSide,
      storedWidth * storedHeight <= PictureLimit.pixels
    else { throw .tooLarge(path: path, width: storedWidth, height: storedHeight) }
  }

  private init(format: PictureFormat, storedWidth: Int, storedHeight: Int, orientation: Int) {
    self.format = format
    (self.storedWidth, self.storedHeight) = (storedWidth, storedHeight)
    self.orientation = orientation
  }

  // ITU-T T.81 annex B: segments of 0xFF, marker, length, until the scan.
  private mutating func parseJPEG(_ bytes: [UInt8]) throws(PictureFault) {
    let reader = ByteReader(bytes, isBigEndian: true)
    var offset = 2
    var hasSize = false
    while let byte = reader.uint8(offset) {
      guard byte == 0xFF else {
        offset += 1  // libjpeg, too, skips what lies between segments
        continue
      }
      guard let marker = reader.uint8(offset + 1) else { break }
      switch marker {
      case 0xFF: offset += 1
      case 0x00, 0x01, 0xD0...0xD8: offset += 2
      case 0xD9: throw .corrupt("no picture between its markers")
      case 0xDA:
        guard hasSize else { throw .corrupt("a scan before the size") }
        return
      default:
        guard let length = reader.uint16(offset + 2) else { throw .truncated }
        guard length >= 2 else { throw .corrupt("a segment of length \(length)") }
        if (0xC0...0xCF).contains(marker), ![0xC4, 0xC8, 0xCC].contains(marker), !hasSize {
          guard let height = reader.uint16(offset + 5), let width = reader.uint16(offset + 7) else {
            throw .truncated
          }
          (storedWidth, storedHeight, hasSize) = (width, height, true)
        } else if marker == 0xE1, reader.hasText("Exif\0\0", at: offset + 4) {
          let end = min(offset + 2 + length, bytes.count)
          orientation = exifOrientation(Array(bytes[min(offset + 10, end)..<end])) ?? orientation
        }
        offset += 2 + length
      }
    }
    throw .truncated
  }

  // PNG specification, 11.2.1: the first chunk is IHDR.
  private mutating func parsePNG(_ bytes: [UInt8]) throws(PictureFault) {
    let reader = ByteReader(bytes, isBigEndian: true)
    guard bytes.count >= 33 else { throw .truncated }
    guard reader.uint32(8) == 13, reader.hasText("IHDR", at: 12) else {
      throw .corrupt("IHDR is not the first chunk")
    }
    storedWidth = reader.uint32(16) ?? 0
    storedHeight = reader.uint32(20) ?? 0
    bitsPerSample = max(reader.uint8(24) ?? 8, 8)
    // eXIf lies before or after the data; as in other readers, only before counts here.
    var offset = 33
    while let length = reader.uint32(offset), !reader.hasText("IDAT", at: offset + 4) {
      let (start, end) = (offset + 8, offset + 8 + length)
      guard end <= bytes.count else { break }
      if reader.hasText("eXIf", at: offset + 4) {
        orientation = exifOrientation(Array(bytes[start..<end])) ?? orientation
      }
      offset = end + 4
    }
  }

  // BITMAPCOREHEADER (12 bytes) or BITMAPINFOHEADER and its successors.
  private mutating func parseBMP(_ bytes: [UInt8]) throws(PictureFault) {
    let reader = ByteReader(bytes, isBigEndian: false)
    guard let size = reader.uint32(14) else { throw .truncated }
    if size == 12 {
      guard let width = reader.uint16(18), let height = reader.uint16(20) else { throw .truncated }
      (storedWidth, storedHeight) = (width, height)
    } else {
      guard size >= 36 else { throw .corrupt("a header of \(size) bytes") }
      guard let width = reader.uint32(18), let height = reader.uint32(22) else { throw .truncated }
      storedWidth = Int(Int32(truncatingIfNeeded: width))
      storedHeight = abs(Int(Int32(truncatingIfNeeded: height)))  // negative: rows from the top
    }
  }

  // RFC 9649: RIFF chunks; VP8X, VP8 or VP8L says the size.
  private mutating func parseWebP(_ bytes: [UInt8]) throws(PictureFault) {
    let reader = ByteReader(bytes, isBigEndian: false)
    if reader.hasText("VP8X", at: 12) {
      guard let flags = reader.uint8(20), let width = reader.uint24(24),
        let height = reader.uint24(27)
      else { throw .truncated }
      guard flags & 0x02 == 0 else { throw .unsupported("animation") }
      (storedWidth, storedHeight) = (width + 1, height + 1)
      if flags & 0x08 != 0 { orientation = webPOrientation(reader) ?? 1 }
    } else if reader.hasText("VP8L", at: 12) {
      guard let bits = reader.uint32(21) else { throw .truncated }
      (storedWidth, storedHeight) = (bits & 0x3FFF + 1, bits >> 14 & 0x3FFF + 1)
    } else if reader.hasText("VP8 ", at: 12) {
      guard let width = reader.uint16(26), let height = reader.uint16(28) else { throw .truncated }
      (storedWidth, storedHeight) = (width & 0x3FFF, height & 0x3FFF)
    } else if bytes.count < 30 {
      throw .truncated
    } else {
      throw .corrupt("no VP8 chunk")
    }
  }

  private func webPOrientation(_ reader: ByteReader) -> Int? {
    var offset = 12
    while let length = reader.uint32(offset + 4) {
      let (start, end) = (offset + 8, offset + 8 + length)
      if reader.hasText("EXIF", at: offset), end <= reader.bytes.count {
        // Some writers keep JPEG's prefix.
        let skip = reader.hasText("Exif\0\0", at: start) ? 6 : 0
        return exifOrientation(Array(reader.bytes[start + skip..<end]))
      }
      offset = end + length % 2
    }
    return nil
  }

  private mutating func parseTIFF(_ bytes: [UInt8]) throws(PictureFault) {
    if bytes.prefix(4).contains(0x2B) { throw .unsupported("64-bit offsets (BigTIFF)") }
    guard let directory = TIFFDirectory(bytes) else { throw .truncated }
    storedWidth = directory.first(256) ?? 0
    storedHeight = directory.first(257) ?? 0
    if let bits = directory.first(258) {
      guard bits <= 16 else { throw .unsupported("\(bits) bits a sample") }
      bitsPerSample = max(bits, 8)
    }
    if let value = directory.first(274), (1...8).contains(value) { orientation = value }
  }
}

/// What is wrong inside of a file, before its path is known.
enum PictureFault: Error {
  case truncated
  case corrupt(String)
  case unsupported(String)

  func located(path: String, format: PictureFormat) -> VisionError {
    switch self {
    case .truncated: .truncated(path: path, format: format)
    case .corrupt(let reason): .corrupt(path: path, format: format, reason: reason)
    case .unsupported(let feature): .unsupported(path: path, format: format, feature: feature)
    }
  }
}
