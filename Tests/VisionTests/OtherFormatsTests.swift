import Foundation
import Testing

@testable import Vision

@Suite struct OtherFormatsTests {
  // Netpbm: P6 is bytes of red, green, blue; P3 and P1 are digits; 1 is black in P1.
  @Test(
    arguments: [
      (Array("P6\n# made by hand\n2 1\n255\n".utf8) + [1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6]),
      (Array("P3 2 1 255 1 2 3 4 5 6\n".utf8), [1, 2, 3, 4, 5, 6]),
      (Array("P1\n2 1\n1 0\n".utf8), [0, 0, 0, 255, 255, 255]),
    ] as [([UInt8], [UInt8])])
  func `Netpbm's formats are read`(bytes: [UInt8], pixels: [UInt8]) throws {
    let header = try PictureHeader(of: bytes, path: "x.ppm")
    #expect(header.format == .netpbm && header.width == 2 && header.height == 1)
    #expect(try Image(decoding: bytes, path: "x.ppm").pixels == pixels)
  }

  @Test func `all formats that are written are read again`() throws {
    // JPEG 2000 needs 32 pixels each way: OpenCV asks for five halvings.
    let picture = gradient(width: 48, height: 40)
    for format in PictureFormat.written {
      let bytes = try picture.encoded(as: format)
      let header = try PictureHeader(of: bytes, path: "x")
      #expect(header.format == format && header.width == 48 && header.height == 40)
      #expect(try Image(decoding: bytes, path: "x").width == 48)
      let gray = try Image(width: 35, height: 33, channels: 1).encoded(as: format)
      #expect(try Image(decoding: gray, channels: 1, path: "x").height == 33)
    }
    #expect(PictureFormat(path: "a.JP2") == .jpeg2000 && PictureFormat(path: "a.avif") == .avif)
  }

  @Test func `broken ones are explained`() throws {
    let cut = Array("P6 100 100 255\n".utf8) + [1, 2, 3]
    #expect(throws: VisionError.truncated(path: "x", format: .netpbm)) {
      try Image(decoding: cut, path: "x")
    }
    #expect(
      throws: VisionError.corrupt(
        path: "x", format: .netpbm, reason: "'-4' where a size was expected")
    ) {
      try Image(decoding: Array("P6 -4 2 255\n".utf8), path: "x")
    }
    let box: [UInt8] = [0, 0, 0, 0x0C, 0x6A, 0x50, 0x20, 0x20, 0x0D, 0x0A, 0x87, 0x0A]
    #expect(throws: VisionError.truncated(path: "x", format: .jpeg2000)) {
      try Image(decoding: box, path: "x")
    }
  }

  // ISO 23008-12: the property "ispe" says the size. Where OpenCV lacks AVIF that is what is said.
  @Test func `AVIF is known, and refused by name where OpenCV lacks it`() throws {
    var bytes: [UInt8] = [0, 0, 0, 16]
    bytes += Array("ftypavif".utf8)
    bytes += [0, 0, 0, 0, 0, 0, 0, 20]
    bytes += Array("ispe".utf8)
    bytes += [0, 0, 0, 0]
    bytes += bigEndian(64) + bigEndian(48)
    let header = try PictureHeader(of: bytes, path: "x.avif")
    #expect(header.width == 64 && header.height == 48)
    let error = #expect(throws: VisionError.self) { try Image(decoding: bytes, path: "x.avif") }
    if !PictureFormat.avif.isBuiltIn {
      #expect(
        error?.description
          == "x.avif: AVIF, which the installed OpenCV does not know; use PNG")
    }
  }
}

@Suite struct HostileFilesTests {
  @Test func `a pipe, a device and a pointer of Git LFS are no pictures`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/a.jpg"
      #expect(mkfifo(path, 0o600) == 0)
      #expect(throws: VisionError.unreadable(path: path, reason: "it is a pipe, not a file")) {
        try Image(contentsOf: path)
      }
      #expect(
        throws: VisionError.unreadable(path: "/dev/zero", reason: "it is a device, not a file")
      ) { try Image(contentsOf: "/dev/zero") }
      let pointer = "\(folder)/b.jpg"
      try writeFile(Array("version https://git-lfs.github.com/spec/v1\n".utf8), to: pointer)
      let error = #expect(throws: VisionError.self) { try Image(contentsOf: pointer) }
      #expect(
        error?.description
          == "\(pointer): is a Git LFS pointer, not the file itself; 'git lfs pull' fetches that")
    }
  }

  // 50 GB that take no room on the disk, behind a whole picture of 8×6 and behind the start of one.
  @Test func `a sparse file behind a header costs nothing`() throws {
    try withTemporaryFolder { folder in
      let bytes = try gradient(width: 8, height: 6).encoded(as: .jpeg)
      for (name, start) in [("whole", bytes), ("start", Array(bytes[..<20]))] {
        let path = "\(folder)/\(name).jpg"
        try writeFile(start, to: path)
        try #require(truncate(path, 50 << 30) == 0)
        let error = #expect(throws: VisionError.self) { try Image(contentsOf: path) }
        let expected: VisionError =
          name == "whole"
          ? .tooManyBytes(path: path, bytes: 50 << 30, limit: 64 << 20 + 16 * 48)
          : .truncated(path: path, format: .jpeg)
        #expect(error == expected)
      }
    }
  }

  // 12,000² is 144 megapixels.
  @Test func `the refusal of a large picture says how to open it`() {
    #expect(
      VisionError.tooLarge(path: "x.png", width: 12_000, height: 12_000).description
        == "x.png: 12000x12000 pixels, 144 megapixels; at most 100 are opened unless '--max-pixels "
        + "144M' says so")
  }
}
