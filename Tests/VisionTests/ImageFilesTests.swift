import Testing

@testable import Vision

@Suite(.serialized) struct ImageFilesTests {
  @Test(arguments: commonFormats)
  func `a picture survives a round trip through a file`(format: PictureFormat) throws {
    let picture = gradient(width: 37, height: 23)
    try withTemporaryFolder { folder in
      let path = "\(folder)/picture.\(format.extensions[0])"
      try picture.write(to: path, quality: format == .webp ? 101 : 95)
      let back = try Image(contentsOf: path)
      let difference = try #require(back.largestDifference(from: picture))
      // JPEG halves the resolution of colour.
      #expect(difference <= (format == .jpeg ? 24 : 0))
      #expect(try PictureHeader(contentsOf: path).format == format)
      #expect(try PictureHeader(contentsOf: path).width == 37)
      #expect(try PictureHeader(contentsOf: path).height == 23)
      #expect(entries(of: folder) == ["picture.\(format.extensions[0])"])
    }
  }

  @Test(arguments: commonFormats)
  func `gray pictures stay gray and open as colour too`(format: PictureFormat) throws {
    let picture = gradient(width: 20, height: 31, channels: 1)
    let bytes = try picture.encoded(as: format, quality: format == .webp ? 101 : 95)
    let gray = try Image(decoding: bytes, channels: 1)
    let color = try Image(decoding: bytes, channels: 3)
    // WebP has no gray: the way through colour rounds.
    #expect(try #require(gray.largestDifference(from: picture)) <= (format == .jpeg ? 4 : 1))
    #expect(color.channels == 3)
    for (x, y) in [(0, 0), (19, 30), (7, 11)] {
      let pixel = color[x, y]
      #expect(pixel.red == pixel.green && pixel.green == pixel.blue)
    }
  }

  // 0.299·255 = 76, 0.587·255 = 150, 0.114·255 = 29 (Rec. 601).
  @Test(arguments: commonFormats)
  func `colour becomes gray by its luma`(format: PictureFormat) throws {
    for (color, expected) in [
      (Color(red: 255, green: 0, blue: 0), 76), (Color(red: 0, green: 255, blue: 0), 150),
      (Color(red: 0, green: 0, blue: 255), 29),
    ] {
      let bytes = try Image(width: 16, height: 16, filledWith: color).encoded(as: format)
      let gray = try Image(decoding: bytes, channels: 1)
      #expect(abs(Int(gray[8, 8].red) - expected) <= 2)
    }
  }

  @Test func `channels come in the order red, green, blue`() throws {
    let color = Color(red: 200, green: 100, blue: 10)
    for format in commonFormats {
      let bytes = try Image(width: 8, height: 8, filledWith: color).encoded(as: format)
      let pixel = try Image(decoding: bytes)[4, 4]
      #expect(abs(Int(pixel.red) - 200) <= 3, "\(format)")
      #expect(abs(Int(pixel.green) - 100) <= 3, "\(format)")
      #expect(abs(Int(pixel.blue) - 10) <= 3, "\(format)")
    }
  }

  // An upright 2×1 picture, black then white, stored at each orientation (EXIF 2.32, 0x0112).
  // PNG stores [0, 255] as row or column; the eXIf chunk says how to turn it.
  @Test(arguments: [
    (1, false, [0, 255]), (2, false, [255, 0]), (3, false, [255, 0]), (4, false, [0, 255]),
    (5, true, [0, 255]), (6, true, [255, 0]), (7, true, [255, 0]), (8, true, [0, 255]),
  ])
  func `orientation is applied`(orientation: Int, isTurned: Bool, expected: [UInt8]) throws {
    let stored = Image(
      width: isTurned ? 1 : 2, height: isTurned ? 2 : 1, channels: 1, pixels: [0, 255])
    let png = try withOrientation(orientation, png: stored.encoded(as: .png))
    let picture = try Image(decoding: png, channels: 1)
    #expect(picture.width == 2 && picture.height == 1)
    #expect(picture.pixels == expected)
  }

  @Test(arguments: 1...8)
  func `orientation means the same in JPEG, PNG, WebP and TIFF`(orientation: Int) throws {
    let picture = gradient(width: 48, height: 32)
    let png = try Image(decoding: withOrientation(orientation, png: picture.encoded(as: .png)))
    let jpeg = try Image(decoding: withOrientation(orientation, jpeg: picture.encoded(as: .jpeg)))
    let webp = try Image(
      decoding: withOrientation(orientation, webp: picture.encoded(as: .webp, quality: 101)))
    let tiff = try Image(decoding: withOrientation(orientation, tiff: picture.encoded(as: .tiff)))
    #expect(webp == png)
    #expect(tiff == png)
    #expect(try #require(jpeg.largestDifference(from: png)) <= 24)
    #expect(png.width == (orientation > 4 ? 32 : 48))
    // Where the stored top left corner (red 0, green 0) goes.
    let corners = [
      1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1), 5: (0, 0), 6: (1, 0), 7: (1, 1), 8: (0, 1),
    ]
    let (right, down) = try #require(corners[orientation])
    let corner = png[right * (png.width - 1), down * (png.height - 1)]
    #expect(corner == Color(red: 0, green: 0, blue: 255))
  }

  @Test func `transparent pixels keep their stored colours`() throws {
    // One pixel, RGBA (10, 20, 30, 0), as PNG by hand: zlib's stored block of filter byte and
    // pixel.
    let raw: [UInt8] = [0, 10, 20, 30, 0]
    let (low, high) = raw.reduce((1, 0)) { ($0.0 + Int($1), $0.1 + $0.0 + Int($1)) }
    let adler = [UInt8(high >> 8), UInt8(high & 255), UInt8(low >> 8), UInt8(low & 255)]
    let data: [UInt8] = [0x78, 0x01, 0x01, 5, 0, 0xFA, 0xFF] + raw + adler
    let png =
      pngSignature + chunk("IHDR", [0, 0, 0, 1, 0, 0, 0, 1, 8, 6, 0, 0, 0]) + chunk("IDAT", data)
      + chunk("IEND", [])
    #expect(try Image(decoding: png)[0, 0] == Color(red: 10, green: 20, blue: 30))
  }

  @Test func `16-bit samples keep their upper byte`() throws {
    let raw: [UInt8] = [0, 0x12, 0xFF, 0xAB, 0x01]
    let (low, high) = raw.reduce((1, 0)) { ($0.0 + Int($1), $0.1 + $0.0 + Int($1)) }
    let adler = [UInt8(high >> 8), UInt8(high & 255), UInt8(low >> 8), UInt8(low & 255)]
    let data: [UInt8] = [0x78, 0x01, 0x01, 5, 0, 0xFA, 0xFF] + raw + adler
    let png =
      pngSignature + chunk("IHDR", [0, 0, 0, 2, 0, 0, 0, 1, 16, 0, 0, 0, 0]) + chunk("IDAT", data)
      + chunk("IEND", [])
    #expect(try Image(decoding: png, channels: 1).pixels == [0x12, 0xAB])
  }

  @Test func `a large JPEG is shrunk while it is decoded`() throws {
    let picture = gradient(width: 801, height: 400)
    try withTemporaryFolder { folder in
      let path = "\(folder)/large.jpg"
      try picture.write(to: path)
      // 801 / 4 = 200.25 ≥ 200; 801 / 8 would be too small.
      let shrunk = try Image(contentsOf: path, shrunkTowards: 200)
      #expect(shrunk.width == 201 && shrunk.height == 100)
      let whole = try Image(contentsOf: path, shrunkTowards: 500)
      #expect(whole.width == 801)
      let reference = try picture.resized(width: 201, height: 100, interpolation: .area)
      #expect(try #require(shrunk.largestDifference(from: reference)) <= 12)
    }
  }

  // Recipe: python3 -c "from PIL import Image; Image.new('CMYK', (8, 8), (0, 255, 255,
  // 0)).save(...)": full magenta and yellow are red. Pillow stores the complement, and says so by
  // an Adobe segment.
  @Test func `inks become light`() throws {
    let picture = try Image(decoding: inkJPEG)
    #expect(picture.width == 8 && picture.height == 8)
    let pixel = picture[3, 3]
    #expect(pixel.red >= 250 && pixel.green <= 5 && pixel.blue <= 5)
    #expect(abs(Int(try Image(decoding: inkJPEG, channels: 1)[3, 3].red) - 76) <= 2)
  }

  @Test func `files that are no pictures are explained`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/x.jpg"
      #expect(throws: VisionError.unreadable(path: path, reason: "No such file or directory")) {
        try Image(contentsOf: path)
      }
      #expect(throws: VisionError.unreadable(path: folder, reason: "it is a folder")) {
        try Image(contentsOf: folder)
      }
      try writeFile([], to: path)
      #expect(throws: VisionError.empty(path: path)) { try Image(contentsOf: path) }
      try writeFile(Array("hello, this is text".utf8), to: path)
      #expect(throws: VisionError.notAPicture(path: path)) { try Image(contentsOf: path) }
      #expect(
        VisionError.notAPicture(path: path).description
          == "\(path): not a picture; expected JPEG, PNG, BMP, WebP, TIFF, PBM/PGM/PPM, "
          + "JPEG 2000, AVIF, Sun raster")
    }
  }

  @Test func `the name of a file does not decide its format`() throws {
    try withTemporaryFolder { folder in
      try writeFile(gradient(width: 9, height: 9).encoded(as: .png), to: "\(folder)/x.jpg")
      #expect(try Image(contentsOf: "\(folder)/x.jpg") == gradient(width: 9, height: 9))
    }
  }

  @Test func `what cannot be written is explained`() throws {
    let picture = gradient(width: 4, height: 4)
    try withTemporaryFolder { folder in
      let expected = ["jpg", "png", "bmp", "webp", "tif", "ppm", "jp2", "ras"]
      #expect(throws: VisionError.unknownExtension(path: "\(folder)/x.gif", expected: expected)) {
        try picture.write(to: "\(folder)/x.gif")
      }
      let path = "\(folder)/none/x.png"
      #expect(throws: VisionError.unwritable(path: path, reason: "No such file or directory")) {
        try picture.write(to: path)
      }
      #expect(throws: VisionError.unwritable(path: "/dev/full/x.png", reason: "Not a directory")) {
        try picture.write(to: "/dev/full/x.png")
      }
      #expect(entries(of: folder).isEmpty)
    }
  }

  @Test func `threads decode at the same time, whole and broken files`() async throws {
    let picture = gradient(width: 120, height: 90)
    let files = try commonFormats.map { try picture.encoded(as: $0) }
    let expected = try files.map { try Image(decoding: $0) }
    let wrong = await withTaskGroup(of: Int.self) { group in
      for _ in 0..<8 {
        group.addTask {
          (0..<40).reduce(0) { wrong, round in
            let file = files[round % files.count]
            let isBroken = (try? Image(decoding: Array(file.dropLast(file.count / 2)))) == nil
            let isRight = (try? Image(decoding: file)) == expected[round % files.count]
            return wrong + (isBroken && isRight ? 0 : 1)
          }
        }
      }
      return await group.reduce(0, +)
    }
    #expect(wrong == 0)
  }
}
