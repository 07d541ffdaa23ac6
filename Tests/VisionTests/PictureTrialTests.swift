import Testing

@testable import Vision

@Suite struct PictureTrialTests {
  @Test(arguments: PictureFormat.allCases)
  func `the picture of each format shows what it should`(format: PictureFormat) {
    let isAbsent = !format.isBuiltIn
    #expect(PictureTrial.outcome(of: format) == (isAbsent ? .notBuiltIn : .right))
    #expect(PictureFormat(signature: PictureTrial.file(of: format)) == format)
  }

  // Row 0 begins red and ends green; row 15 begins blue and ends gray.
  @Test func `the pictures show four colours`() {
    let pixels = PictureTrial.pixels
    #expect(pixels.count == 16 * 16 * 3)
    #expect(Array(pixels[..<3]) == [200, 40, 40])
    #expect(Array(pixels[45..<48]) == [40, 200, 40])
    #expect(Array(pixels[720..<723]) == [40, 40, 200])
    #expect(Array(pixels[765...]) == [128, 128, 128])
  }

  @Test func `wrong pixels and damage are told`() {
    var bytes = PictureTrial.file(of: .netpbm)
    bytes[bytes.count - 1] = 133
    #expect(
      PictureTrial.outcome(of: .netpbm, bytes: bytes)
        == .wrong("PBM/PGM/PPM: a sample is 5 beside what it should be"))
    let cut = Array(PictureTrial.file(of: .bmp).dropLast(9))
    #expect(PictureTrial.outcome(of: .bmp, bytes: cut) == .wrong("BMP: truncated BMP"))
    let small = Array("P6 1 1 255\n".utf8) + [1, 2, 3]
    #expect(
      PictureTrial.outcome(of: .netpbm, bytes: small) == .wrong("PBM/PGM/PPM: 1x1 pixels of 16x16"))
  }
}
