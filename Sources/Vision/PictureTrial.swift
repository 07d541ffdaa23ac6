/// A tiny picture in every format, each decoded and compared with what it shows.
///
/// It is of 16×16 pixels: red and green above, blue and gray below, so that turned pictures and
/// exchanged colours show.
package enum PictureTrial {
  /// What came of a format.
  package enum Outcome: Hashable, Sendable {
    case right
    /// The installed OpenCV is built without it.
    case notBuiltIn
    /// Why it is not what it should be.
    case wrong(String)
  }

  /// Decodes the picture of a format.
  package static func outcome(of format: PictureFormat) -> Outcome {
    outcome(of: format, bytes: file(of: format))
  }

  static func outcome(of format: PictureFormat, bytes: [UInt8]) -> Outcome {
    let picture: Image
    do { picture = try Image(decoding: bytes, path: format.name) } catch {
      if case .notBuiltIn = error { return .notBuiltIn }
      return .wrong("\(error)")
    }
    guard picture.width == side, picture.height == side else {
      return .wrong("\(format.name): \(picture.width)x\(picture.height) pixels of \(side)x\(side)")
    }
    // JPEG and AVIF come close to the colours, all others keep them.
    let tolerance = format == .jpeg || format == .avif ? 3 : 0
    let difference = zip(picture.pixels, pixels).map { abs(Int($0) - Int($1)) }.max() ?? 0
    return difference <= tolerance
      ? .right : .wrong("\(format.name): a sample is \(difference) beside what it should be")
  }

  private static let side = 16

  /// What every picture shows.
  static var pixels: [UInt8] {
    let colors: [[UInt8]] = [[200, 40, 40], [40, 200, 40], [40, 40, 200], [128, 128, 128]]
    var samples: [UInt8] = []
    for y in 0..<side {
      for x in 0..<side { samples += colors[y / 8 * 2 + x / 8] }
    }
    return samples
  }

  /// The file of a format.
  static func file(of format: PictureFormat) -> [UInt8] {
    switch format {
    case .jpeg: bytes(jpeg)
    case .png: bytes(png)
    case .webp: bytes(webp)
    case .tiff: bytes(tiff)
    case .jpeg2000: bytes(jpeg2000)
    case .avif: bytes(avif)
    case .netpbm: Array("P6 16 16 255\n".utf8) + pixels
    case .bmp: bmp
    case .sunRaster: sunRaster
    }
  }

  /// The headers of BITMAPFILEHEADER and BITMAPINFOHEADER, then rows from the bottom, blue first.
  private static var bmp: [UInt8] {
    let words: [UInt32] = [54 + 768, 0, 54, 40, 16, 16, 1 | 24 << 16, 0, 768, 2835, 2835, 0, 0]
    var file = Array("BM".utf8)
    for word in words { file += bigEndian(word).reversed() }
    for row in (0..<side).reversed() { file += blueFirst(row) }
    return file
  }

  /// The header of rasterfile(5), then rows from the top, blue first: type 1. That of red first, 3, is
  /// not read by OpenCV 4.6.
  private static var sunRaster: [UInt8] {
    let words: [UInt32] = [0x59A6_6A95, 16, 16, 24, 768, 1, 0, 0]
    return words.flatMap(bigEndian) + (0..<side).flatMap(blueFirst)
  }

  /// A row of the picture as blue, green, red.
  private static func blueFirst(_ row: Int) -> [UInt8] {
    let shown = pixels
    return stride(from: row * side * 3, to: (row + 1) * side * 3, by: 3).flatMap { start in
      [shown[start + 2], shown[start + 1], shown[start]]
    }
  }

  private static func bigEndian(_ word: UInt32) -> [UInt8] {
    [UInt8(word >> 24), UInt8(word >> 16 & 0xFF), UInt8(word >> 8 & 0xFF), UInt8(word & 0xFF)]
  }

  /// The bytes of digits to the base 16.
  private static func bytes(_ digits: String) -> [UInt8] {
    let values: [UInt8] = digits.utf8.map { $0 < 0x3A ? $0 - 0x30 : $0 - 0x57 }
    return stride(from: 0, to: values.count - 1, by: 2).map { values[$0] << 4 | values[$0 + 1] }
  }

  /// Of quality 95, all three components of full size.
  private static let jpeg =
    """
    ffd8ffe000104a46494600010100000100010000ffdb0043000201010101010201010102020202020403\
    020202020504040304060506060605060606070908060709070606080b08090a0a0a0a0a06080b0c0b0a\
    0c090a0a0affdb004301020202020202050303050a0706070a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a\
    0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0affc00011080010001003\
    011100021101031101ffc4001500010100000000000000000000000000000809ffc40014100100000000\
    000000000000000000000000ffc40018010003010100000000000000000000000007090a0608ffc40014\
    110100000000000000000000000000000000ffda000c03010002110311003f002f8266805c02e9b34cf5\
    0a3b61460afdb47fffd9
    """
  private static let png =
    """
    89504e470d0a1a0a0000000d4948445200000010000000100802000000909168360000002a4944415478\
    da633ca1a1c1800d242cc02accc0c4402218d5400c60d4d0388155222262c76828d14f03002dae04b783\
    96bdb30000000049454e44ae426082
    """
  /// Lossless.
  private static let webp =
    """
    5249464634000000574542505650384c270000002f0fc003000591b68d9dc9bcbc1b1b1c170824a18e36\
    aa40200975b451fb3f014c5fda8375680f00
    """
  /// One strip, packed by LZW.
  private static let tiff =
    """
    49492a00720000008032050288141207058441e150b84c1a1d0d8144219138743e291283462350b8b476\
    371b8f472411f8bc962b2392ca24326944aa312b96cb24d30994d634809c4e6753b9e4e66d179ed06853\
    f8f50a8d3ba24428f4b40526194ca3d3a1f50a354a1154a1cd26158a0c040a0000010300010000001000\
    00000101030001000000100000000201030003000000f000000003010300010000000500000006010300\
    010000000200000011010400010000000800000015010300010000000300000016010300010000001000\
    000017010400010000006a0000001c010300010000000100000000000000080008000800
    """
  /// Reversible.
  private static let jpeg2000 =
    """
    0000000c6a5020200d0a870a00000014667479706a703220000000006a7032200000002d6a7032680000\
    00166968647200000010000000100003070700000000000f636f6c7201000000000010000001176a7032\
    63ff4fff51002f0000000000100000001000000000000000000000001000000010000000000000000000\
    03070101070101070101ff52000c00000001000004040001ff5c00044040ff6400250001437265617465\
    64206279204f70656e4a5045472076657273696f6e20322e352e34ff90000a00000000009f0001ff93cf\
    b4bc14005b43d8ce788cf3800b6de3091c63c4482fdab3c7800611e629c47dca6890975d200ed8540000\
    0061212fd2743fcfb4bc11505343db00e40086e760638f34c1c67e7d6000308f314e23ee53447dca6890\
    94a3b5c8ed500000018484bf53747fcfb4a8115054adccbdf002425df520e20b85aaef626f0000000612\
    12419c338c2425fb00a28800018484bf4cf4ffd9
    """
  /// Of quality 100, all three components of full size.
  private static let avif =
    """
    00000020667479706176696600000000617669666d6966316d6961664d413141000000eb6d6574610000\
    00000000002168646c72000000000000000070696374000000000000000000000000000000000e706974\
    6d0000000000010000001e696c6f63000000004400000100010000000100000113000000280000002869\
    696e660000000000010000001a696e6665020000000001000061763031436f6c6f72000000006a697072\
    700000004b6970636f000000146973706500000000000000100000001000000010706978690000000003\
    0808080000000c617631438120000000000013636f6c726e636c780001000d0006800000001769706d61\
    000000000000000100010401028304000000306d64617412000a08380cfff9404341a4321a440000ac79\
    0db5b43da009cf1ba3648c36748ad1cee3088d7920
    """
}
