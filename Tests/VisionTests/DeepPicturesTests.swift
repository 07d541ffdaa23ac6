import Testing

@testable import Vision

@Suite struct DeepPicturesTests {
  /// A gray PNG of 16-bit samples: each row a filter byte of 0 and two bytes a sample, in one
  /// stored block of deflate.
  private func png(_ samples: [[Int]]) -> [UInt8] {
    var rows: [UInt8] = []
    for row in samples {
      rows.append(0)
      for sample in row { rows += [UInt8(sample >> 8), UInt8(sample & 255)] }
    }
    // Adler-32 (RFC 1950): a sum of the bytes, and a sum of these sums.
    var (low, high) = (1, 0)
    for byte in rows {
      low = (low + Int(byte)) % 65521
      high = (high + low) % 65521
    }
    let count = Array(littleEndian(rows.count)[..<2])
    var block: [UInt8] = [0x78, 1, 1]
    block += count
    block += count.map { ~$0 }
    block += rows
    block += bigEndian(high << 16 | low)
    let header = bigEndian(samples[0].count) + bigEndian(samples.count) + [16, 0, 0, 0, 0]
    return pngSignature + chunk("IHDR", header)
      + chunk("IDAT", block) + chunk("IEND", [])
  }

  // 12 bits: 0, 1365, 2730, 4095 are thirds of the range; the upper bytes alone would be 0, 5, 10,
  // 15.
  @Test(arguments: [1, 3]) func `a nearly dark picture is scaled by its own range`(channels: Int)
    throws
  {
    let image = try Image(
      decoding: png([[0, 1365], [2730, 4095]]), channels: channels, path: "x")
    #expect(
      image.pixels
        == [0, 85, 170, 255].flatMap { [UInt8](repeating: $0, count: channels) })
    #expect(image.scaledFrom == 0...4095)
  }

  // From 100 to 300: 150 is a quarter, 63.75.
  @Test func `the smallest sample becomes black`() throws {
    let image = try Image(decoding: png([[100, 150], [300, 100]]), channels: 1, path: "x")
    #expect(image.pixels == [0, 64, 255, 0] && image.scaledFrom == 100...300)
  }

  @Test func `a picture that uses its range keeps the upper byte`() throws {
    let image = try Image(decoding: png([[0, 255], [256, 0x4000]]), channels: 1, path: "x")
    #expect(image.pixels == [0, 0, 1, 0x40] && image.scaledFrom == nil)
    let black = try Image(decoding: png([[0, 0], [0, 0]]), channels: 1, path: "x")
    #expect(black.pixels == [0, 0, 0, 0] && black.scaledFrom == nil)
  }

  // Netpbm, pgm(5): samples above 255 are two bytes, the more significant first.
  @Test func `a PGM of 10 bits is deep, one of 8 is not`() throws {
    let deep = Array("P5 2 1 1023\n".utf8) + [0, 0, 3, 0xFF]
    let image = try Image(decoding: deep, channels: 1, path: "x")
    #expect(image.pixels == [0, 255] && image.scaledFrom == 0...1023)
    let flat = try Image(decoding: Array("P5 2 1 255\n".utf8) + [7, 9], channels: 1, path: "x")
    #expect(flat.pixels == [7, 9] && flat.scaledFrom == nil)
  }

  @Test func `what was scaled is told once for each file`() throws {
    try withTemporaryFolder { folder in
      try writeFile(png([[0, 1], [2, 3]]), to: "\(folder)/a.png")
      let before = ScaledPictures.summary?.count ?? 0
      for _ in 0..<3 { _ = try Image(contentsOf: "\(folder)/a.png") }
      let after = try #require(ScaledPictures.summary)
      // Other tests may read theirs meanwhile.
      #expect(after.count > before)
      #expect(ScaledPictures.line != nil)
    }
  }

  @Test func `one is told of with its values, several with those of the first`() {
    #expect(
      ScaledPictures.line(1, "a.png", 0...3)
        == "a.png: more than 8 bits and nearly dark; its values, 0 to 3, were scaled to the full range"
    )
    #expect(
      ScaledPictures.line(2, "a.png", 0...3)
        == "2 pictures of more than 8 bits were nearly dark; each was scaled by its own range (a.png: 0 "
        + "to 3)")
  }
}
