import Darknet

// The headers of formats that cameras and scanners rarely write.
extension PictureHeader {
  // Netpbm's formats: a magic number, width and height in digits, the largest sample; `#` opens a
  // comment.
  mutating func parseNetpbm(_ bytes: [UInt8]) throws(PictureFault) {
    var words = NetpbmWords(bytes, from: 2)
    func number(_ word: ArraySlice<UInt8>?) throws(PictureFault) -> Int {
      guard let word else { throw .truncated }
      guard let value = Int(word.text), value > 0 else {
        throw .corrupt("'\(word.excerpt)' where a size was expected")
      }
      return value
    }
    storedWidth = try number(words.next())
    storedHeight = try number(words.next())
    // P1 and P4 are of one bit.
    guard bytes[1] != UInt8(ascii: "1"), bytes[1] != UInt8(ascii: "4") else { return }
    if try number(words.next()) > 255 { bitsPerSample = 16 }
  }

  // ISO 15444-1: a codestream begins with SOC and SIZ (annex A.5.1); a JP2 file holds one in boxes,
  // and says the size in ihdr (annex I.5.3.1) too.
  mutating func parseJPEG2000(_ bytes: [UInt8]) throws(PictureFault) {
    let reader = ByteReader(bytes, isBigEndian: true)
    var start = 0
    if bytes.first == 0 {
      guard let found = offset(of: [0xFF, 0x4F, 0xFF, 0x51], in: bytes) else { throw .truncated }
      start = found
    }
    guard let right = reader.uint32(start + 8), let bottom = reader.uint32(start + 12),
      let left = reader.uint32(start + 16), let top = reader.uint32(start + 20)
    else { throw .truncated }
    (storedWidth, storedHeight) = (right - left, bottom - top)
  }

  // The property "ispe" of ISO 23008-12, section 6.5.3: a version and flags, width, height.
  mutating func parseAVIF(_ bytes: [UInt8]) throws(PictureFault) {
    let reader = ByteReader(bytes, isBigEndian: true)
    guard let start = offset(of: Array("ispe".utf8), in: bytes),
      let width = reader.uint32(start + 8), let height = reader.uint32(start + 12)
    else { throw .truncated }
    (storedWidth, storedHeight) = (width, height)
  }

  // The header of Sun's rasterfile(5): a magic number, width, height.
  mutating func parseSunRaster(_ bytes: [UInt8]) throws(PictureFault) {
    let reader = ByteReader(bytes, isBigEndian: true)
    guard bytes.count >= 32, let width = reader.uint32(4), let height = reader.uint32(8) else {
      throw .truncated
    }
    (storedWidth, storedHeight) = (width, height)
  }

  private func offset(of mark: [UInt8], in bytes: [UInt8]) -> Int? {
    guard bytes.count >= mark.count else { return nil }
    return (0...(bytes.count - mark.count)).first { place in
      bytes[place] == mark[0] && bytes[place..<place + mark.count].elementsEqual(mark)
    }
  }
}

/// The words of a Netpbm header.
struct NetpbmWords {
  private let bytes: [UInt8]
  /// Behind the last word.
  private(set) var position: Int

  init(_ bytes: [UInt8], from position: Int) { (self.bytes, self.position) = (bytes, position) }

  mutating func next() -> ArraySlice<UInt8>? {
    while position < bytes.count, bytes[position].isSpace || bytes[position] == UInt8(ascii: "#") {
      if bytes[position] == UInt8(ascii: "#") {
        position = bytes[position...].firstIndex(of: 0x0A) ?? bytes.count
      } else {
        position += 1
      }
    }
    let start = position
    while position < bytes.count, !bytes[position].isSpace { position += 1 }
    // A word that the bytes end in may be cut.
    return start < position && position < bytes.count ? bytes[start..<position] : nil
  }
}
