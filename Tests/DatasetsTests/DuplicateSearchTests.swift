import Testing
import Vision

@testable import Datasets

@Suite struct DuplicateSearchTests {
  /// Drawn pictures: shapes on textures, each of its own seed.
  private func pictures(_ count: Int) -> [Image] {
    (0..<count).map { index in
      SyntheticPicture(
        seed: 11, index: index, shapes: SyntheticShape.allCases, side: 128, maximumObjects: 6
      ).image
    }
  }

  private func gray(_ image: Image) throws -> Thumbnail {
    let bytes = try image.encoded(as: .png)
    return try Thumbnail(Image(decoding: bytes, channels: 1))
  }

  @Test func `copies are found among strangers, whatever was done to them`() throws {
    let originals = pictures(60)
    var thumbnails = try originals.map(gray)
    let copies = try Copy.allCases.enumerated().map { index, copy in
      try copy.made(of: originals[7 * index])
    }
    thumbnails += try copies.map(gray)
    let matches = DuplicateSearch(thumbnails).matches(workers: 2)
    let expected = Copy.allCases.indices.map { [7 * $0, 60 + $0] }
    #expect(matches.map { [$0.first, $0.second] } == expected)
    #expect(matches.allSatisfy { (0.93...1).contains($0.similarity) })
  }

  @Test func `the number of threads does not show`() throws {
    let thumbnails = try (pictures(12) + pictures(12)).map(gray)
    let one = DuplicateSearch(thumbnails).matches(workers: 0)
    #expect(one == DuplicateSearch(thumbnails).matches(workers: 3))
    #expect(one.map { [$0.first, $0.second] } == (0..<12).map { [$0, $0 + 12] })
  }

  @Test func `flat pictures and missing ones are not compared`() throws {
    let flat = try gray(Image(width: 30, height: 30, filledWith: Color(gray: 9)))
    #expect(flat.isFlat)
    let picture = try gray(pictures(1)[0])
    #expect(!picture.isFlat)
    let matches = DuplicateSearch([flat, nil, flat, picture, nil, picture]).matches(workers: 0)
    #expect(matches == [.init(first: 3, second: 5, similarity: matches.first?.similarity ?? 0)])
    #expect(DuplicateSearch([]).matches(workers: 1).isEmpty)
  }

  // Six hundred equal pictures: every one meets candidates enough to be linked, and none is
  // compared with all.
  @Test func `many equal pictures are found without comparing all with all`() throws {
    let thumbnails = [Thumbnail?](repeating: try gray(pictures(1)[0]), count: 600)
    let matches = DuplicateSearch(thumbnails).matches(workers: 2)
    #expect(matches.count <= 600 * DuplicateSearch.candidateLimit)
    #expect(Set(matches.flatMap { [$0.first, $0.second] }).count == 600)
  }

  @Test func `the part that resembles most is found`() throws {
    let picture = pictures(1)[0]
    let cropped = try Copy.cropAll.made(of: picture)
    let (whole, part) = (try gray(picture), try gray(cropped))
    let unaligned = whole.similarity(to: part, from: PictureWindow())
    let aligned = whole.similarity(
      to: part, from: PictureWindow(x0: 0.05, y0: 0.05, x1: 0.95, y1: 0.95))
    #expect(aligned > 0.97 && aligned >= unaligned - 1e-3)
    #expect(whole.similarity(to: whole, from: PictureWindow()) > 0.9999)
  }

  @Test func `brightness and contrast do not change a hash, weak bits are tried both ways`() throws
  {
    let thumbnail = try gray(pictures(1)[0])
    let hashes = PerceptualHash.hashes(of: thumbnail)
    #expect(hashes.count == PerceptualHash.windows.count)
    #expect(hashes[0] == PerceptualHash.hashes(of: thumbnail, wholeOnly: true)[0])
    let probes = hashes[0].probes(band: 1)
    #expect(Set(probes).count == 16)
    #expect(probes[0] == UInt16(truncatingIfNeeded: hashes[0].bits >> 16))
    #expect(probes.allSatisfy { ($0 ^ probes[0]).nonzeroBitCount <= 4 })
  }
}

/// What people do to pictures before they end up in a data set twice.
enum Copy: CaseIterable {
  case quality50, smaller, larger, cropAll, cropHalf, cropLeft, cropCorner, cropBottom

  func made(of image: Image) throws -> Image {
    let (w, h) = (image.width, image.height)
    func cropped(_ left: Double, _ top: Double, _ right: Double, _ bottom: Double) -> Image {
      let (x0, y0) = (Int(Double(w) * left), Int(Double(h) * top))
      let (x1, y1) = (Int(Double(w) * (1 - right)), Int(Double(h) * (1 - bottom)))
      var result = Image(width: x1 - x0, height: y1 - y0)
      result.paste(image, left: -x0, top: -y0)
      return result
    }
    switch self {
    case .quality50: return try Image(decoding: image.encoded(as: .jpeg, quality: 50))
    case .smaller: return try image.resized(width: w * 4 / 5, height: h * 4 / 5)
    case .larger: return try image.resized(width: w * 6 / 5, height: h * 6 / 5)
    case .cropAll: return cropped(0.05, 0.05, 0.05, 0.05)
    case .cropHalf: return cropped(0.025, 0.025, 0.025, 0.025)
    case .cropLeft: return cropped(0.05, 0, 0, 0)
    case .cropCorner: return cropped(0.05, 0.05, 0, 0)
    case .cropBottom: return cropped(0, 0, 0, 0.05)
    }
  }
}
