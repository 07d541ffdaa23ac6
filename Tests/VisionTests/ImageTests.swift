import Testing

@testable import Vision

@Suite struct ImageTests {
  @Test func `one colour fills a picture`() {
    let picture = Image(width: 3, height: 2, filledWith: Color(red: 1, green: 2, blue: 3))
    #expect(picture.pixels == [1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3])
    #expect(Image(width: 2, height: 1, channels: 1).pixels == [114, 114])
  }

  // Nearest: new pixel x takes the old one ⌊x · 2 / 4⌋.
  @Test func `nearest repeats pixels`() throws {
    let picture = Image(width: 2, height: 1, channels: 1, pixels: [10, 90])
    #expect(
      try picture.resized(width: 4, height: 1, interpolation: .nearest).pixels == [10, 10, 90, 90])
  }

  // Bilinear with aligned centres: new x = 0…3 lie at old −0.25, 0.25, 0.75, 1.25; the ends clamp.
  // 10 + 0.25·80 = 30; 10 + 0.75·80 = 70.
  @Test func `bilinear blends neighbours`() throws {
    let picture = Image(width: 2, height: 1, channels: 1, pixels: [10, 90])
    #expect(
      try picture.resized(width: 4, height: 1, interpolation: .bilinear).pixels == [10, 30, 70, 90])
  }

  // Bilinear shrinking of a checkerboard by 4 takes the middle two of each four; area takes all.
  @Test func `area averages what a pixel covers`() throws {
    let picture = Image(width: 4, height: 1, channels: 1, pixels: [0, 100, 200, 100])
    #expect(try picture.resized(width: 1, height: 1, interpolation: .area).pixels == [100])
    #expect(try picture.resized(width: 1, height: 1, interpolation: .bilinear).pixels == [150])
  }

  @Test(arguments: Interpolation.allCases)
  func `the same size is the same picture`(interpolation: Interpolation) throws {
    let picture = gradient(width: 7, height: 5)
    #expect(try picture.resized(width: 7, height: 5, interpolation: interpolation) == picture)
  }

  // Contrast with black is (L + 0.05) / 0.05, with white 1.05 / (L + 0.05): equal at L = 0.179.
  @Test func `text is black on light colours and white on dark ones`() {
    #expect(Color.white.luminance == 1)
    #expect(Color.black.luminance == 0)
    #expect(Color(red: 255, green: 255, blue: 0).readableText == .black)
    #expect(Color(red: 0, green: 0, blue: 255).readableText == .white)
    #expect(Color(gray: 118).readableText == .black)  // L = 0.181
    #expect(Color(gray: 116).readableText == .white)  // L = 0.174
  }
}
