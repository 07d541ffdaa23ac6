import Boxes
import Testing

@testable import Vision

@Suite struct FontsTests {
  /// Whether FreeType and a font with accents and Cyrillic letters are there.
  private static let hasFonts = (try? Fonts.shared.fonts(for: "éж")) != nil
  /// Whether a font with Chinese characters is there.
  private static let hasChinese = (try? Fonts.shared.fonts(for: "犬")) != nil

  @Test(.enabled(if: hasFonts, "no font is installed"))
  func `letters with accents and of other alphabets are drawn as they are`() throws {
    let plain = try TextMask("e", size: 40, fonts: Fonts(in: []))
    let accented = try TextMask("é", size: 40)
    #expect(accented.height == 40 && accented.coverage != plain.coverage)
    // The accent stands above a letter that reaches about half of the line.
    let bare = try TextMask("ë", size: 40)
    #expect(bare.coverage != accented.coverage)
    #expect(try TextMask("ж", size: 40).coverage.contains { $0 > 200 })
    #expect(TextMask.problem(with: "naïve Жук Ω") == nil)
    // Nothing is cut off: the first and last rows of capitals with accents and of descenders.
    let tall = try TextMask("Äjgé", size: 40)
    let rows = (0..<40).map { y in tall.coverage[y * tall.width..<(y + 1) * tall.width].max() ?? 0 }
    #expect(rows.prefix(8).contains { $0 > 0 } && rows.suffix(8).contains { $0 > 0 })
  }

  @Test(.enabled(if: hasChinese, "no Chinese font is installed"))
  func `Chinese characters are about as wide as high`() throws {
    let one = try TextMask("犬", size: 40)
    #expect((28...44).contains(one.width))
    let painter = DetectionPainter(names: ["犬"])
    let detection = Detection(
      box: Box(x1: 0, y1: 0, x2: 5, y2: 5), classIndex: 0, confidence: 0.5)
    #expect(painter.label(of: detection) == "犬 0.50")
    #expect(painter.fontProblem == nil)
  }

  @Test func `without a font, what to install is said`() throws {
    let painter = DetectionPainter(names: ["cat", "犬"], fonts: Fonts(in: []))
    let problem = try #require(painter.fontProblem)
    #expect(problem.hasPrefix("the class name '犬' is drawn as 'class 1': "))
    #expect(problem.contains("apt-get install"))
    #expect(DetectionPainter(names: ["cat"], fonts: Fonts(in: [])).fontProblem == nil)
    let accents = DetectionPainter(names: ["café"], fonts: Fonts(in: []))
    #expect(accents.fontProblem?.hasPrefix("the class name 'café' is drawn as 'cafe'") == true)
  }

  @Test func `scripts that join their letters are not drawn wrongly`() {
    #expect(TextMask.problem(with: "كلب") == .needsShaping("ك"))
    #expect(!TextMask.isDrawable("कुत्ता"))
  }

  @Test func `plain faces come before styled ones, and files that are no fonts are passed over`()
    throws
  {
    try withTemporaryFolder { folder in
      for name in [
        "Zeta-Bold.ttf", "DejaVuSans.ttf", "notes.txt", "NotoSansCJK-Regular.ttc", "Abc.otf",
      ] {
        try writeFile([1, 2, 3], to: "\(folder)/\(name)")
      }
      let names = Fonts.files(in: [folder]).map { $0.dropFirst(folder.count + 1) }
      #expect(names == ["DejaVuSans.ttf", "NotoSansCJK-Regular.ttc", "Abc.otf", "Zeta-Bold.ttf"])
      #expect(throws: Fonts.Problem.self) { try Fonts(in: [folder]).fonts(for: "é") }
    }
  }
}
