import Testing

@testable import Reports

@Suite struct PageWidthTests {
  // Eleven columns of 78 letters in all. A letter of the page's fonts is about 0.55 of its size wide: at
  // 0.8 rem, with 0.4 rem at each side of a cell, 34.3 + 8.8 = 43.1 rem, which a window of 48 rem (768
  // pixels) holds with its margins of 2; at 0.9 rem and 0.75 rem it was 55.1.
  @Test func `the widest table fits a small window`() throws {
    let page = HTMLReport(title: "t").html
    let rule = try #require(
      page.firstMatch(
        of:
          /@media \(max-width: (\d+)rem\) \{\s+table \{ font-size: ([\d.]+)rem; \} th, td \{ padding: [\d.]+rem ([\d.]+)rem/
      ))
    let (below, size, side) = (
      try #require(Double(rule.1)), try #require(Double(rule.2)), try #require(Double(rule.3))
    )
    #expect(78 * 0.55 * size + 11 * 2 * side <= 48 - 2)
    // Where the rule does not hold, the usual type fits.
    #expect(78 * 0.55 * 0.9 + 11 * 2 * 0.75 <= below - 2)
  }
}
