import Storage

// Checks that a file holds what its header claims, before memory is taken for it, and before a
// decoder gets to see it: several give half a picture for half a file, or print to stderr.

/// The bytes to decode: the file's own, or a copy without what decoders need not see.
func checkedBytes(
  _ bytes: [UInt8], _ header: PictureHeader, path: String
) throws(VisionError) -> [UInt8] {
  do {
    switch header.format {
    case .jpeg: try checkJPEG(bytes, header)
    case .png: return try essentialPNG(bytes, header)
    case .bmp: try checkBMP(bytes, header)
    case .webp: try checkWebP(bytes)
    case .tiff: return try unturnedTIFF(bytes)
    case .netpbm: try checkNetpbm(bytes, header)
    case .sunRaster: try checkSunRaster(bytes, header)
    case .jpeg2000, .avif: break
    }
    return bytes
  } catch {
    throw error.located(path: path, format: header.format)
  }
}

// A block of 8×8 takes at least one bit, and components may be subsampled 4×4 at most.
private func checkJPEG(_ bytes: [UInt8], _ header: PictureHeader) throws(PictureFault) {
  guard header.storedWidth * header.storedHeight <= bytes.count * 8 * 64 * 16 else {
    throw .truncated
  }
}

/// Keeps the chunks IHDR, PLTE, IDAT and IEND, their checksums verified. What is dropped cannot
/// change the pixels (alpha is not read), but makes libpng print warnings.
private func essentialPNG(
  _ bytes: [UInt8], _ header: PictureHeader
) throws(PictureFault) -> [UInt8] {
  let reader = ByteReader(bytes, isBigEndian: true)
  let (depth, colorType) = (bytes[24], bytes[25])
  let bitsPerPixel: Int
  switch (colorType, depth) {
  case (0, 1), (0, 2), (0, 4), (0, 8), (0, 16): bitsPerPixel = Int(depth)
  case (3, 1), (3, 2), (3, 4), (3, 8): bitsPerPixel = Int(depth)
  case (2, 8), (2, 16): bitsPerPixel = Int(depth) * 3
  case (4, 8), (4, 16): bitsPerPixel = Int(depth) * 2
  case (6, 8), (6, 16): bitsPerPixel = Int(depth) * 4
  default: throw .corrupt("colour type \(colorType) with \(depth) bits a sample")
  }
  guard bytes[26] == 0, bytes[27] == 0, bytes[28] <= 1 else {
    throw .corrupt("unknown compression, filter or interlace method")
  }
  var kept = Array(bytes[0..<8])
  var (dataCount, paletteCount) = (0, 0)
  var offset = 8
  while true {
    guard let length = reader.uint32(offset), offset + 12 + length <= bytes.count else {
      throw .truncated
    }
    let chunk = bytes[offset..<offset + 12 + length]
    let isPalette = reader.hasText("PLTE", at: offset + 4) && paletteCount == 0 && dataCount == 0
    let isData = reader.hasText("IDAT", at: offset + 4)
    let isEnd = reader.hasText("IEND", at: offset + 4)
    if offset == 8 || isData || isEnd || isPalette && colorType == 3 {
      let body = bytes[offset + 4..<offset + 8 + length]
      guard reader.uint32(offset + 8 + length) == Int(CRC32.checksum(body)) else {
        let name = String(decoding: bytes[offset + 4..<offset + 8], as: UTF8.self)
        throw .corrupt("checksum of \(name)")
      }
      if isData { dataCount += length }
      if isEnd, length > 0 { throw .corrupt("IEND of \(length) bytes") }
      if isPalette { paletteCount = length }
      kept += chunk
    } else if bytes[offset + 4] & 0x20 == 0, !isPalette {
      throw .corrupt("unknown critical chunk")
    }
    offset += 12 + length
    if isEnd { break }
  }
  if dataCount == 0 { throw .corrupt("no data") }
  if colorType == 3, paletteCount == 0 || paletteCount % 3 != 0 || paletteCount > 768 {
    throw .corrupt("a palette of \(paletteCount) bytes")
  }
  // Deflate makes data at most 1032 times smaller.
  let rowBytes = (header.storedWidth * bitsPerPixel + 7) / 8
  guard rowBytes * header.storedHeight <= 1032 * (dataCount + 64) else {
    throw .corrupt("too little data for \(header.storedWidth)x\(header.storedHeight) pixels")
  }
  return kept
}

private func checkBMP(_ bytes: [UInt8], _ header: PictureHeader) throws(PictureFault) {
  let reader = ByteReader(bytes, isBigEndian: false)
  let isCore = reader.uint32(14) == 12
  guard let start = reader.uint32(10), let bits = reader.uint16(isCore ? 24 : 28),
    let compression = isCore ? 0 : reader.uint32(30)
  else { throw .truncated }
  // 0 and 3 are uncompressed, in rows of whole 4 bytes; run lengths (1, 2) may end early.
  guard compression == 0 || compression == 3 else { return }
  let rowBytes = (header.storedWidth * bits + 31) / 32 * 4
  guard start + rowBytes * header.storedHeight <= bytes.count else { throw .truncated }
}

// P1 to P3 spend at least a digit on a sample, P4 a bit, the others one byte or two.
private func checkNetpbm(_ bytes: [UInt8], _ header: PictureHeader) throws(PictureFault) {
  let (width, height) = (header.storedWidth, header.storedHeight)
  let needed =
    switch bytes[1] {
    case UInt8(ascii: "1"), UInt8(ascii: "2"): width * height
    case UInt8(ascii: "3"): 3 * width * height
    case UInt8(ascii: "4"): (width + 7) / 8 * height
    case UInt8(ascii: "6"): 3 * width * height * (header.bitsPerSample / 8)
    default: width * height * (header.bitsPerSample / 8)
    }
  guard needed < bytes.count else { throw .truncated }
}

// Types 0 and 1 are uncompressed, in rows of whole 2 bytes; run lengths (2) may end early.
private func checkSunRaster(_ bytes: [UInt8], _ header: PictureHeader) throws(PictureFault) {
  let reader = ByteReader(bytes, isBigEndian: true)
  guard let depth = reader.uint32(12), let type = reader.uint32(20), depth <= 32 else {
    throw .corrupt("its header")
  }
  guard type < 2 else { return }
  let rowBytes = (header.storedWidth * depth + 15) / 16 * 2
  guard 32 + rowBytes * header.storedHeight <= bytes.count else { throw .truncated }
}

private func checkWebP(_ bytes: [UInt8]) throws(PictureFault) {
  let reader = ByteReader(bytes, isBigEndian: false)
  guard let length = reader.uint32(4), length + 8 <= bytes.count else { throw .truncated }
}

/// Checks that every strip (273, 279) or tile (324, 325) lies inside the file, and takes out the
/// orientation (274), which OpenCV would apply by itself whatever it is told.
private func unturnedTIFF(_ bytes: [UInt8]) throws(PictureFault) -> [UInt8] {
  guard let directory = TIFFDirectory(bytes), directory.end + 4 <= bytes.count,
    directory.isComplete
  else {
    throw .truncated
  }
  let isTiled = directory.first(324) != nil
  guard let offsets = directory.values(isTiled ? 324 : 273),
    let counts = directory.values(isTiled ? 325 : 279), offsets.count == counts.count
  else { throw .corrupt("no table of strips or tiles") }
  for (offset, count) in zip(offsets, counts) where offset + count > bytes.count {
    throw .truncated
  }
  return directory.bytes(without: 274)
}
