import Storage

@testable import Vision

// Pieces of picture files, written by hand.

let pngSignature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

func bigEndian(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(value >> (24 - 8 * $0) & 255) } }
func littleEndian(_ value: Int) -> [UInt8] { bigEndian(value).reversed() }

/// A PNG chunk with its checksum.
func chunk(_ name: String, _ body: [UInt8]) -> [UInt8] {
  bigEndian(body.count) + Array(name.utf8) + body
    + bigEndian(Int(CRC32.checksum(Array(name.utf8) + body)))
}

/// A TIFF structure, big-endian, of one entry: tag 0x0112, SHORT, one value.
func exif(_ orientation: Int) -> [UInt8] {
  [0x4D, 0x4D, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, UInt8(orientation), 0, 0]
    + [0, 0, 0, 0]
}

/// The eXIf chunk goes after IHDR, which ends at byte 33.
func withOrientation(_ orientation: Int, png: [UInt8]) -> [UInt8] {
  png[..<33] + chunk("eXIf", exif(orientation)) + png[33...]
}

/// APP1 goes after the start of the picture: FF E1, length (with itself), "Exif\0\0", TIFF.
func withOrientation(_ orientation: Int, jpeg: [UInt8]) -> [UInt8] {
  let body = Array("Exif\0\0".utf8) + exif(orientation)
  let length = body.count + 2
  return jpeg[..<2] + [0xFF, 0xE1, UInt8(length >> 8), UInt8(length & 255)] + body + jpeg[2...]
}

/// A lossless picture of one VP8L chunk becomes VP8X (flag 8: EXIF), VP8L, EXIF.
func withOrientation(_ orientation: Int, webp: [UInt8]) -> [UInt8] {
  let bits = Int(webp[21]) | Int(webp[22]) << 8 | Int(webp[23]) << 16 | Int(webp[24]) << 24
  let sizes = littleEndian(bits & 0x3FFF)[..<3] + littleEndian(bits >> 14 & 0x3FFF)[..<3]
  let body = exif(orientation)
  var chunks = Array("VP8X".utf8) + littleEndian(10) + [8, 0, 0, 0]
  chunks += sizes
  chunks += webp[12...]
  chunks += Array("EXIF".utf8) + littleEndian(body.count) + body
  return Array("RIFF".utf8) + littleEndian(chunks.count + 4) + Array("WEBP".utf8) + chunks
}

/// Copies the directory to the end of the file, with tag 274 added in its place.
func withOrientation(_ orientation: Int, tiff: [UInt8]) -> [UInt8] {
  let reader = ByteReader(tiff, isBigEndian: false)
  let start = reader.uint32(4) ?? 0
  let count = reader.uint16(start) ?? 0
  var entries = (0..<count).map { index in
    let place = start + 2 + index * 12
    return Array(tiff[place..<place + 12])
  }
  entries.removeAll { $0[0] == 0x12 && $0[1] == 0x01 }
  entries.append([0x12, 0x01, 3, 0, 1, 0, 0, 0, UInt8(orientation), 0, 0, 0])
  entries.sort { Int($0[0]) | Int($0[1]) << 8 < Int($1[0]) | Int($1[1]) << 8 }
  let padded = tiff.count % 2 == 0 ? tiff : tiff + [0]
  var result = Array(padded[..<4]) + littleEndian(padded.count)
  result += padded[8...]
  result += littleEndian(entries.count)[..<2]
  result += entries.flatMap { $0 }
  return result + [0, 0, 0, 0]
}

/// A CMYK JPEG of 8×8 pixels of full magenta and yellow, as Pillow 12 writes it.
let inkJPEG: [UInt8] = bytes(
  """
  ffd8ffee000e41646f626500640000000000ffdb004300080606070605080707070909080a0c140d0c0b0b0c1912130f
  141d1a1f1e1d1a1c1c20242e2720222c231c1c2837292c30313434341f27393d38323c2e333432ffc000140800080008
  044322004d11005911004b1100ffc4001f0000010501010101010100000000000000000102030405060708090a0bffc4
  00b5100002010303020403050504040000017d01020300041105122131410613516107227114328191a1082342b1c115
  52d1f02433627282090a161718191a25262728292a3435363738393a434445464748494a535455565758595a63646566
  6768696a737475767778797a838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2
  c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9faffda000e0443004d005900
  4b00003f00f7fa28a2be7faf9febdfebffd9
  """)

/// Bytes from hexadecimal digits; white space is skipped.
func bytes(_ hexadecimal: String) -> [UInt8] {
  let digits = hexadecimal.compactMap(\.hexDigitValue)
  return stride(from: 0, to: digits.count - 1, by: 2).map {
    UInt8(digits[$0] * 16 + digits[$0 + 1])
  }
}
