import Testing

@testable import Reports

@Suite struct PairedBarsTests {
  // On one scale: 64 is all of the width, 32 half of it, 8 of 64 an eighth, 12.5 %.
  @Test func `bars share a scale and say their figures`() {
    let html = PairedBars(
      "layer", [.init("0", whole: 32, left: 32), .init("<1>", whole: 64, left: 8)]
    ).html
    #expect(html.contains("<td class=\"right\">32 of 32, 100 %</td>"))
    #expect(html.contains("class=\"whole\" style=\"width:50.00%\""))
    #expect(html.contains("class=\"whole\" style=\"width:100.00%\""))
    #expect(html.contains("class=\"left\" style=\"width:12.50%\""))
    // 8 of 64 is 12.5 %, a tie that rounds to even.
    #expect(html.contains("8 of 64, 12 %"))
    #expect(html.contains("&lt;1&gt;") && !html.contains("<1>"))
  }

  @Test func `no bars are a table without rows, and what is gone has none of its width`() {
    #expect(!PairedBars("layer", []).html.contains("<td"))
    #expect(
      PairedBars("layer", [.init("3", whole: 16, left: 0)]).html
        .contains("class=\"left\" style=\"width:0.00%\""))
  }

  @Test func `a page has the bars and their style`() {
    var page = HTMLReport(title: "a")
    page.bars(PairedBars("layer", [.init("3", whole: 16, left: 4)]))
    #expect(page.html.contains("4 of 16, 25 %") && page.html.contains(".bars .left"))
  }
}
