import Testing
import _TestSupport

@testable import Vision

// Serialized: the standard error stream, which one test watches, is the process's.
@Suite(.serialized) struct BrokenPicturesTests {
  @Test(arguments: commonFormats)
  func `a picture cut short anywhere is an error that says so`(format: PictureFormat) throws {
    let whole = try noisy(width: 61, height: 47).encoded(as: format)
    // A TIFF written by OpenCV ends with the directory, a JPEG with its end marker.
    for length in stride(from: 1, to: whole.count, by: max(1, whole.count / 400)) {
      let error = #expect(throws: VisionError.self, "\(length) of \(whole.count) bytes") {
        try Image(decoding: Array(whole[..<length]), path: "x")
      }
      if length >= 64, format != .tiff {
        #expect(error == .truncated(path: "x", format: format), "\(length) of \(whole.count)")
      }
    }
    let last = Array(whole.dropLast())
    #expect(throws: VisionError.truncated(path: "x", format: format)) {
      try Image(decoding: last, path: "x")
    }
  }

  @Test func `the message names the file and what is wrong`() throws {
    let whole = try noisy(width: 61, height: 47).encoded(as: .jpeg)
    let error = #expect(throws: VisionError.self) {
      try Image(decoding: Array(whole[..<(whole.count / 2)]), path: "cat.jpg")
    }
    #expect(error?.description == "cat.jpg: truncated JPEG")
  }

  @Test func `damaged JPEG data is an error`() throws {
    var bytes = try noisy(width: 64, height: 64).encoded(as: .jpeg)
    // A restart marker where none belongs ends the data of its segment.
    let middle = bytes.count / 2
    (bytes[middle], bytes[middle + 1]) = (0xFF, 0xD3)
    let error = #expect(throws: VisionError.self) { try Image(decoding: bytes, path: "x") }
    guard case .corrupt("x", .jpeg, let reason) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(reason.hasPrefix("Corrupt JPEG data"))
  }

  @Test func `surplus bytes before the end of a JPEG do no harm`() throws {
    let picture = noisy(width: 64, height: 64)
    let bytes = try picture.encoded(as: .jpeg)
    let padded = bytes.dropLast(2) + [0, 0, 0] + bytes.suffix(2)
    #expect(try Image(decoding: Array(padded)) == Image(decoding: bytes))
  }

  @Test func `damaged PNG data is found by its checksum`() throws {
    var bytes = try noisy(width: 64, height: 64).encoded(as: .png)
    bytes[bytes.count / 2] ^= 1
    let expected = VisionError.corrupt(path: "x", format: .png, reason: "checksum of IDAT")
    #expect(throws: expected) { try Image(decoding: bytes, path: "x") }
  }

  @Test func `claimed sizes cost no memory`() throws {
    func png(_ width: Int, _ height: Int) -> [UInt8] {
      pngSignature + chunk("IHDR", bigEndian(width) + bigEndian(height) + [8, 2, 0, 0, 0])
        + chunk("IDAT", [0x78, 1, 3, 0, 0, 0, 0, 1]) + chunk("IEND", [])
    }
    #expect(throws: VisionError.tooLarge(path: "x", width: 100_000, height: 100_000)) {
      try Image(decoding: png(100_000, 100_000), path: "x")
    }
    let reason = "too little data for 10000x10000 pixels"
    #expect(throws: VisionError.corrupt(path: "x", format: .png, reason: reason)) {
      try Image(decoding: png(10_000, 10_000), path: "x")
    }
    let zero = "a size of 0x5 pixels"
    #expect(throws: VisionError.corrupt(path: "x", format: .png, reason: zero)) {
      try Image(decoding: png(0, 5), path: "x")
    }
    #expect(
      VisionError.tooLarge(path: "x", width: 100_000, height: 100_000).description
        == "x: 100000x100000 pixels, more than OpenCV opens (1073741824 in all, 1000000 a side); "
        + "cut it into tiles")
  }

  @Test func `a bitmap with rows from the top opens upright`() throws {
    var bytes = try gradient(width: 8, height: 6).encoded(as: .bmp)
    bytes.replaceSubrange(22..<26, with: littleEndian(-6 & 0xFFFF_FFFF))
    let picture = try Image(decoding: bytes)
    #expect(picture.height == 6)
    #expect(picture[0, 0] == gradient(width: 8, height: 6)[0, 5])
  }

  @Test func `moving pictures are refused by name`() throws {
    let body = Array("VP8X".utf8) + littleEndian(10) + [2, 0, 0, 0, 7, 0, 0, 7, 0, 0]
    let bytes = Array("RIFF".utf8) + littleEndian(body.count + 4) + Array("WEBP".utf8) + body
    #expect(throws: VisionError.unsupported(path: "x", format: .webp, feature: "animation")) {
      try Image(decoding: bytes, path: "x")
    }
  }

  @Test func `kinds of TIFF that cannot be read are named`() throws {
    let big: [UInt8] = [0x49, 0x49, 0x2B, 0] + [UInt8](repeating: 0, count: 12)
    let feature = "64-bit offsets (BigTIFF)"
    #expect(throws: VisionError.unsupported(path: "x", format: .tiff, feature: feature)) {
      try Image(decoding: big, path: "x")
    }
    // Width 1, height 1, BitsPerSample 32.
    func entry(_ tag: UInt8, _ value: UInt8) -> [UInt8] {
      [tag, 1, 3, 0, 1, 0, 0, 0, value, 0, 0, 0]
    }
    let directory: [UInt8] = [3, 0] + entry(0, 1) + entry(1, 1) + entry(2, 32) + [0, 0, 0, 0]
    let float: [UInt8] = [0x49, 0x49, 0x2A, 0, 8, 0, 0, 0] + directory
    let error = VisionError.unsupported(path: "x", format: .tiff, feature: "32 bits a sample")
    #expect(throws: error) { try Image(decoding: float, path: "x") }
    #expect(error.description == "x: TIFF with 32 bits a sample, which is not supported")
  }

  @Test(arguments: commonFormats)
  func `changed bytes never crash, and say nothing on stderr`(format: PictureFormat) throws {
    var generator = SeededGenerator(seed: 20)
    let whole = try noisy(width: 40, height: 33).encoded(as: format)
    var opened = 0
    let rounds = 600
    let text = try standardError {
      for _ in 0..<rounds {
        var bytes = whole
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
          // Most faults are in the first hundred bytes: headers.
          let end = Bool.random(using: &generator) ? min(100, bytes.count) : bytes.count
          bytes[Int.random(in: 0..<end, using: &generator)] = .random(
            in: 0...255, using: &generator)
        }
        if let picture = try? Image(decoding: bytes) {
          opened += 1
          #expect(picture.pixels.count == picture.width * picture.height * 3)
        }
      }
    }
    #expect(opened < rounds)
    // Other tests' reports may be among it.
    let speakers = ["libpng", "Corrupt", "Premature", "OpenCV", "[", "imdecode", "TIFF", "Warning"]
    let spoken = text.split(separator: "\n").filter { line in
      speakers.contains { line.hasPrefix($0) }
    }
    #expect(spoken.isEmpty)
  }

  @Test(arguments: commonFormats)
  func `random bytes behind a signature never crash`(format: PictureFormat) throws {
    var generator = SeededGenerator(seed: 4)
    let whole = try gradient(width: 16, height: 16).encoded(as: format)
    for round in 0..<300 {
      let kept = [4, 12, 16, 30, 60][round % 5]
      let noise = (0..<Int.random(in: 0...400, using: &generator)).map { _ in
        UInt8.random(in: 0...255, using: &generator)
      }
      let bytes = whole.prefix(kept) + noise
      if let picture = try? Image(decoding: Array(bytes)) {
        #expect(picture.pixels.count == picture.width * picture.height * 3)
      }
    }
    #expect((try? Image(decoding: whole)) != nil)
  }

  private func noisy(width: Int, height: Int) -> Image {
    var generator = SeededGenerator(seed: 7)
    var picture = gradient(width: width, height: height)
    for index in picture.pixels.indices {
      picture.pixels[index] ^= UInt8.random(in: 0...31, using: &generator)
    }
    return picture
  }
}
